//! The small texts that come from everywhere: symbols, intervals, dates.

use tickwise_market::{Interval, Symbol, iso_date};

use super::texts;

pub fn check(input: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(input) else { return false };
    let symbol = text.parse::<Symbol>();
    if let Ok(symbol) = &symbol {
        assert_eq!(symbol.as_str().parse::<Symbol>().as_ref(), Ok(symbol));
    }
    let interval = text.parse::<Interval>();
    if let Ok(interval) = &interval {
        assert_eq!(interval.to_string(), text);
    }
    let date = iso_date::parse(text);
    if let Some(date) = date {
        assert_eq!(date.to_string(), text);
    }
    symbol.is_ok() || interval.is_ok() || date.is_some()
}

pub fn seeds() -> Vec<Vec<u8>> {
    texts(["AAPL", "BRK.B", "^GSPC", "eurusd", "1mo", "5m", "2012-02-29", "1900-01-01"])
}
