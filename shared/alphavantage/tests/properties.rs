//! Any bytes are an answer or a failure; what is written as the provider writes is read back.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::fmt::Write;

use jiff::{ToSpan, civil::date};
use proptest::prelude::*;
use tickwise_alphavantage::{
    BulkSymbols, Function, IntradayInterval, NewsQuery, OutputSize, Reply, Request, parse,
};

fn functions() -> Vec<Function> {
    let symbol = || "ACME".parse().unwrap();
    vec![
        Function::GlobalQuote { symbol: symbol() },
        Function::BulkQuotes { symbols: BulkSymbols::new(vec![symbol()]).unwrap() },
        Function::Intraday {
            symbol: symbol(),
            interval: IntradayInterval::Minute,
            adjusted: false,
            extended_hours: true,
            month: None,
            size: OutputSize::Full,
        },
        Function::Daily { symbol: symbol(), size: OutputSize::Full },
        Function::DailyAdjusted { symbol: symbol(), size: OutputSize::Full },
        Function::Weekly { symbol: symbol() },
        Function::WeeklyAdjusted { symbol: symbol() },
        Function::Monthly { symbol: symbol() },
        Function::MonthlyAdjusted { symbol: symbol() },
        Function::SymbolSearch { keywords: String::new() },
        Function::MarketStatus,
        Function::Overview { symbol: symbol() },
        Function::News(NewsQuery::default()),
        Function::TopMovers,
        Function::Earnings { symbol: symbol() },
        Function::ListingStatus { date: None, state: Default::default() },
        Function::ExchangeRate { from: symbol(), to: symbol() },
        Function::FxDaily { from: symbol(), to: symbol(), size: OutputSize::Full },
        Function::CryptoDaily { symbol: symbol(), market: symbol() },
    ]
}

/// Text made of what answers are made of.
fn fragments() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\r\n",
        "\"Time Series (Daily)\":",
        "\"Meta Data\":{",
        "\"Global Quote\":{",
        "\"2030-01-02\":{",
        "\"1. open\":",
        "\"100.1\"",
        "\"data\":[",
        "\"feed\":[",
        "\"None\"",
        "null",
        "1e400",
        "-0",
        "\\u0000",
        "\"markets\":[",
        "\"last_updated\":\"2030-01-02 16:16:00 US/Eastern\",",
        "timestamp,open,high,low,close\n",
        "é",
        "\"7. Time Zone\":\"UTC+99\"",
        "symbol,name,exchange,assetType,ipoDate,delistingDate,status\n",
        "9999-12-31 23:59:59",
        "\"Information\":",
        "T",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in fragments(), status in any::<u16>()) {
        for function in functions() {
            let request = Request::new(function);
            let _ = parse(&request, status, "application/json", &bytes);
            let _ = parse(&request, 200, "", &bytes);
            let _ = parse(&request, 200, "application/json", text.as_bytes());
        }
    }

    #[test]
    fn what_is_written_is_read_back(
        rows in prop::collection::vec((1_u32..1_000_000, 0_u32..1000, 0_u32..1000, 0_u64..(1 << 53)), 1..80),
        shuffle in any::<prop::sample::Index>(),
    ) {
        // Prices in ten-thousandths, as the provider prints them; any order of keys.
        let first = date(2029, 1, 1);
        let price = |ten_thousandths: u32| format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000);
        let mut lines: Vec<(String, [String; 4], u64)> = (0_i64..).zip(&rows).map(|(i, (low, up, more, volume))| {
            let day = first.checked_add(i.days()).unwrap().to_string();
            (day, [low + up, low + up + more, *low, low + more.min(up)].map(price), *volume)
        }).collect();
        let expected = lines.clone();
        let middle = shuffle.index(lines.len());
        lines.rotate_left(middle);
        let mut json = String::from(r#"{"Meta Data": {"2. Symbol": "ACME"}, "Time Series (Daily)": {"#);
        let mut csv = String::from("timestamp,open,high,low,close,volume\r\n");
        for (i, (day, [open, high, low, close], volume)) in lines.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            write!(json, r#"{comma}"{day}": {{"1. open": "{open}", "2. high": "{high}", "3. low": "{low}", "4. close": "{close}", "5. volume": "{volume}"}}"#).unwrap();
            write!(csv, "{day},{open},{high},{low},{close},{volume}\r\n").unwrap();
        }
        json.push_str("}}");
        let request = Request::new(Function::Daily { symbol: "ACME".parse().unwrap(), size: OutputSize::Full });
        for body in [json, csv] {
            let Ok(Reply::Series(series)) = parse(&request, 200, "", body.as_bytes()) else { panic!("{body}") };
            let read: Vec<_> = series.rows.iter().map(|row| {
                let bar = row.bar;
                (row.date().to_string(), [bar.open, bar.high, bar.low, bar.close].map(|x| format!("{x:.4}")), bar.volume as u64)
            }).collect();
            prop_assert_eq!(&read, &expected);
            // Cut anywhere, it is never taken for the whole.
            let cut = shuffle.index(body.len());
            if let Ok(Reply::Series(part)) = parse(&request, 200, "", &body.as_bytes()[..cut]) {
                prop_assert!(body.starts_with("timestamp"));
                prop_assert!(part.rows.iter().all(|row| series.rows.contains(row)));
            }
        }
    }
}
