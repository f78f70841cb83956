use std::fmt;

use jiff::{
    civil::{Date, DateTime},
    tz::Offset,
};
use tickwise_market::Bar;

use crate::FileError;

/// The bars of a file, oldest first, each once.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// Bars.
    pub rows: Vec<Row>,
    /// How far apart they are.
    pub spacing: Spacing,
    /// Whether they have adjusted closes.
    pub adjusted: Adjusted,
    /// What was done to the file's rows on the way.
    pub notes: Vec<Note>,
}

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its day or time, as it stands in the file.
    pub when: When,
    /// Prices and volume as the file has them. The time of a day is the opening of its session
    /// in New York, or midnight there where there was none.
    pub bar: Bar,
    /// The close adjusted for later splits and dividends; in all rows or in none.
    pub adjusted_close: Option<f64>,
}

/// What a bar is labelled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// A bar of a day, or of a week or month that begins on it.
    Day(Date),
    /// A bar of a part of a day.
    Time {
        /// The clock's time.
        local: DateTime,
        /// How far that clock is ahead of UTC; `None` where the file does not say.
        offset: Option<Offset>,
    },
}

impl When {
    /// The date that stands in the file.
    pub fn date(self) -> Date {
        match self {
            Self::Day(date) => date,
            Self::Time { local, .. } => local.date(),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{date}"),
            Self::Time { local, offset: None } => write!(f, "{local}"),
            Self::Time { local, offset: Some(Offset::UTC) } => write!(f, "{local}Z"),
            Self::Time { local, offset: Some(offset) } => write!(f, "{local}{}", Ahead(*offset)),
        }
    }
}

/// An offset as `-04:00`.
struct Ahead(Offset);

impl fmt::Display for Ahead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.unsigned_abs() / 60;
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// How far apart bars are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Several a day.
    Intraday,
    /// One a day.
    Day,
    /// Weeks, months and longer.
    Longer,
}

/// Whether bars have adjusted closes.
#[derive(Clone, Debug, PartialEq)]
pub enum Adjusted {
    /// There is no such column, or nothing in it.
    Absent,
    /// Each bar has one.
    Whole,
    /// Not each: adjusted and raw bars in one series would be wrong, so that none has one.
    Gap(FileError),
}

/// What was done to a file's rows. Displays as one sentence without the file's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Rows without prices, which were left out.
    WithoutPrices(usize),
    /// Rows that repeat another in every value, which count once.
    Repeated(usize),
    /// Highs and lows that missed open or close by rounding, which were widened.
    Widened(usize),
    /// Rows without volume, which count as 0.
    WithoutVolume(usize),
    /// There is no column of volume.
    NoVolume,
    /// Rows were neither in ascending nor in descending order and were sorted.
    Sorted,
    /// Times of bars had no zone and were taken for New York's.
    TakenForNewYork,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = |count: &usize| if *count == 1 { "row" } else { "rows" };
        match self {
            Self::WithoutPrices(count) => write!(f, "{count} {} without prices left out", rows(count)),
            Self::Repeated(count) => write!(f, "{count} repeated {} left out", rows(count)),
            Self::Widened(count) => {
                write!(
                    f,
                    "{count} {} whose high or low misses open or close by rounding widened",
                    rows(count)
                )
            }
            Self::WithoutVolume(count) => write!(f, "{count} {} without volume, taken for 0", rows(count)),
            Self::NoVolume => f.write_str("no volume, taken for 0"),
            Self::Sorted => f.write_str("rows were not in the order of time and were sorted"),
            Self::TakenForNewYork => {
                f.write_str("times without a zone, taken for New York's; --zone names another")
            }
        }
    }
}
