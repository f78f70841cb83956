//! Which histories there are to fetch, and what becomes of their answers.

use std::{
    fmt,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use tickwise_alphavantage::{Function, IntradayInterval, Month, OutputSize, Reply, Request, SeriesRow};
use tickwise_market::{Bar, Calendar, Symbol};
use tickwise_scheduler::Plan;

use super::files::{self, Written};
use crate::series::DailyRow;

/// The vendor shows a day this long after its close.
const SETTLED_MS: i64 = 60 * 60_000;

const MINUTE_MS: i64 = 60_000;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub symbol: Symbol,
    /// A month of minutes instead of days.
    pub month: Option<YearMonth>,
}

/// A month, as `2012-09`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct YearMonth(Date);

impl YearMonth {
    /// The month that a time is in, in New York.
    pub fn of(time_ms: i64) -> Result<Self> {
        let date = Calendar::Nyse.date_at(time_ms).context("a time out of range")?;
        Ok(Self(date.first_of_month()))
    }

    /// It and all after it, up to `last`.
    pub fn to(self, last: Self) -> Vec<Self> {
        self.0.series(1.month()).take_while(|month| *month <= last.0).map(Self).collect()
    }

    fn end_ms(self) -> Option<i64> {
        Calendar::Nyse.midnight_ms(self.0.last_of_month().tomorrow().ok()?)
    }
}

impl std::str::FromStr for YearMonth {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = || {
            let (year, month) =
                text.split_once('-').filter(|(year, month)| (year.len(), month.len()) == (4, 2))?;
            Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
        };
        let first = parsed().context("expected a month such as 2012-09")?;
        if first < date(2000, 1, 1) {
            bail!("minutes begin in 2000-01");
        }
        Ok(Self(first))
    }
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.strftime("%Y-%m").to_string())
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.month {
            Some(month) => write!(f, "{} minutes {month}", self.symbol),
            None => write!(f, "{} days", self.symbol),
        }
    }
}

impl History {
    /// What to ask: as much as the plan has.
    pub fn request(&self, plan: &Plan) -> Request {
        let symbol = self.symbol.clone();
        let is_free = *plan == Plan::FREE;
        Request::new(match self.month {
            Some(YearMonth(first)) => Function::Intraday {
                symbol,
                interval: IntradayInterval::Minute,
                adjusted: false,
                extended_hours: false,
                month: Month::new(first.year(), first.month()),
                size: OutputSize::Full,
            },
            None if is_free => Function::Daily { symbol, size: OutputSize::Compact },
            None => Function::DailyAdjusted { symbol, size: OutputSize::Full },
        })
    }

    /// Whether asking again would bring nothing new.
    pub fn is_up_to_date(&self, fetched_ms: i64, now_ms: i64) -> bool {
        if let Some(end_ms) = self.month.and_then(YearMonth::end_ms)
            && fetched_ms >= end_ms + SETTLED_MS
        {
            return true;
        }
        last_close_ms(now_ms - SETTLED_MS).is_none_or(|close_ms| fetched_ms >= close_ms + SETTLED_MS)
    }

    /// Writes what has closed of an answer into the folder; of days, says what there is now.
    pub fn store(&self, reply: Reply, now_ms: i64, dir: &Path) -> Result<Option<Written>> {
        let Reply::Series(series) = reply else { bail!("{self}: the answer is no series of bars") };
        match self.month {
            Some(month) => {
                let is_of_month = |row: &&SeriesRow| row.date().first_of_month() == month.0;
                let bars = series.rows.iter().filter(is_of_month).map(|row| row.bar);
                let bars: Vec<Bar> = bars.filter(|bar| bar.time_ms + MINUTE_MS <= now_ms).collect();
                if bars.is_empty() {
                    bail!("{self}: the answer has no minutes of that month");
                }
                files::add_minutes(dir, &self.symbol, &month.to_string(), &bars)?;
                Ok(None)
            }
            None => {
                let row = |row: &SeriesRow| DailyRow {
                    date: row.date(),
                    bar: row.bar,
                    adjusted_close: row.adjusted_close,
                };
                let has_closed = |row: &DailyRow| {
                    Calendar::Nyse.session(row.date).is_none_or(|session| session.close_ms <= now_ms)
                };
                let rows = series.rows.iter().map(row).filter(has_closed).collect();
                files::add_days(dir, &self.symbol, rows).map(Some)
            }
        }
    }
}

/// The last close of the exchange before a time.
fn last_close_ms(time_ms: i64) -> Option<i64> {
    let mut day = Calendar::Nyse.date_at(time_ms)?;
    // No exchange has been closed for longer since 1914.
    for _ in 0..10 {
        if let Some(session) = Calendar::Nyse.session(day).filter(|session| session.close_ms <= time_ms) {
            return Some(session.close_ms);
        }
        day = day.yesterday().ok()?;
    }
    None
}

/// The current time.
pub fn now_ms() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
