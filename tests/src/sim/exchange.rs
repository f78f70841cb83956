//! Where a share is traded, and when.

use jiff::{
    Timestamp,
    civil::{Date, Time, time},
    tz::TimeZone,
};
use tickwise_market::{Calendar, Session};

/// An exchange of the simulated market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// Of the United States.
    UnitedStates,
    /// London: the vendor quotes pence, and tells its times by the clocks of New York.
    London,
}

impl Exchange {
    /// The session of a day. Only days of New York are recorded, so all exchanges have those.
    pub fn session(self, date: Date) -> Option<Session> {
        let new_york = Calendar::Nyse.session(date)?;
        match self {
            Self::UnitedStates => Some(new_york),
            Self::London => {
                let [open_ms, close_ms] = self.hours().map(|at| self.ms(date, at));
                Some(Session { date, open_ms: open_ms?, close_ms: close_ms? })
            }
        }
    }

    /// The session that a moment lies in.
    pub fn session_at(self, time_ms: i64) -> Option<Session> {
        let session = self.session(Calendar::Nyse.date_at(time_ms)?)?;
        (session.open_ms..session.close_ms).contains(&time_ms).then_some(session)
    }

    /// Local opening and close, as the vendor's search tells them.
    pub const fn hours(self) -> [Time; 2] {
        match self {
            Self::UnitedStates => [time(9, 30, 0, 0), time(16, 0, 0, 0)],
            Self::London => [time(8, 0, 0, 0), time(16, 30, 0, 0)],
        }
    }

    /// The vendor's name of the place.
    pub const fn region(self) -> &'static str {
        match self {
            Self::UnitedStates => "United States",
            Self::London => "United Kingdom",
        }
    }

    /// What prices are counted in; `GBX` are pence.
    pub const fn currency(self) -> &'static str {
        match self {
            Self::UnitedStates => "USD",
            Self::London => "GBX",
        }
    }

    /// `UTC-05`, which follows daylight saving.
    pub fn utc_offset(self, at_ms: i64) -> String {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
        let hours = self.zone().to_offset(at).seconds() / 3600;
        format!("UTC{hours:+03}")
    }

    /// An instant by local clocks.
    pub fn ms(self, date: Date, at: Time) -> Option<i64> {
        self.zone().to_timestamp(date.to_datetime(at)).ok().map(|at| at.as_millisecond())
    }

    fn zone(self) -> TimeZone {
        match self {
            Self::UnitedStates => jiff::tz::get!("America/New_York"),
            Self::London => jiff::tz::get!("Europe/London"),
        }
    }
}
