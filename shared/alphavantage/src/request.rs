use jiff::civil::{Date, DateTime};
use tickwise_market::{Symbol, iso_date};

use crate::{ApiKey, BulkSymbols, ListingState, NewsQuery, SecretUrl};

/// What to ask, as data. [`Request::query`] is its text without the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The function with its parameters.
    pub function: Function,
    /// Fresher than end of day, for keys that have it enabled. Functions without
    /// this parameter leave it out.
    pub entitlement: Option<Entitlement>,
    /// JSON, or CSV from the functions that can.
    pub format: Format,
}

/// A function with its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// The last price of a symbol, without time of day or currency.
    GlobalQuote {
        /// Symbol.
        symbol: Symbol,
    },
    /// Last prices of up to 100 symbols. Premium, with US market data.
    BulkQuotes {
        /// Symbols.
        symbols: BulkSymbols,
    },
    /// Bars of minutes. Premium.
    Intraday {
        /// Symbol.
        symbol: Symbol,
        /// Length of a bar.
        interval: IntradayInterval,
        /// Adjusted for splits and dividends.
        adjusted: bool,
        /// From 04:00 to 20:00 instead of 09:30 to 16:00, New York.
        extended_hours: bool,
        /// One month instead of the latest days.
        month: Option<Month>,
        /// The latest 100 bars, or 30 days (or all of the month).
        size: OutputSize,
    },
    /// Daily bars as traded.
    Daily {
        /// Symbol.
        symbol: Symbol,
        /// The latest 100, or all (premium).
        size: OutputSize,
    },
    /// Daily bars as traded, with adjusted closes, dividends and splits. Premium.
    DailyAdjusted {
        /// Symbol.
        symbol: Symbol,
        /// The latest 100, or all.
        size: OutputSize,
    },
    /// All weekly bars as traded.
    Weekly {
        /// Symbol.
        symbol: Symbol,
    },
    /// All weekly bars as traded, with adjusted closes and dividends.
    WeeklyAdjusted {
        /// Symbol.
        symbol: Symbol,
    },
    /// All monthly bars as traded.
    Monthly {
        /// Symbol.
        symbol: Symbol,
    },
    /// All monthly bars as traded, with adjusted closes and dividends.
    MonthlyAdjusted {
        /// Symbol.
        symbol: Symbol,
    },
    /// Symbols whose code or name resembles the words.
    SymbolSearch {
        /// Words; cut to [`Function::MAX_KEYWORDS_LEN`] characters.
        keywords: String,
    },
    /// Which exchanges are open. Not worth a request where they are counted:
    /// see `tickwise_market::Calendar`.
    MarketStatus,
    /// A company's description and key figures.
    Overview {
        /// Symbol.
        symbol: Symbol,
    },
    /// News with sentiment scores.
    News(NewsQuery),
    /// The 20 largest gains, losses and volumes of the US market: sixty quotes.
    TopMovers,
    /// Reported and expected earnings per share.
    Earnings {
        /// Symbol.
        symbol: Symbol,
    },
    /// Every listed, or every delisted, US stock and ETF. Always CSV.
    ListingStatus {
        /// As of a day after 2010-01-01; the latest trading day otherwise.
        date: Option<Date>,
        /// Listed or delisted.
        state: ListingState,
    },
    /// The rate between two currencies, physical or digital.
    ExchangeRate {
        /// Code, such as `USD` or `BTC`.
        from: Symbol,
        /// Code.
        to: Symbol,
    },
    /// Daily bars of a currency pair; no volume.
    FxDaily {
        /// Code.
        from: Symbol,
        /// Code.
        to: Symbol,
        /// The latest 100, or all.
        size: OutputSize,
    },
    /// Daily bars of a digital currency.
    CryptoDaily {
        /// Code, such as `BTC`.
        symbol: Symbol,
        /// Code of the currency it is priced in.
        market: Symbol,
    },
}

/// How fresh data of US markets are beyond the end of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entitlement {
    /// By 15 minutes.
    Delayed,
    /// Not delayed.
    Realtime,
}

/// Form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// CSV: half the bytes of a series.
    Csv,
}

/// How much of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OutputSize {
    /// The latest 100 rows.
    #[default]
    Compact,
    /// All there is.
    Full,
}

/// Length of an intraday bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum IntradayInterval {
    Minute,
    FiveMinutes,
    FifteenMinutes,
    ThirtyMinutes,
    Hour,
}

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// `None` when it is not a month since January 2000, where intraday bars begin.
    pub fn new(year: i16, month: i8) -> Option<Self> {
        ((2000..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }
}

impl IntradayInterval {
    /// The parameter's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "1min",
            Self::FiveMinutes => "5min",
            Self::FifteenMinutes => "15min",
            Self::ThirtyMinutes => "30min",
            Self::Hour => "60min",
        }
    }
}

impl Entitlement {
    /// The parameter's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Realtime => "realtime",
        }
    }
}

impl OutputSize {
    fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Full => "full",
        }
    }
}

impl Function {
    /// The longest search, in characters.
    pub const MAX_KEYWORDS_LEN: usize = 100;

    /// The value of the parameter `function`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::GlobalQuote { .. } => "GLOBAL_QUOTE",
            Self::BulkQuotes { .. } => "REALTIME_BULK_QUOTES",
            Self::Intraday { .. } => "TIME_SERIES_INTRADAY",
            Self::Daily { .. } => "TIME_SERIES_DAILY",
            Self::DailyAdjusted { .. } => "TIME_SERIES_DAILY_ADJUSTED",
            Self::Weekly { .. } => "TIME_SERIES_WEEKLY",
            Self::WeeklyAdjusted { .. } => "TIME_SERIES_WEEKLY_ADJUSTED",
            Self::Monthly { .. } => "TIME_SERIES_MONTHLY",
            Self::MonthlyAdjusted { .. } => "TIME_SERIES_MONTHLY_ADJUSTED",
            Self::SymbolSearch { .. } => "SYMBOL_SEARCH",
            Self::MarketStatus => "MARKET_STATUS",
            Self::Overview { .. } => "OVERVIEW",
            Self::News(_) => "NEWS_SENTIMENT",
            Self::TopMovers => "TOP_GAINERS_LOSERS",
            Self::Earnings { .. } => "EARNINGS",
            Self::ListingStatus { .. } => "LISTING_STATUS",
            Self::ExchangeRate { .. } => "CURRENCY_EXCHANGE_RATE",
            Self::FxDaily { .. } => "FX_DAILY",
            Self::CryptoDaily { .. } => "DIGITAL_CURRENCY_DAILY",
        }
    }

    /// Whether free keys are refused (as of autumn 2026).
    pub fn is_premium(&self) -> bool {
        match self {
            Self::BulkQuotes { .. } | Self::Intraday { .. } | Self::DailyAdjusted { .. } => true,
            Self::Daily { size, .. } => *size == OutputSize::Full,
            _ => false,
        }
    }

    /// The symbol that an answer has to be about.
    pub fn symbol(&self) -> Option<&Symbol> {
        match self {
            Self::GlobalQuote { symbol }
            | Self::Intraday { symbol, .. }
            | Self::Daily { symbol, .. }
            | Self::DailyAdjusted { symbol, .. }
            | Self::Weekly { symbol }
            | Self::WeeklyAdjusted { symbol }
            | Self::Monthly { symbol }
            | Self::MonthlyAdjusted { symbol }
            | Self::Overview { symbol }
            | Self::Earnings { symbol }
            | Self::CryptoDaily { symbol, .. } => Some(symbol),
            _ => None,
        }
    }

    fn accepts_entitlement(&self) -> bool {
        matches!(
            self,
            Self::GlobalQuote { .. }
                | Self::BulkQuotes { .. }
                | Self::Intraday { .. }
                | Self::Daily { .. }
                | Self::DailyAdjusted { .. }
                | Self::Weekly { .. }
                | Self::WeeklyAdjusted { .. }
                | Self::Monthly { .. }
                | Self::MonthlyAdjusted { .. }
                | Self::TopMovers
        )
    }

    /// Whether `datatype=csv` changes the answer.
    fn accepts_csv(&self) -> bool {
        !matches!(
            self,
            Self::MarketStatus
                | Self::Overview { .. }
                | Self::News(_)
                | Self::TopMovers
                | Self::Earnings { .. }
                | Self::ListingStatus { .. }
                | Self::ExchangeRate { .. }
        )
    }

    fn parameters(&self, pairs: &mut Vec<(&'static str, String)>) {
        let size = |size: &OutputSize| ("outputsize", size.as_str().to_owned());
        match self {
            Self::GlobalQuote { symbol }
            | Self::Weekly { symbol }
            | Self::WeeklyAdjusted { symbol }
            | Self::Monthly { symbol }
            | Self::MonthlyAdjusted { symbol }
            | Self::Overview { symbol }
            | Self::Earnings { symbol } => pairs.push(("symbol", symbol.to_string())),
            Self::BulkQuotes { symbols } => pairs.push(("symbol", symbols.joined())),
            Self::Intraday { symbol, interval, adjusted, extended_hours, month, size: rows } => {
                pairs.push(("symbol", symbol.to_string()));
                pairs.push(("interval", interval.as_str().into()));
                pairs.push(("adjusted", adjusted.to_string()));
                pairs.push(("extended_hours", extended_hours.to_string()));
                pairs.extend(month.map(|m| ("month", format!("{:04}-{:02}", m.year, m.month))));
                pairs.push(size(rows));
            }
            Self::Daily { symbol, size: rows } | Self::DailyAdjusted { symbol, size: rows } => {
                pairs.push(("symbol", symbol.to_string()));
                pairs.push(size(rows));
            }
            Self::SymbolSearch { keywords } => {
                pairs.push(("keywords", keywords.chars().take(Self::MAX_KEYWORDS_LEN).collect()));
            }
            Self::MarketStatus | Self::TopMovers => {}
            Self::News(query) => query.parameters(pairs),
            Self::ListingStatus { date, state } => {
                pairs.extend(date.map(|date| ("date", iso_date::format(date))));
                pairs.push(("state", state.as_str().into()));
            }
            Self::ExchangeRate { from, to } => {
                pairs.push(("from_currency", from.to_string()));
                pairs.push(("to_currency", to.to_string()));
            }
            Self::FxDaily { from, to, size: rows } => {
                pairs.push(("from_symbol", from.to_string()));
                pairs.push(("to_symbol", to.to_string()));
                pairs.push(size(rows));
            }
            Self::CryptoDaily { symbol, market } => {
                pairs.push(("symbol", symbol.to_string()));
                pairs.push(("market", market.to_string()));
            }
        }
    }
}

impl Request {
    /// Asks for end-of-day data in JSON.
    pub fn new(function: Function) -> Self {
        Self { function, entitlement: None, format: Format::Json }
    }

    /// The same request for fresher data.
    #[must_use]
    pub fn entitled(self, entitlement: Entitlement) -> Self {
        Self { entitlement: Some(entitlement), ..self }
    }

    /// The same request for CSV.
    #[must_use]
    pub fn csv(self) -> Self {
        Self { format: Format::Csv, ..self }
    }

    /// Names and values of the query, the function first, without the key. Equal
    /// requests have equal queries.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![("function", self.function.name().to_owned())];
        self.function.parameters(&mut pairs);
        if self.format == Format::Csv && self.function.accepts_csv() {
            pairs.push(("datatype", "csv".into()));
        }
        if let Some(entitlement) = self.entitlement
            && self.function.accepts_entitlement()
        {
            pairs.push(("entitlement", entitlement.as_str().into()));
        }
        pairs
    }

    /// The query as text, without the key: a name for the request in logs and caches.
    pub fn query_text(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(self.query());
        text.finish()
    }

    /// The address to ask, `base` being that of the provider or of a simulator,
    /// such as `https://www.alphavantage.co`.
    pub fn url(&self, base: &str, key: &ApiKey) -> SecretUrl {
        let public = format!("{}/query?{}&apikey=", base.trim_end_matches('/'), self.query_text());
        SecretUrl { public, key: key.clone() }
    }
}

/// `YYYYMMDDTHHMM`, as news ranges are written.
pub(crate) fn compact_time(time: DateTime) -> String {
    let (year, month, day, hour, minute) =
        (time.year(), time.month(), time.day(), time.hour(), time.minute());
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{NewsSort, NewsTicker, Topic};

    fn symbol(text: &str) -> Symbol {
        text.parse().unwrap()
    }

    #[test]
    fn queries_are_those_of_the_documentation() {
        let ibm = || symbol("IBM");
        let intraday = Function::Intraday {
            symbol: ibm(),
            interval: IntradayInterval::FiveMinutes,
            adjusted: true,
            extended_hours: false,
            month: Month::new(2009, 1),
            size: OutputSize::Full,
        };
        let news = NewsQuery {
            tickers: vec![NewsTicker::Stock(symbol("COIN")), NewsTicker::Crypto(symbol("BTC"))],
            topics: vec![Topic::Technology],
            from: Some(date(2022, 4, 10).at(1, 30, 0, 0)),
            to: None,
            sort: NewsSort::Latest,
            limit: 1000,
        };
        for (function, expected) in [
            (Function::GlobalQuote { symbol: ibm() }, "function=GLOBAL_QUOTE&symbol=IBM"),
            (
                Function::BulkQuotes {
                    symbols: BulkSymbols::new(vec![ibm(), symbol("brk-b"), ibm()]).unwrap(),
                },
                "function=REALTIME_BULK_QUOTES&symbol=BRK-B%2CIBM",
            ),
            (
                intraday,
                "function=TIME_SERIES_INTRADAY&symbol=IBM&interval=5min&adjusted=true&extended_hours=false&month=2009-01&outputsize=full",
            ),
            (
                Function::Daily { symbol: ibm(), size: OutputSize::Compact },
                "function=TIME_SERIES_DAILY&symbol=IBM&outputsize=compact",
            ),
            (
                Function::DailyAdjusted { symbol: symbol("TSCO.LON"), size: OutputSize::Full },
                "function=TIME_SERIES_DAILY_ADJUSTED&symbol=TSCO.LON&outputsize=full",
            ),
            (Function::Weekly { symbol: ibm() }, "function=TIME_SERIES_WEEKLY&symbol=IBM"),
            (Function::WeeklyAdjusted { symbol: ibm() }, "function=TIME_SERIES_WEEKLY_ADJUSTED&symbol=IBM"),
            (Function::Monthly { symbol: ibm() }, "function=TIME_SERIES_MONTHLY&symbol=IBM"),
            (Function::MonthlyAdjusted { symbol: ibm() }, "function=TIME_SERIES_MONTHLY_ADJUSTED&symbol=IBM"),
            (
                Function::SymbolSearch { keywords: "a&b=ü ".into() },
                "function=SYMBOL_SEARCH&keywords=a%26b%3D%C3%BC+",
            ),
            (Function::MarketStatus, "function=MARKET_STATUS"),
            (Function::Overview { symbol: ibm() }, "function=OVERVIEW&symbol=IBM"),
            (
                Function::News(news),
                "function=NEWS_SENTIMENT&tickers=COIN%2CCRYPTO%3ABTC&topics=technology&time_from=20220410T0130&sort=LATEST&limit=1000",
            ),
            (Function::TopMovers, "function=TOP_GAINERS_LOSERS"),
            (Function::Earnings { symbol: ibm() }, "function=EARNINGS&symbol=IBM"),
            (
                Function::ListingStatus { date: Some(date(2014, 7, 10)), state: ListingState::Delisted },
                "function=LISTING_STATUS&date=2014-07-10&state=delisted",
            ),
            (
                Function::ExchangeRate { from: symbol("USD"), to: symbol("JPY") },
                "function=CURRENCY_EXCHANGE_RATE&from_currency=USD&to_currency=JPY",
            ),
            (
                Function::FxDaily { from: symbol("EUR"), to: symbol("USD"), size: OutputSize::Compact },
                "function=FX_DAILY&from_symbol=EUR&to_symbol=USD&outputsize=compact",
            ),
            (
                Function::CryptoDaily { symbol: symbol("BTC"), market: symbol("EUR") },
                "function=DIGITAL_CURRENCY_DAILY&symbol=BTC&market=EUR",
            ),
        ] {
            assert_eq!(Request::new(function).query_text(), expected);
        }
    }

    #[test]
    fn csv_and_entitlement_go_only_where_they_are_understood() {
        let quote = Request::new(Function::GlobalQuote { symbol: symbol("IBM") });
        assert_eq!(
            quote.csv().entitled(Entitlement::Delayed).query_text(),
            "function=GLOBAL_QUOTE&symbol=IBM&datatype=csv&entitlement=delayed"
        );
        let overview = Request::new(Function::Overview { symbol: symbol("IBM") });
        assert_eq!(
            overview.csv().entitled(Entitlement::Realtime).query_text(),
            "function=OVERVIEW&symbol=IBM"
        );
    }

    #[test]
    fn the_address_shows_no_key() {
        let key = ApiKey::new("SECRETSECRET1234").unwrap();
        let url = Request::new(Function::MarketStatus).url("http://127.0.0.1:1/", &key);
        assert_eq!(url.expose(), "http://127.0.0.1:1/query?function=MARKET_STATUS&apikey=SECRETSECRET1234");
        assert_eq!(url.to_string(), "http://127.0.0.1:1/query?function=MARKET_STATUS&apikey=***");
    }
}
