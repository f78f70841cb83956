use jiff::civil::Date;
use tickwise_market::Symbol;

use crate::{
    Failure,
    json::{Fields, Json},
    parse::check_symbol,
    value,
};

/// Fields with the keys they have in the answer.
macro_rules! overview {
    (
        text { $($text:ident $text_key:literal $text_doc:literal)* }
        date { $($date:ident $date_key:literal $date_doc:literal)* }
        number { $($number:ident $number_key:literal $number_doc:literal)* }
    ) => {
        /// What is known of a company. The provider adds and drops fields, so every
        /// one may be missing; it also writes some missing numbers as 0.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Overview {
            $(#[doc = $text_doc] pub $text: Option<String>,)*
            $(#[doc = $date_doc] pub $date: Option<Date>,)*
            $(#[doc = $number_doc] pub $number: Option<f64>,)*
        }

        impl Overview {
            pub(crate) fn from_json(json: &Json<'_>, symbol: &Symbol) -> Result<Self, Failure> {
                let Some(echoed) = json.get("Symbol").and_then(Json::as_text) else {
                    return Err(Failure::malformed("an overview without Symbol"));
                };
                check_symbol(Some(echoed), symbol)?;
                let date = |key: &str| json.get(key).and_then(Json::as_text).map_or(Ok(None), value::date);
                Ok(Self {
                    $($text: json.text_of($text_key),)*
                    $($date: date($date_key)?,)*
                    $($number: json.number_of($number_key)?,)*
                })
            }
        }
    };
}

overview! {
    text {
        asset_type "AssetType" "`Common Stock`, …"
        name "Name" "Company."
        description "Description" "What it does."
        exchange "Exchange" "Where it is listed."
        currency "Currency" "ISO code."
        country "Country" "Country."
        sector "Sector" "Sector."
        industry "Industry" "Industry."
        address "Address" "Headquarters."
        official_site "OfficialSite" "Web address."
        fiscal_year_end "FiscalYearEnd" "Month."
    }
    date {
        latest_quarter "LatestQuarter" "End of the latest reported quarter."
        dividend_date "DividendDate" "When the next or last dividend is paid."
        ex_dividend_date "ExDividendDate" "Its ex-date."
    }
    number {
        market_capitalization "MarketCapitalization" "In the currency."
        ebitda "EBITDA" "In the currency, twelve months."
        pe_ratio "PERatio" "Price to earnings."
        peg_ratio "PEGRatio" "The same to growth."
        book_value "BookValue" "A share."
        dividend_per_share "DividendPerShare" "A year."
        dividend_yield "DividendYield" "A fraction: 0.03 is 3 %."
        eps "EPS" "Earnings per share."
        revenue_per_share "RevenuePerShareTTM" "Twelve months."
        profit_margin "ProfitMargin" "A fraction."
        operating_margin "OperatingMarginTTM" "A fraction."
        return_on_assets "ReturnOnAssetsTTM" "A fraction."
        return_on_equity "ReturnOnEquityTTM" "A fraction."
        revenue "RevenueTTM" "Twelve months."
        gross_profit "GrossProfitTTM" "Twelve months."
        diluted_eps "DilutedEPSTTM" "Twelve months."
        quarterly_earnings_growth "QuarterlyEarningsGrowthYOY" "A fraction, year on year."
        quarterly_revenue_growth "QuarterlyRevenueGrowthYOY" "A fraction, year on year."
        analyst_target_price "AnalystTargetPrice" "Mean of analysts."
        analysts_strong_buy "AnalystRatingStrongBuy" "How many."
        analysts_buy "AnalystRatingBuy" "How many."
        analysts_hold "AnalystRatingHold" "How many."
        analysts_sell "AnalystRatingSell" "How many."
        analysts_strong_sell "AnalystRatingStrongSell" "How many."
        trailing_pe "TrailingPE" "Price to past earnings."
        forward_pe "ForwardPE" "Price to expected earnings."
        price_to_sales "PriceToSalesRatioTTM" "Ratio."
        price_to_book "PriceToBookRatio" "Ratio."
        ev_to_revenue "EVToRevenue" "Enterprise value to revenue."
        ev_to_ebitda "EVToEBITDA" "Enterprise value to EBITDA."
        beta "Beta" "Against the market."
        high_52_weeks "52WeekHigh" "Price."
        low_52_weeks "52WeekLow" "Price."
        moving_average_50_days "50DayMovingAverage" "Price."
        moving_average_200_days "200DayMovingAverage" "Price."
        shares_outstanding "SharesOutstanding" "Shares."
        shares_float "SharesFloat" "Shares."
        percent_insiders "PercentInsiders" "Percent: 0.1 is 0.1 %."
        percent_institutions "PercentInstitutions" "Percent."
    }
}
