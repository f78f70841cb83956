use std::{borrow::Cow, collections::BTreeSet, str::FromStr};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickwise_market::{Calendar, Interval};
use tickwise_protocol::rest::MAX_BARS;
use worker::Url;

use super::format::Format;

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
    /// Reads the query of a URL. Instants are milliseconds since 1970, RFC 3339
    /// timestamps, or dates (midnight in New York). Unknown parameters are refused,
    /// since a misspelt one would silently change the answer, and so are those given
    /// twice. `accept` decides about the format where the query does not.
    ///
    /// # Errors
    /// [`EdgeError::BadParameter`] naming the first parameter at fault, or
    /// [`EdgeError::NotAcceptable`].
    pub fn parse(url: &Url, accept: Option<&str>) -> Result<Self, EdgeError> {
        Self::from_pairs(url.query_pairs(), accept)
    }

    /// The same from the parameters alone.
    pub(super) fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
        accept: Option<&str>,
    ) -> Result<Self, EdgeError> {
        let mut query = Self {
            interval: Interval::Day,
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            limit: DEFAULT_BARS,
            format: Format::Json,
        };
        let mut format = None;
        for pair in distinct(pairs) {
            let (name, value) = pair?;
            match name.as_ref() {
                "interval" => {
                    query.interval = parsed("interval", &value, "one of 1s, 1m, 5m, 15m, 1h, 1d, 1w, 1mo")?
                }
                "from" => query.from_ms = instant("from", &value)?,
                "to" => query.to_ms = instant("to", &value)?,
                "limit" => query.limit = parsed("limit", &value, "a whole number")?,
                "format" => format = Some(value.parse()?),
                other => return Err(unknown(other)),
            }
        }
        query.format = format.map_or_else(|| Format::negotiate(accept), Ok)?;
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

/// The parameters in their order; one given twice is refused where it comes again.
pub(super) fn distinct<'a>(
    pairs: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
) -> impl Iterator<Item = Result<(Cow<'a, str>, Cow<'a, str>), EdgeError>> {
    let mut seen = BTreeSet::new();
    pairs.into_iter().map(move |(name, value)| match seen.insert(name.clone()) {
        true => Ok((name, value)),
        false => Err(bad("query", format!("{name:?} is given twice"))),
    })
}

pub(super) fn bad(parameter: &'static str, detail: String) -> EdgeError {
    EdgeError::BadParameter { parameter, detail }
}

fn unknown(name: &str) -> EdgeError {
    bad("query", format!("there is no parameter {name:?}; there are interval, from, to, limit and format"))
}

fn parsed<T: FromStr>(parameter: &'static str, value: &str, expected: &str) -> Result<T, EdgeError> {
    value.parse().map_err(|_| bad(parameter, format!("expected {expected}, not {value:?}")))
}

fn instant(parameter: &'static str, value: &str) -> Result<i64, EdgeError> {
    let millis = || value.parse::<i64>().ok();
    let timestamp = || Some(value.parse::<Timestamp>().ok()?.as_millisecond());
    let date = || Calendar::Nyse.midnight_ms(value.parse::<Date>().ok()?);
    millis().or_else(timestamp).or_else(date).ok_or_else(|| {
        bad(parameter, format!("expected milliseconds since 1970, a timestamp or a date, not {value:?}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<BarsQuery, EdgeError> {
        BarsQuery::parse(&Url::parse(&format!("https://x.invalid/?{query}")).unwrap(), None)
    }

    #[test]
    fn instants_come_in_three_forms() {
        for text in ["1346731200000", "2012-09-04T00:00:00-04:00", "2012-09-04T04:00:00Z", "2012-09-04"] {
            assert_eq!(parse(&format!("from={text}")).unwrap().from_ms, 1_346_731_200_000, "{text}");
        }
    }

    #[test]
    fn errors_name_the_parameter() {
        for (query, name) in [
            ("interval=2m", "interval"),
            ("from=yesterday", "from"),
            ("to=", "to"),
            ("limit=0", "limit"),
            ("limit=-1", "limit"),
            ("limit=999999", "limit"),
            ("from=2&to=2", "to"),
            ("intervall=1d", "query"),
            ("limit=1&limit=2", "query"),
            ("format=xml", "format"),
        ] {
            match parse(query) {
                Err(EdgeError::BadParameter { parameter, .. }) => assert_eq!(parameter, name, "{query}"),
                other => panic!("{query}: {other:?}"),
            }
        }
    }
}
