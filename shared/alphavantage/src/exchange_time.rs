use jiff::{
    civil::DateTime,
    tz::{self, Offset, TimeZone},
};

use crate::{Failure, value};

static NEW_YORK: TimeZone = tz::get!("America/New_York");

/// The zone in which a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// `US/Eastern`, an alias of New York's, with its daylight saving.
    UsEastern,
    /// A fixed offset from UTC in hours: `UTC`, `UTC-04`, `GMT+8`.
    Fixed {
        /// Hours east of UTC.
        hours: i8,
    },
}

/// A moment as an exchange's clocks showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangeTime {
    /// The clock's date and time.
    pub local: DateTime,
    /// The clock's zone.
    pub zone: Zone,
    /// Milliseconds since the Unix epoch, UTC.
    pub ms: i64,
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self::Fixed { hours: 0 };

    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let hours = || {
            let offset = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT"))?;
            if offset.is_empty() {
                return Some(0);
            }
            let hours: i8 = offset.strip_suffix(":00").unwrap_or(offset).parse().ok()?;
            (-14..=14).contains(&hours).then_some(hours)
        };
        match text {
            "US/Eastern" | "America/New_York" | "EST" | "EDT" | "ET" => Ok(Self::UsEastern),
            _ => hours().map(|hours| Self::Fixed { hours }).ok_or_else(|| value::not_a("time zone", text)),
        }
    }

    /// The moment at which clocks of this zone show a time; of two the earlier.
    pub fn at(self, local: DateTime) -> Option<ExchangeTime> {
        let timestamp = match self {
            Self::UsEastern => NEW_YORK.to_timestamp(local),
            Self::Fixed { hours } => Offset::from_hours(hours).ok()?.to_timestamp(local),
        };
        Some(ExchangeTime { local, zone: self, ms: timestamp.ok()?.as_millisecond() })
    }

    pub(crate) fn time(self, text: &str) -> Result<ExchangeTime, Failure> {
        self.at(value::date_time(text)?).ok_or_else(|| value::not_a("time", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daylight_saving_is_that_of_new_york() {
        let ms = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        for (local, utc) in [
            ("2030-03-08 16:00:00", "2030-03-08T21:00:00Z"),
            ("2030-03-11 16:00:00", "2030-03-11T20:00:00Z"),
            ("2030-11-01 16:00:00", "2030-11-01T20:00:00Z"),
            ("2030-11-04 16:00:00", "2030-11-04T21:00:00Z"),
            // Inside the hour that is skipped, and inside the one that comes twice.
            ("2030-03-10 02:30:00", "2030-03-10T07:30:00Z"),
            ("2030-11-03 01:30:00", "2030-11-03T05:30:00Z"),
        ] {
            assert_eq!(Zone::UsEastern.time(local).unwrap().ms, ms(utc), "{local}");
        }
    }

    #[test]
    fn zones_by_every_name_seen() {
        assert_eq!(Zone::parse("US/Eastern"), Ok(Zone::UsEastern));
        assert_eq!(Zone::parse("UTC"), Ok(Zone::UTC));
        assert_eq!(Zone::parse("UTC-04"), Ok(Zone::Fixed { hours: -4 }));
        assert_eq!(Zone::parse("GMT+8"), Ok(Zone::Fixed { hours: 8 }));
        for text in ["", "Mars/Base", "UTC+99", "UTC+x"] {
            assert!(Zone::parse(text).is_err(), "{text}");
        }
        let eight = Zone::parse("GMT+8").unwrap().time("2030-01-02 08:00:00").unwrap();
        assert_eq!(eight.ms, Zone::UTC.time("2030-01-02").unwrap().ms);
    }
}
