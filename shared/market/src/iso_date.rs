//! Dates as `YYYY-MM-DD`, for `#[serde(with = "tickwise_market::iso_date")]`.
//!
//! jiff's own conversions understand much more, and bring the code and the error
//! messages for it into everything that a browser downloads.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// `YYYY-MM-DD`.
pub fn format(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// Reads `YYYY-MM-DD`; nothing else is a date.
pub fn parse(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// For serde.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    format(*date).serialize(serializer)
}

/// For serde.
///
/// # Errors
/// When the text is no date.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("expected a date as YYYY-MM-DD"))
}

/// Two dates.
pub mod pair {
    use super::*;

    /// For serde.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(dates: &[Date; 2], serializer: S) -> Result<S::Ok, S::Error> {
        dates.map(format).serialize(serializer)
    }

    /// For serde.
    ///
    /// # Errors
    /// When a text is no date.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[Date; 2], D::Error> {
        let [first, last] = <[String; 2]>::deserialize(deserializer)?;
        let dates = parse(&first).zip(parse(&last));
        dates
            .map(|(first, last)| [first, last])
            .ok_or_else(|| D::Error::custom("expected two dates as YYYY-MM-DD"))
    }
}

/// The JSON Schema of such a date.
#[cfg(feature = "schema")]
#[derive(Debug)]
pub struct IsoDate;

#[cfg(feature = "schema")]
impl schemars::JsonSchema for IsoDate {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "IsoDate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_round_trip_and_nothing_else_is_one() {
        assert_eq!(parse(&format(date(2012, 9, 4))), Some(date(2012, 9, 4)));
        for text in ["", "2012-9-4", "2012-02-30", "2012-09-04T00:00", "12-09-04", "abcd-ef-gh", "2012-09-0-"]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
