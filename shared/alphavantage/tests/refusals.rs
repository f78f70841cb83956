//! Every refusal on record, in the words in which it was seen (with another key).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

use std::collections::BTreeSet;

use tickwise_alphavantage::{
    BulkSymbols, Failure, FailureClass, Function, OutputSize, Request, Retry, parse,
};

const KEY: &str = "ABCDEFGHIJ012345";

fn quote() -> Request {
    Request::new(Function::GlobalQuote { symbol: "IBM".parse().unwrap() })
}

fn daily() -> Request {
    Request::new(Function::Daily { symbol: "IBM".parse().unwrap(), size: OutputSize::Compact })
}

fn refused(envelope: &str, text: &str) -> Failure {
    let body = serde_json::json!({ envelope: text }).to_string();
    let failure = parse(&quote(), 200, "application/json", body.as_bytes()).unwrap_err();
    assert!(!format!("{failure} {failure:?}").contains(KEY), "{failure:?} repeats the key");
    failure
}

#[test]
fn notices_are_told_apart_by_their_words() {
    use FailureClass::*;
    let thanks = "Thank you for using Alpha Vantage!";
    let premium = "https://www.alphavantage.co/premium/";
    let r8 = format!(
        "{thanks} Please consider spreading out your free API requests more sparingly (1 request per second). You may subscribe to any of the premium plans at {premium} to lift the free key rate limit (25 requests per day), raise the per-second burst limit, and instantly unlock all premium endpoints"
    );
    let r7 = format!(
        "{thanks} Please consider spreading out your free API requests more sparingly. You may subscribe to any of the premium plans at {premium} to lift the free key rate limit (25 requests per day) and instantly unlock all premium endpoints"
    );
    let r6 = format!(
        "We have detected your API key as {KEY} and our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans at {premium} to instantly remove all daily rate limits."
    );
    let notices = [
        (UnspecifiedLimit, "Please consider optimizing your API call frequency.".to_owned()),
        (UnspecifiedLimit, format!("{thanks} Please kindly contact support@alphavantage.co if you would like to have a higher API call volume.")),
        (UnspecifiedLimit, format!("{thanks} Please visit {premium} if you would like to have a higher API call volume.")),
        (UnspecifiedLimit, format!("{thanks} Our standard API call frequency is 5 calls per minute and 500 calls per day. Please visit {premium} if you would like to target a higher API call frequency.")),
        (UnspecifiedLimit, format!("{thanks} Please contact premium@alphavantage.co if you are targeting a higher API call volume.")),
        (PerDayLimit, format!("We have detected your API key as {KEY} and our standard API rate limit is 25 requests per day. Please visit {premium} if you would like to target a higher API call frequency.")),
        (PerDayLimit, format!("{thanks} Our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans at {premium} to instantly remove all daily rate limits.")),
        (PerDayLimit, r6),
        (PerSecondLimit, r7),
        (PerSecondLimit, r8.clone()),
        (PerSecondLimit, r8.replace("unlock all premium endpoints", "remove all daily rate limits.")),
        (PerMinuteLimit, "Minute-level rate limit exceed. Please stay under the number of API requests per minute for your premium subscription plan. Please contact support@alphavantage.co if you are targeting a higher API request volume.".into()),
        (PerSecondLimit, "Burst pattern detected. Please consider spreading out your API requests more evenly across a 1-minute window and query no more than 20 requests per second. Please contact support@alphavantage.co if you are targeting a higher API request volume.".into()),
        (PerSecondLimit, "Please query the demo URLs at no more than 2 requests per second.".into()),
        (PremiumOnly, format!("{thanks} This is a premium endpoint. You may subscribe to any of the premium plans at {premium} to instantly unlock all premium endpoints")),
        (PremiumOnly, format!("{thanks} The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint. You may subscribe to any of the premium plans at {premium} to instantly unlock all premium features")),
        (NotEntitled, format!("{thanks} You are not yet entitled to realtime US market data access.")),
        (NotEntitled, format!("{thanks} You are not yet entitled to 15-minute delayed US market data.")),
        (NotEntitled, "You are not yet entitled to index data access ... subscribe to any premium plan".into()),
        (BadKey, "The **demo** API key is for demo purposes only. Please claim your free API key at (https://www.alphavantage.co/support/#api-key) to explore our full API offerings. It takes fewer than 20 seconds.".into()),
        (BadKey, "the parameter apikey is invalid or missing. Please claim your free API key on (https://www.alphavantage.co/support/#api-key).".into()),
        (NothingFound, "Invalid inputs. Please refer to the API documentation https://www.alphavantage.co/documentation#newsapi and try again.".into()),
        (NothingFound, "No articles found. Please adjust the time range or refer to the API documentation".into()),
        (Refused, format!("From 2031 on, only on Tuesdays; your key {KEY} included.")),
    ];
    for (class, text) in notices {
        for envelope in ["Information", "Note"] {
            assert_eq!(refused(envelope, &text).class(), class, "{text}");
        }
    }
}

#[test]
fn errors_are_told_apart_by_their_words() {
    for (failure, text) in [
        (
            Failure::BadKey,
            "the parameter apikey is invalid or missing. Please claim your free API key on (https://www.alphavantage.co/support/#api-key). It should take less than 20 seconds.",
        ),
        (Failure::UnknownFunction, "This API function (FOO) does not exist."),
        (Failure::UnknownFunction, "This API function () does not exist."),
        (
            Failure::InvalidCall,
            "Invalid API call. Please retry or visit the documentation (https://www.alphavantage.co/documentation/) for TIME_SERIES_INTRADAY.",
        ),
        (
            Failure::Unavailable { status: 200 },
            "The intraday time series encountered an internal or external error - we apologize",
        ),
    ] {
        assert_eq!(refused("Error Message", text), failure, "{text}");
    }
    assert_eq!(refused("detail", "Could not satisfy the request Accept header."), Failure::InvalidCall);
}

#[test]
fn each_class_says_whether_and_when_to_ask_again() {
    use Failure::*;
    let table = [
        (InvalidCall, Retry::OnceAfterMs(900_000)),
        (UnknownFunction, Retry::Never),
        (UnknownSymbol, Retry::Never),
        (NothingFound, Retry::Never),
        (BadKey, Retry::Never),
        (PerSecondLimit, Retry::AfterMs(2_000)),
        (PerMinuteLimit, Retry::AfterMs(60_000)),
        (PerDayLimit, Retry::WhenDayTurns),
        (UnspecifiedLimit, Retry::WithBackoff),
        (PremiumOnly, Retry::Never),
        (NotEntitled, Retry::Never),
        (ArtificialSample, Retry::Never),
        (Refused { notice: "new".into() }, Retry::WithBackoff),
        (Malformed("cut".into()), Retry::WithBackoff),
        (TooLarge, Retry::WithBackoff),
        (Unavailable { status: 503 }, Retry::WithBackoff),
    ];
    let classes: BTreeSet<FailureClass> = table.iter().map(|(failure, _)| failure.class()).collect();
    assert_eq!(classes.len(), 16, "each once");
    for (failure, retry) in table {
        assert_eq!(failure.retry(), retry, "{failure:?}");
    }
}

#[test]
fn artificial_rows_are_never_data() {
    let symbols = BulkSymbols::new(vec!["IBM".parse().unwrap()]).unwrap();
    let request = Request::new(Function::BulkQuotes { symbols });
    let rows = r#"[{"symbol": "IBM", "timestamp": "2030-01-02 19:59:55.291", "close": "101.25"}]"#;
    let message = "This is a premium endpoint. ***THE SAMPLE DATA SCHEMA BELOW IS ARTIFICIAL AND FOR ILLUSTRATION PURPOSES ONLY***. 600 requests per minute";
    for body in [
        format!(r#"{{"endpoint": "Realtime Bulk Quotes", "message": "{message}", "data": {rows}}}"#),
        r#"{"message": "success", "data": [{"contractID": "XXYYZZ999999C00020000"}]}"#.to_owned(),
        r#"{"message": "success", "data": [{"symbol": "XXYYZZ"}]}"#.to_owned(),
    ] {
        let failure = parse(&request, 200, "application/json", body.as_bytes()).unwrap_err();
        assert_eq!((failure.retry(), failure), (Retry::Never, Failure::ArtificialSample));
    }
}

#[test]
fn a_throttle_notice_in_csv_is_no_row() {
    let request = Request::new(Function::ListingStatus { date: None, state: Default::default() });
    for row in ["I,n,f,o,r,m,a", "N,o,t,e,,,"] {
        let body = format!("symbol,name,exchange,assetType,ipoDate,delistingDate,status\r\n{row}\r\n");
        let failure = parse(&request, 200, "application/x-download", body.as_bytes()).unwrap_err();
        assert_eq!(failure, Failure::UnspecifiedLimit);
    }
}

#[test]
fn unknown_symbols_have_many_shapes() {
    for body in ["{}", r#"{"Global Quote": {}}"#, r#"{"Global Quote - DATA DELAYED BY 15 MINUTES": {}}"#] {
        let failure = parse(&quote(), 200, "application/json", body.as_bytes());
        assert_eq!(failure, Err(Failure::UnknownSymbol), "{body}");
    }
    let empty = parse(&daily(), 200, "application/json", br#"{"Time Series (Daily)": {}}"#);
    assert_eq!(empty, Err(Failure::UnknownSymbol));
    let rows = b"symbol,open,high,low,price,volume,latestDay,previousClose,change,changePercent\r\n";
    assert_eq!(parse(&quote(), 200, "", rows), Err(Failure::UnknownSymbol));
}

#[test]
fn trouble_on_the_way_is_no_refusal() {
    let good = br#"{"Global Quote": {"01. symbol": "IBM"}}"#;
    for (status, content_type, body, expected) in [
        (503, "text/html", "<html>Application Error</html>", FailureClass::Unavailable),
        (503, "application/json", std::str::from_utf8(good).unwrap(), FailureClass::Unavailable),
        (0, "", "", FailureClass::Unavailable),
        (200, "text/html", "oops", FailureClass::Unavailable),
        (200, "application/json", " \n<!DOCTYPE html>", FailureClass::Unavailable),
        (200, "application/json", "", FailureClass::Unavailable),
        (429, "", "", FailureClass::UnspecifiedLimit),
        (403, "", "", FailureClass::BadKey),
        (406, "", r#"{"detail": "x"}"#, FailureClass::InvalidCall),
        (200, "application/json", r#"{"Global Quote": {"01. sym"#, FailureClass::Malformed),
        (200, "application/json", r#"{"Something new": {}}"#, FailureClass::Malformed),
        (200, "application/json", "[]", FailureClass::Malformed),
        (200, "", "\u{0}\u{1}garbage", FailureClass::Malformed),
        (200, "", "garbage", FailureClass::Malformed),
    ] {
        let failure = parse(&quote(), status, content_type, body.as_bytes()).unwrap_err();
        assert_eq!(failure.class(), expected, "{status} {body}");
    }
}

#[test]
fn the_size_of_an_answer_is_bounded() {
    let body = vec![b' '; tickwise_alphavantage::MAX_BODY_BYTES + 1];
    assert_eq!(parse(&quote(), 200, "application/json", &body), Err(Failure::TooLarge));
}

#[test]
fn an_answer_about_another_symbol_is_refused() {
    let body = r#"{"Global Quote": {"01. symbol": "MSFT", "05. price": "1", "07. latest trading day": "2030-01-02"}}"#;
    assert!(matches!(parse(&quote(), 200, "", body.as_bytes()), Err(Failure::Malformed(_))));
    let body =
        r#"{"Meta Data": {"2. Symbol": "MSFT"}, "Time Series (Daily)": {"2030-01-02": {"1. open": "1"}}}"#;
    assert!(matches!(parse(&daily(), 200, "", body.as_bytes()), Err(Failure::Malformed(_))));
}
