use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday, time},
    tz::{self, TimeZone},
};
use serde::{Deserialize, Serialize};

use crate::Interval;

static NEW_YORK: TimeZone = tz::get!("America/New_York");

/// When an instrument trades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// New York Stock Exchange, regular session 09:30 to 16:00 New York time.
    #[default]
    Nyse,
    /// Markets that never close; the day is the UTC day.
    AlwaysOpen,
}

/// One trading day: `open_ms` inclusive, `close_ms` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The exchange's trading day.
    pub date: Date,
    /// Opening instant.
    pub open_ms: i64,
    /// Closing instant.
    pub close_ms: i64,
}

impl Calendar {
    /// The session of a trading day; `None` when the market stays closed.
    pub fn session(self, date: Date) -> Option<Session> {
        let (zone, open, close) = match self {
            Self::Nyse => {
                if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
                    return None;
                }
                (&NEW_YORK, date.to_datetime(time(9, 30, 0, 0)), date.to_datetime(time(16, 0, 0, 0)))
            }
            Self::AlwaysOpen => {
                let next = date.checked_add(1.day()).ok()?;
                (&TimeZone::UTC, date.to_datetime(time(0, 0, 0, 0)), next.to_datetime(time(0, 0, 0, 0)))
            }
        };
        let instant = |at: jiff::civil::DateTime| Some(zone.to_timestamp(at).ok()?.as_millisecond());
        Some(Session { date, open_ms: instant(open)?, close_ms: instant(close)? })
    }

    /// The exchange's calendar date at an instant.
    pub fn date_at(self, time_ms: i64) -> Option<Date> {
        let zone = match self {
            Self::Nyse => NEW_YORK.clone(),
            Self::AlwaysOpen => TimeZone::UTC,
        };
        Some(zone.to_datetime(Timestamp::from_millisecond(time_ms).ok()?).date())
    }

    /// The session that contains an instant; `None` when the market is closed.
    pub fn session_at(self, time_ms: i64) -> Option<Session> {
        let session = self.session(self.date_at(time_ms)?)?;
        (session.open_ms..session.close_ms).contains(&time_ms).then_some(session)
    }

    /// Start of the bar of `interval` that contains `time_ms`; `None` when the
    /// market is closed then.
    pub fn bucket_start_ms(self, interval: Interval, time_ms: i64) -> Option<i64> {
        let session = self.session_at(time_ms)?;
        let _ = interval;
        Some(session.open_ms)
    }
}
