use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tickwise_market::Interval;
use tickwise_protocol::rest::MAX_BARS;
use worker::Url;

use super::{
    format::Format,
    instant,
    query::{bad, value},
};
use crate::error::EdgeError;

const DEFAULT_BARS: usize = 500;

/// `?interval=&from=&to=&limit=&format=`, checked: what the Worker asks a Feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BarsQuery {
    /// Interval; a day by default.
    pub interval: Interval,
    /// First instant, inclusive.
    pub from_ms: i64,
    /// Last instant, exclusive.
    pub to_ms: i64,
    /// The newest so many bars.
    pub limit: usize,
    /// How the answer is written.
    pub format: Format,
}

impl BarsQuery {
    /// Reads the query of a URL, of which [`super::query`] has checked the names.
    /// `accept` decides about the format where the query does not.
    ///
    /// # Errors
    /// [`EdgeError::BadParameter`] naming the first parameter at fault, or
    /// [`EdgeError::NotAcceptable`].
    pub fn parse(url: &Url, accept: Option<&str>) -> Result<Self, EdgeError> {
        let format = value(url, "format").map(|text| text.parse());
        let query = Self {
            interval: parsed(url, "interval", "one of 1s, 1m, 5m, 15m, 1h, 1d, 1w, 1mo")?
                .unwrap_or(Interval::Day),
            from_ms: instant(url, "from")?.unwrap_or(i64::MIN),
            to_ms: instant(url, "to")?.unwrap_or(i64::MAX),
            limit: parsed(url, "limit", "a whole number")?.unwrap_or(DEFAULT_BARS),
            format: format.unwrap_or_else(|| Format::negotiate(accept))?,
        };
        if !(1..=MAX_BARS).contains(&query.limit) {
            return Err(bad("limit", format!("expected 1 to {MAX_BARS}")));
        }
        // Either alone leaves the other side open.
        if query.from_ms >= query.to_ms && query.from_ms != i64::MIN && query.to_ms != i64::MAX {
            return Err(bad("to", "expected an instant after 'from'".into()));
        }
        Ok(query)
    }
}

fn parsed<T: FromStr>(url: &Url, parameter: &'static str, expected: &str) -> Result<Option<T>, EdgeError> {
    let Some(text) = value(url, parameter) else { return Ok(None) };
    let refusal = |_| bad(parameter, format!("expected {expected}, not {text:?}"));
    text.parse().map(Some).map_err(refusal)
}

fn instant(url: &Url, parameter: &'static str) -> Result<Option<i64>, EdgeError> {
    let Some(text) = value(url, parameter) else { return Ok(None) };
    let refusal = || {
        let hint = if text.contains(' ') { " (a + in a URL is written %2B)" } else { "" };
        let detail = format!(
            "expected a date, a time (New York's, or with an offset) or milliseconds since 1970, not {text:?}{hint}"
        );
        bad(parameter, detail)
    };
    instant::parse(&text).map(Some).ok_or_else(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<BarsQuery, EdgeError> {
        BarsQuery::parse(&Url::parse(&format!("https://x.invalid/?{query}")).unwrap(), None)
    }

    #[test]
    fn ranges_are_open_where_they_are_not_given() {
        let all = parse("").unwrap();
        assert_eq!((all.from_ms, all.to_ms, all.limit), (i64::MIN, i64::MAX, DEFAULT_BARS));
        let day = parse("from=2012-12-04&to=2012-12-05&limit=7&interval=1m").unwrap();
        assert_eq!((day.to_ms - day.from_ms, day.limit, day.interval), (86_400_000, 7, Interval::Minute));
        assert!(parse("to=9999-12-31").unwrap().to_ms > day.to_ms);
    }

    #[test]
    fn errors_name_the_parameter() {
        for (query, name) in [
            ("interval=2m", "interval"),
            ("from=yesterday", "from"),
            ("from=5", "from"),
            ("to=", "to"),
            ("limit=0", "limit"),
            ("limit=-1", "limit"),
            ("limit=999999", "limit"),
            ("from=2012&to=2012", "to"),
            ("format=xml", "format"),
        ] {
            match parse(query) {
                Err(EdgeError::BadParameter { parameter, .. }) => assert_eq!(parameter, name, "{query}"),
                other => panic!("{query}: {other:?}"),
            }
        }
        let plus = parse("from=2012-12-04T15:00:00+01:00").unwrap_err().to_string();
        assert!(plus.contains("%2B"), "{plus}");
    }
}
