//! When markets trade.

mod nyse;

use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, Time, Weekday, time},
    tz::{self, TimeZone},
};
use serde::{Deserialize, Serialize};

use crate::Interval;

static NEW_YORK: TimeZone = tz::get!("America/New_York");
static UTC: TimeZone = TimeZone::UTC;

/// A market's trading days and hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// New York Stock Exchange: regular session 09:30 to 16:00 New York time,
    /// to 13:00 on half days, since 1988 as it was ([`Calendar::reaches`]).
    #[default]
    Nyse,
    /// Foreign exchange: from Sunday 17:00 to Friday 17:00 New York time, in
    /// sessions that end at 17:00 and carry the date of their end.
    Fx,
    /// Markets that never close; the day is the UTC day.
    AlwaysOpen,
}

/// One trading day: `open_ms` inclusive, `close_ms` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The trading day.
    pub date: Date,
    /// Opening instant.
    pub open_ms: i64,
    /// Closing instant.
    pub close_ms: i64,
}

/// When a foreign exchange day ends and the next begins, in New York.
const FX_ROLL: Time = time(17, 0, 0, 0);

impl Calendar {
    /// Every calendar, the default first.
    pub const ALL: [Self; 3] = [Self::Nyse, Self::Fx, Self::AlwaysOpen];

    /// The name used in specifications and stored states.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nyse => "nyse",
            Self::Fx => "fx",
            Self::AlwaysOpen => "always_open",
        }
    }

    /// The calendar by which something trades, from the dates of its daily bars in order:
    /// on Saturdays and Sundays, through the holidays of New York, or not.
    pub fn of_days(days: impl IntoIterator<Item = Date>) -> Self {
        let days: Vec<Date> = days.into_iter().collect();
        let trades_on = |weekday| days.iter().any(|day| day.weekday() == weekday);
        if trades_on(Weekday::Saturday) && trades_on(Weekday::Sunday) {
            return Self::AlwaysOpen;
        }
        let [Some(first), Some(last)] = [days.first(), days.last()] else { return Self::default() };
        let holidays = first.series(Span::new().days(1)).take_while(|day| day <= last);
        let holidays = holidays.filter(|day| Self::Fx.is_planned(*day) && !Self::Nyse.is_planned(*day));
        let (kept, traded): (Vec<Date>, Vec<Date>) =
            holidays.partition(|day| days.binary_search(day).is_err());
        // Other exchanges keep Good Friday, and a few days more.
        if traded.len() > 9 * kept.len() { Self::Fx } else { Self::Nyse }
    }

    /// The session of a trading day; `None` when the market stays closed.
    pub fn session(self, date: Date) -> Option<Session> {
        let (open, close) = match self {
            Self::Nyse => {
                let [open, close] = nyse::hours(date)?;
                (date.to_datetime(open), date.to_datetime(close))
            }
            Self::Fx if is_weekend(date) => return None,
            Self::Fx => (date.yesterday().ok()?.to_datetime(FX_ROLL), date.to_datetime(FX_ROLL)),
            Self::AlwaysOpen => {
                (date.to_datetime(Time::midnight()), date.tomorrow().ok()?.to_datetime(Time::midnight()))
            }
        };
        Some(Session { date, open_ms: self.instant_ms(open)?, close_ms: self.instant_ms(close)? })
    }

    /// Whether the calendar knows what a date was like. The New York Stock Exchange's does
    /// from 1988 on: before, holidays and hours are those of today's rules, and days are
    /// taken for closed on which it was open, or the other way round.
    pub fn reaches(self, date: Date) -> bool {
        self != Self::Nyse || date >= nyse::FIRST
    }

    /// The local calendar date at an instant.
    pub fn date_at(self, time_ms: i64) -> Option<Date> {
        Some(self.local(time_ms)?.date())
    }

    /// The instant at which a local calendar date begins.
    pub fn midnight_ms(self, date: Date) -> Option<i64> {
        self.instant_ms(date.to_datetime(Time::midnight()))
    }

    /// The local date and time at an instant.
    pub fn local(self, time_ms: i64) -> Option<DateTime> {
        Some(self.zone().to_datetime(Timestamp::from_millisecond(time_ms).ok()?))
    }

    /// The session that contains an instant; `None` when the market is closed.
    pub fn session_at(self, time_ms: i64) -> Option<Session> {
        let local = self.local(time_ms)?;
        let date = match self {
            Self::Fx if local.time() >= FX_ROLL => local.date().tomorrow().ok()?,
            _ => local.date(),
        };
        let session = self.session(date)?;
        (session.open_ms..session.close_ms).contains(&time_ms).then_some(session)
    }

    /// Start of the bar of `interval` that contains `time_ms`; `None` when the
    /// market is closed then.
    ///
    /// Intraday bars are counted from the opening, so that they never mix two
    /// sessions and an hour bar is never shorter than an hour but at the close.
    /// Weeks (Monday to Sunday) and months start with the opening of their first
    /// session.
    pub fn bucket_start_ms(self, interval: Interval, time_ms: i64) -> Option<i64> {
        let session = self.session_at(time_ms)?;
        match interval {
            Interval::Day => Some(session.open_ms),
            Interval::Week => self.first_session(monday(session.date)?).map(|first| first.open_ms),
            Interval::Month => self.first_session(session.date.first_of_month()).map(|first| first.open_ms),
            intraday => {
                let step_ms = intraday.intraday_ms()?;
                Some(session.open_ms + (time_ms - session.open_ms) / step_ms * step_ms)
            }
        }
    }

    /// The first session on or after a date. No market stays closed for a month.
    pub fn first_session(self, date: Date) -> Option<Session> {
        let days = std::iter::successors(Some(date), |date| date.tomorrow().ok());
        days.take(31).find_map(|date| self.session(date))
    }

    /// Whether the market is foreseen to trade on a date: by its rules alone, without
    /// closures for reasons that nobody knows long before.
    pub fn is_planned(self, date: Date) -> bool {
        match self {
            Self::Nyse => !is_weekend(date) && !nyse::is_holiday(date),
            Self::Fx => !is_weekend(date) && !matches!((date.month(), date.day()), (1, 1) | (12, 25)),
            Self::AlwaysOpen => true,
        }
    }

    /// The trading days foreseen after a date.
    pub fn planned_after(self, date: Date) -> impl Iterator<Item = Date> {
        let days = std::iter::successors(date.tomorrow().ok(), |date| date.tomorrow().ok());
        days.filter(move |date| self.is_planned(*date))
    }

    fn zone(self) -> &'static TimeZone {
        match self {
            Self::Nyse | Self::Fx => &NEW_YORK,
            Self::AlwaysOpen => &UTC,
        }
    }

    /// The instant of a local date and time; where clocks are set back, the first of two.
    pub fn instant_ms(self, local: DateTime) -> Option<i64> {
        Some(self.zone().to_timestamp(local).ok()?.as_millisecond())
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn monday(date: Date) -> Option<Date> {
    let mut monday = date;
    while monday.weekday() != Weekday::Monday {
        monday = monday.yesterday().ok()?;
    }
    Some(monday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn sessions_follow_daylight_saving() {
        let winter = Calendar::Nyse.session(date(2012, 3, 9)).unwrap();
        let summer = Calendar::Nyse.session(date(2012, 3, 12)).unwrap();
        assert_eq!(winter.open_ms, ms("2012-03-09T14:30:00Z"));
        assert_eq!(summer.open_ms, ms("2012-03-12T13:30:00Z"));
    }

    #[test]
    fn hours_are_counted_from_the_opening() {
        let at = |text: &str| Calendar::Nyse.bucket_start_ms(Interval::Hour, ms(text));
        assert_eq!(at("2012-09-04T14:29:59Z"), Some(ms("2012-09-04T13:30:00Z")));
        assert_eq!(at("2012-09-04T14:30:00Z"), Some(ms("2012-09-04T14:30:00Z")));
        assert_eq!(at("2012-09-04T20:00:00Z"), None, "closed at 16:00");
    }

    #[test]
    fn weeks_and_months_start_with_their_first_session() {
        let at = |interval, text: &str| Calendar::Nyse.bucket_start_ms(interval, ms(text));
        // Labor Day was Monday 2012-09-03.
        assert_eq!(at(Interval::Week, "2012-09-07T15:00:00Z"), Some(ms("2012-09-04T13:30:00Z")));
        assert_eq!(at(Interval::Month, "2012-09-28T15:00:00Z"), Some(ms("2012-09-04T13:30:00Z")));
        assert_eq!(at(Interval::Week, "2013-01-02T15:00:00Z"), Some(ms("2012-12-31T14:30:00Z")));
    }

    #[test]
    fn the_fx_week_opens_on_sunday_evening() {
        let at = |text: &str| Calendar::Fx.session_at(ms(text)).map(|session| session.date);
        assert_eq!(at("2012-09-02T20:59:59Z"), None);
        assert_eq!(at("2012-09-02T21:00:00Z"), Some(date(2012, 9, 3)));
        assert_eq!(at("2012-09-07T20:59:59Z"), Some(date(2012, 9, 7)));
        assert_eq!(at("2012-09-07T21:00:00Z"), None);
    }

    #[test]
    fn the_days_of_bars_tell_the_market() {
        let year = |is_open: fn(Date) -> bool| {
            let days = date(2012, 1, 2).series(Span::new().days(1)).take(365).filter(|day| is_open(*day));
            Calendar::of_days(days)
        };
        assert_eq!(year(|day| Calendar::Nyse.session(day).is_some()), Calendar::Nyse);
        assert_eq!(year(|day| Calendar::Fx.session(day).is_some()), Calendar::Fx);
        assert_eq!(year(|_| true), Calendar::AlwaysOpen);
        // London keeps Good Friday and its own holidays.
        let london = |day: Date| Calendar::Fx.is_planned(day) && day != date(2012, 4, 6);
        assert_eq!(year(london), Calendar::Nyse);
        assert_eq!(Calendar::of_days([]), Calendar::Nyse);
        assert_eq!(Calendar::of_days([date(2012, 1, 3), date(2012, 1, 4)]), Calendar::Nyse);
    }

    #[test]
    fn plans_know_holidays_and_no_hurricanes() {
        let plan = |calendar: Calendar, date| calendar.planned_after(date).take(3).collect::<Vec<_>>();
        let sandy = [date(2012, 10, 29), date(2012, 10, 30), date(2012, 10, 31)];
        assert_eq!(plan(Calendar::Nyse, date(2012, 10, 26)), sandy);
        let christmas = [date(2012, 12, 24), date(2012, 12, 26), date(2012, 12, 27)];
        assert_eq!(plan(Calendar::Nyse, date(2012, 12, 21)), christmas);
        assert_eq!(plan(Calendar::Fx, date(2012, 12, 21)), christmas);
        let thanksgiving = [date(2012, 11, 22), date(2012, 11, 23), date(2012, 11, 26)];
        assert_eq!(plan(Calendar::Fx, date(2012, 11, 21)), thanksgiving);
        assert_eq!(plan(Calendar::Nyse, Date::MAX), []);
    }

    #[test]
    fn what_never_closes_counts_utc_days() {
        let session = Calendar::AlwaysOpen.session_at(ms("2012-09-02T23:59:59Z")).unwrap();
        assert_eq!((session.date, session.close_ms), (date(2012, 9, 2), ms("2012-09-03T00:00:00Z")));
    }
}
