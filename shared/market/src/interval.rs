use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Calendar;

/// The length of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the names say it")]
pub enum Interval {
    #[serde(rename = "1s")]
    Second,
    #[serde(rename = "1m")]
    Minute,
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "15m")]
    FifteenMinutes,
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "1d")]
    Day,
    #[serde(rename = "1w")]
    Week,
    #[serde(rename = "1mo")]
    Month,
}

/// Text that names no interval. Retrying does not help.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("an interval is one of 1s, 1m, 5m, 15m, 1h, 1d, 1w, 1mo")]
pub struct UnknownInterval;

impl Interval {
    /// Every interval, shortest first.
    pub const ALL: [Self; 8] = [
        Self::Second,
        Self::Minute,
        Self::FiveMinutes,
        Self::FifteenMinutes,
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::Month,
    ];

    /// The name used in queries and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Second => "1s",
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::FifteenMinutes => "15m",
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "1w",
            Self::Month => "1mo",
        }
    }

    /// Length in milliseconds of an interval shorter than a day; `None` for
    /// days and longer, whose length depends on the calendar.
    pub fn intraday_ms(self) -> Option<i64> {
        match self {
            Self::Second => Some(1_000),
            Self::Minute => Some(60_000),
            Self::FiveMinutes => Some(300_000),
            Self::FifteenMinutes => Some(900_000),
            Self::Hour => Some(3_600_000),
            Self::Day | Self::Week | Self::Month => None,
        }
    }

    /// How many bars a year has: what a variance of one is multiplied by to be a year's.
    /// A session's last bar counts even where it is shorter; half days are not minded.
    pub fn bars_per_year(self, calendar: Calendar) -> f64 {
        let (days, hours) = match calendar {
            Calendar::Nyse => (252.0, 6.5),
            Calendar::Fx => (260.0, 24.0),
            Calendar::AlwaysOpen => (365.0, 24.0),
        };
        match self {
            Self::Day => days,
            Self::Week => 52.0,
            Self::Month => 12.0,
            intraday => {
                let per_hour = intraday.intraday_ms().map_or(1.0, |ms| 3_600_000.0 / ms as f64);
                days * (hours * per_hour).ceil()
            }
        }
    }

    /// Whether bars of this interval lie inside one session.
    pub fn is_intraday(self) -> bool {
        self.intraday_ms().is_some()
    }
}

impl FromStr for Interval {
    type Err = UnknownInterval;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|i| i.as_str() == text).ok_or(UnknownInterval)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_has_the_bars_of_its_sessions() {
        let of = |calendar| Interval::ALL.map(|interval| interval.bars_per_year(calendar));
        let nyse = [5_896_800.0, 98_280.0, 19_656.0, 6_552.0, 1_764.0, 252.0, 52.0, 12.0];
        assert_eq!(of(Calendar::Nyse), nyse);
        assert_eq!(of(Calendar::Fx)[4..6], [6_240.0, 260.0]);
        assert_eq!(of(Calendar::AlwaysOpen)[1..6], [525_600.0, 105_120.0, 35_040.0, 8_760.0, 365.0]);
    }

    #[test]
    fn text_and_json_round_trip() {
        for interval in Interval::ALL {
            assert_eq!(interval.as_str().parse(), Ok(interval));
            assert_eq!(serde_json::to_string(&interval).unwrap(), format!("\"{interval}\""));
        }
        assert_eq!("1M".parse::<Interval>(), Err(UnknownInterval));
    }
}
