//! Answers in the shape of the documentation, with made-up numbers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

use jiff::civil::{date, time};
use tickwise_alphavantage::{
    BulkSymbols, Failure, Function, IntradayInterval, NewsQuery, OutputSize, Reply, ReportTime, Request,
    Series, Zone, parse,
};
use tickwise_market::Symbol;

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

fn acme() -> Symbol {
    symbol("ACME")
}

fn read(function: Function, body: &str) -> Result<Reply, Failure> {
    parse(&Request::new(function), 200, "application/json", body.as_bytes())
}

fn series(function: Function, body: &str) -> Series {
    match read(function, body) {
        Ok(Reply::Series(series)) => series,
        other => panic!("{other:?}"),
    }
}

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

const QUOTE: &str = r#"{
    "Global Quote": {
        "01. symbol": "ACME", "02. open": "100.1000", "03. high": "102.3000", "04. low": "99.8750",
        "05. price": "101.2500", "06. volume": "5000000001", "07. latest trading day": "2030-01-02",
        "08. previous close": "None", "09. change": "-", "10. change percent": "1.2500%"
    }
}"#;

#[test]
fn global_quote() {
    let csv = "symbol,open,high,low,price,volume,latestDay,previousClose,change,changePercent\r\n\
        ACME,100.1000,102.3000,99.8750,101.2500,5000000001,2030-01-02,None,-,1.2500%\r\n";
    let delayed = QUOTE.replace("Global Quote", "Global Quote - DATA DELAYED BY 15 MINUTES");
    for (body, delay) in [(QUOTE, None), (csv, None), (&delayed, Some(15))] {
        let Ok(Reply::Quote(quote)) = read(Function::GlobalQuote { symbol: acme() }, body) else {
            panic!("{body}")
        };
        assert_eq!((quote.price, quote.low, quote.volume), (101.25, Some(99.875), Some(5_000_000_001.0)));
        assert_eq!((quote.previous_close, quote.change, quote.change_percent), (None, None, Some(1.25)));
        assert_eq!((quote.latest_trading_day, quote.delay_minutes), (date(2030, 1, 2), delay));
    }
    for none in ["None", "0.0000", "-1.0000"] {
        let no_price = QUOTE.replace("101.2500", none);
        let read = read(Function::GlobalQuote { symbol: acme() }, &no_price);
        assert!(matches!(read, Err(Failure::Malformed(_))), "{none}");
    }
}

#[test]
fn bulk_quotes_of_what_was_asked_for() {
    let body = r#"{"endpoint": "Realtime Bulk Quotes", "message": "success", "data": [
        {"symbol": "OTHER", "timestamp": "2030-07-02 19:59:55.291", "close": "1"},
        {"symbol": "ACME", "timestamp": "2030-07-02 09:29:55.291", "open": "", "high": "", "low": "",
         "close": "", "volume": "1234567", "previous_close": "100.0", "change": "1.25",
         "change_percent": "1.25", "extended_hours_quote": "101.4"}]}"#;
    let symbols = BulkSymbols::new(vec![acme(), symbol("GONE")]).unwrap();
    let Ok(Reply::Quotes(quotes)) = read(Function::BulkQuotes { symbols }, body) else { panic!() };
    let [quote] = &quotes[..] else { panic!("{quotes:?}") };
    assert_eq!((quote.close, quote.extended_hours, quote.previous_close), (None, Some(101.4), Some(100.0)));
    assert_eq!(quote.time.ms, ms("2030-07-02T13:29:55.291Z"));
    let body = body.replace(r#""101.4""#, r#""0.0000""#);
    let symbols = BulkSymbols::new(vec![acme()]).unwrap();
    let Ok(Reply::Quotes(quotes)) = read(Function::BulkQuotes { symbols }, &body) else { panic!() };
    assert_eq!(quotes[0].extended_hours, None, "nothing is sold for nothing");
    let many: Vec<Symbol> = (0..101).map(|i| symbol(&format!("S{i}"))).collect();
    assert!(BulkSymbols::new(many[..100].to_vec()).is_ok());
    assert!(BulkSymbols::new(many).is_err() && BulkSymbols::new(vec![]).is_err());
}

#[test]
fn intraday_bars_with_gaps() {
    let function = || Function::Intraday {
        symbol: acme(),
        interval: IntradayInterval::FiveMinutes,
        adjusted: true,
        extended_hours: true,
        month: None,
        size: OutputSize::Compact,
    };
    let body = r#"{"Meta Data": {
        "1. Information": "Intraday (5min) open, high, low, close prices and volume - DATA DELAYED BY 15 MINUTES",
        "2. Symbol": "acme", "3. Last Refreshed": "2030-03-11 19:55:00", "4. Interval": "5min",
        "5. Output Size": "Compact", "6. Time Zone": "US/Eastern"},
      "Time Series (5min)": {
        "2030-03-11 19:55:00": {"1. open": "101.2500", "2. high": "101.3000", "3. low": "101.2000", "4. close": "101.2800", "5. volume": "158"},
        "2030-03-08 19:20:00": {"1. open": "100", "2. high": "100", "3. low": "100", "4. close": "100", "5. volume": "9"}}}"#;
    let read = series(function(), body);
    let starts: Vec<i64> = read.rows.iter().map(|row| row.bar.time_ms).collect();
    // The clocks go forward between the two.
    assert_eq!(starts, [ms("2030-03-09T00:20:00Z"), ms("2030-03-11T23:55:00Z")]);
    assert_eq!((read.delay_minutes, read.zone), (Some(15), Zone::UsEastern));
    assert_eq!(read.last_refreshed.unwrap().ms, ms("2030-03-11T23:55:00Z"));
    let csv = "timestamp,open,high,low,close,volume\n2030-03-11 19:55:00,101.25,101.3,101.2,101.28,158\n2030-03-08 19:20:00,100,100,100,100,9\n";
    assert_eq!(series(function(), csv).rows, read.rows);
}

#[test]
fn daily_bars_start_when_the_session_opens() {
    let function = Function::Daily { symbol: acme(), size: OutputSize::Compact };
    // Oldest first, the last day provisional and refreshed during the session.
    let body = r#"{"Meta Data": {"2. Symbol": "ACME", "3. Last Refreshed": "2030-01-03 11:02:03", "5. Time Zone": "US/Eastern"},
      "Time Series (Daily)": {
        "2030-01-02": {"1. open": "100.1000", "2. high": "102.3000", "3. low": "99.8750", "4. close": "101.2500", "5. volume": "1234567"},
        "2030-01-03": {"1. open": "3", "2. high": "4", "3. low": "2", "4. close": "3", "5. volume": "6000000000"},
        "2029-12-31": {"1. open": "None", "2. high": "4", "3. low": "2", "4. close": "3", "5. volume": "1"},
        "2029-12-27": {"1. open": "3", "2. high": "4", "3. low": "0.0000", "4. close": "3", "5. volume": "1"},
        "2029-12-28": {"1. open": "9", "2. high": "4", "3. low": "2", "4. close": "3", "5. volume": "1"}}}"#;
    let read = series(function, body);
    assert_eq!(read.rows.len(), 2);
    assert_eq!(read.dropped, 3, "one without a price, one for nothing, one that contradicts itself");
    assert_eq!(read.rows[0].bar.time_ms, ms("2030-01-02T14:30:00Z"));
    let (last, previous_close) = read.last().unwrap();
    assert_eq!((last.bar.volume, last.date(), previous_close), (6e9, date(2030, 1, 3), Some(101.25)));
}

#[test]
fn adjusted_closes_keep_all_their_digits() {
    let function = || Function::DailyAdjusted { symbol: acme(), size: OutputSize::Full };
    let body = r#"{"Meta Data": {"5. Time Zone": "US/Eastern"}, "Time Series (Daily)": {"2030-01-02":
        {"1. open": "100.1", "2. high": "102.3", "3. low": "99.875", "4. close": "101.25",
         "5. adjusted close": "100.20011223344556", "6. volume": "1234567",
         "7. dividend amount": "0.5000", "8. split coefficient": "4.0"}}}"#;
    let row = series(function(), body).rows[0];
    assert_eq!(row.adjusted_close, Some(100.20011223344556));
    assert_eq!((row.dividend, row.split, row.bar.volume), (Some(0.5), Some(4.0), 1_234_567.0));
    let csv = "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient\r\n\
        2030-01-02,100.1,102.3,99.875,101.25,100.20011223344556,1234567,0.5000,4.0\r\n";
    assert_eq!(series(function(), csv).rows, [row]);
}

#[test]
fn a_week_is_one_row_and_begins_with_its_first_session() {
    // Two rows of the running week; the week before ends on Thursday before Good Friday.
    let csv = "timestamp,open,high,low,close,adjusted close,volume,dividend amount\r\n\
        2026-04-08,1,3,1,2,2.0,5000000001,0.0000\r\n2026-04-07,1,2,1,1,1.0,5,0.0000\r\n2026-04-02,7,8,6,7,7.0,9,0.1\r\n";
    let read = series(Function::WeeklyAdjusted { symbol: acme() }, csv);
    let starts: Vec<i64> = read.rows.iter().map(|row| row.bar.time_ms).collect();
    assert_eq!(starts, [ms("2026-03-30T13:30:00Z"), ms("2026-04-06T13:30:00Z")]);
    assert_eq!((read.rows[1].bar.close, read.rows[1].bar.volume), (2.0, 5_000_000_001.0));
    let json = r#"{"Meta Data": {"2. Symbol": "ACME", "4. Time Zone": "US/Eastern"}, "Monthly Time Series":
        {"2029-12-31": {"1. open": "1", "2. high": "2", "3. low": "1", "4. close": "2", "5. volume": "7"}}}"#;
    let row = series(Function::Monthly { symbol: acme() }, json).rows[0];
    assert_eq!((row.bar.time_ms, row.date()), (ms("2029-12-03T14:30:00Z"), date(2029, 12, 31)));
    for (function, name) in [
        (Function::Weekly { symbol: acme() }, "Weekly Time Series"),
        (Function::WeeklyAdjusted { symbol: acme() }, "Weekly Adjusted Time Series"),
        (Function::MonthlyAdjusted { symbol: acme() }, "Monthly Adjusted Time Series"),
    ] {
        series(function, &json.replace("Monthly Time Series", name));
    }
}

#[test]
fn currencies_have_utc_days() {
    let fx = Function::FxDaily { from: symbol("EUR"), to: symbol("USD"), size: OutputSize::Compact };
    let body = r#"{"Meta Data": {"1. Information": "Forex Daily Prices (open, high, low, close)", "2. From Symbol": "EUR",
        "5. Last Refreshed": "2030-01-02 17:05:00", "6. Time Zone": "UTC"},
        "Time Series FX (Daily)": {"2030-01-02": {"1. open": "1.10000", "2. high": "1.20000", "3. low": "1.05000", "4. close": "1.15000"}}}"#;
    let row = series(fx, body).rows[0];
    assert_eq!((row.bar.time_ms, row.bar.volume), (ms("2030-01-02T00:00:00Z"), 0.0));
    let crypto = Function::CryptoDaily { symbol: symbol("BTC"), market: symbol("EUR") };
    let csv =
        "timestamp,open,high,low,close,volume\n2030-01-02,90000.12345678,91000,89000,90500,123.45678901\n";
    assert_eq!(series(crypto, csv).rows[0].bar.volume, 123.45678901);
    let rate = Function::ExchangeRate { from: symbol("BTC"), to: symbol("EUR") };
    let body = r#"{"Realtime Currency Exchange Rate": {"1. From_Currency Code": "BTC", "3. To_Currency Code": "EUR",
        "5. Exchange Rate": "90000.12345678", "6. Last Refreshed": "2030-01-02 17:12:44", "7. Time Zone": "UTC", "8. Bid Price": "-", "9. Ask Price": "-"}}"#;
    let Ok(Reply::ExchangeRate(rate)) = read(rate, body) else { panic!() };
    assert_eq!((rate.rate, rate.bid, rate.ask), (90000.12345678, None, None));
    assert_eq!(rate.last_refreshed.ms, ms("2030-01-02T17:12:44Z"));
}

#[test]
fn symbol_search() {
    let function = || Function::SymbolSearch { keywords: "acme".into() };
    let body = r#"{"bestMatches": [{"1. symbol": "ACME.LON", "2. name": "Acme plc", "3. type": "Equity", "4. region": "United Kingdom",
        "5. marketOpen": "08:00", "6. marketClose": "16:30", "7. timezone": "UTC+01", "8. currency": "GBX", "9. matchScore": "0.8000"}]}"#;
    let csv = "symbol,name,type,region,marketOpen,marketClose,timezone,currency,matchScore\r\nACME.LON,Acme plc,Equity,United Kingdom,08:00,16:30,UTC+01,GBX,0.8000\r\n";
    for body in [body, csv] {
        let Ok(Reply::Matches(found)) = read(function(), body) else { panic!("{body}") };
        assert_eq!((found[0].symbol.as_str(), &*found[0].currency, found[0].score), ("ACME.LON", "GBX", 0.8));
    }
    assert_eq!(read(function(), r#"{"bestMatches": []}"#), Ok(Reply::Matches(vec![])));
}

#[test]
fn market_status() {
    let body = r#"{"endpoint": "Global Market Open & Close Status", "markets": [{"market_type": "Equity", "region": "United States",
        "primary_exchanges": "NASDAQ, NYSE", "local_open": "09:30", "local_close": "16:15", "current_status": "Closed", "notes": ""}]}"#;
    let Ok(Reply::Markets(markets)) = read(Function::MarketStatus, body) else { panic!() };
    assert_eq!((markets[0].is_open, markets[0].local_close), (false, Some(time(16, 15, 0, 0))));
}

#[test]
fn overview_with_missing_and_unknown_fields() {
    let body = r#"{"Symbol": "ACME", "Name": "Acme Corp", "LatestQuarter": "2029-09-30", "MarketCapitalization": "123456789012",
        "TrailingPE": "-", "EVToEBITDA": "-", "Beta": "None", "DividendDate": "None", "DividendYield": "0.0308", "BrandNew": {"a": [1]}}"#;
    let Ok(Reply::Overview(overview)) = read(Function::Overview { symbol: acme() }, body) else { panic!() };
    assert_eq!(overview.name.as_deref(), Some("Acme Corp"));
    assert_eq!(
        (overview.market_capitalization, overview.dividend_yield),
        (Some(123_456_789_012.0), Some(0.0308))
    );
    assert_eq!((overview.trailing_pe, overview.beta, overview.dividend_date), (None, None, None));
    assert_eq!(overview.latest_quarter, Some(date(2029, 9, 30)));
}

#[test]
fn news_whose_scores_are_numbers_and_texts() {
    let body = r#"{"items": "2", "feed": [
        {"title": "t", "url": "https://example.test/a", "time_published": "20300102T110100", "authors": [], "summary": "s",
         "banner_image": null, "source": "Example", "topics": [{"topic": "Financial Markets", "relevance_score": "0.846949"}],
         "overall_sentiment_score": 0.22902, "overall_sentiment_label": "Somewhat-Bullish",
         "ticker_sentiment": [{"ticker": "CRYPTO:BTC", "relevance_score": "1.000000", "ticker_sentiment_score": "0.061509"}]},
        {"title": "t", "url": "javascript:alert(1)", "time_published": "20300102T110100"}]}"#;
    let Ok(Reply::News(news)) = read(Function::News(NewsQuery::default()), body) else { panic!() };
    let [article] = &news.articles[..] else { panic!("{news:?}") };
    assert_eq!(article.published.ms, ms("2030-01-02T11:01:00Z"));
    assert_eq!(article.topics, [("financial_markets".to_owned(), Some(0.846949))]);
    assert_eq!((article.sentiment, article.tickers[0].sentiment), (Some(0.22902), Some(0.061509)));
    let none = read(Function::News(NewsQuery::default()), r#"{"items": "0", "feed": []}"#);
    assert_eq!(none, Ok(Reply::News(Default::default())));
}

#[test]
fn movers() {
    let body = r#"{"metadata": "Top gainers, losers, and most actively traded US tickers", "last_updated": "2030-01-02 16:16:00 US/Eastern",
        "top_gainers": [{"ticker": "ACMEZ", "price": "0.0"}, {"ticker": "ACMEW", "price": "1.8", "change_amount": "1.79", "change_percentage": "17900.0%", "volume": "166004"},
                        {"ticker": "ACME+", "price": "1.8"}],
        "top_losers": [], "most_actively_traded": []}"#;
    let Ok(Reply::Movers(movers)) = read(Function::TopMovers, body) else { panic!() };
    assert_eq!(movers.last_updated.ms, ms("2030-01-02T21:16:00Z"));
    assert_eq!(movers.gainers.len(), 1);
    assert_eq!(movers.gainers[0].change_percent, Some(17900.0));
}

#[test]
fn earnings_of_long_ago_have_no_estimate() {
    let body = r#"{"symbol": "ACME", "annualEarnings": [{"fiscalDateEnding": "2029-12-31", "reportedEPS": "9.61"}],
        "quarterlyEarnings": [{"fiscalDateEnding": "2029-12-31", "reportedDate": "2030-01-25", "reportedEPS": "3.92",
          "estimatedEPS": "None", "surprise": "None", "surprisePercentage": "None", "reportTime": "post-market"}]}"#;
    let Ok(Reply::Earnings(earnings)) = read(Function::Earnings { symbol: acme() }, body) else { panic!() };
    let quarter = &earnings.quarterly[0];
    assert_eq!((quarter.reported_eps, quarter.estimated_eps), (Some(3.92), None));
    assert_eq!(
        (quarter.reported_date, quarter.report_time),
        (Some(date(2030, 1, 25)), Some(ReportTime::PostMarket))
    );
}

#[test]
fn listings() {
    let function = Function::ListingStatus { date: None, state: Default::default() };
    let body = "symbol,name,exchange,assetType,ipoDate,delistingDate,status\r\n\
        ,,NYSE,Stock,null,null,Active\r\n-P-HIZ,Acme Holdings ,NYSE MKT,Stock,1999-11-18,null,Active\r\n\
        ACMF,\"Acme, the fund\",BATS,ETF,2020-01-02,2021-01-04,Delisted\r\n";
    let Ok(Reply::Listings(listings)) = read(function, body) else { panic!() };
    let [share, fund] = &listings[..] else { panic!("{listings:?}") };
    assert_eq!(
        (share.symbol.as_str(), &*share.name, share.delisting_date),
        ("-P-HIZ", "Acme Holdings", None)
    );
    assert_eq!(
        (fund.is_etf, &*fund.name, fund.delisting_date),
        (true, "Acme, the fund", Some(date(2021, 1, 4)))
    );
}
