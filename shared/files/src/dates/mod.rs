//! The days and times of bars: one meaning for a whole column, or none.

mod integers;
mod whose;
mod written;
mod zone;

pub use zone::Zone;

use jiff::{
    Timestamp,
    civil::{DateTime, Time, date},
    tz::{Offset, TimeZone},
};

use crate::{
    FileError, Note, Options, Role, Spacing, When,
    table::{Cells, Clock, Column, Table},
};

/// The moment of a row before it is known whose day it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Date and time of the clock.
    pub local: DateTime,
    /// How far the clock is ahead of UTC, where it is known.
    pub offset: Option<Offset>,
}

impl Moment {
    fn civil(local: DateTime) -> Self {
        Self { local, offset: None }
    }

    fn utc(ms: i64) -> Option<Self> {
        let local = Offset::UTC.to_datetime(Timestamp::from_millisecond(ms).ok()?);
        Some(Self { local, offset: Some(Offset::UTC) })
    }

    /// Milliseconds since 1970, of UTC where the clock's offset is known, else of its own time.
    fn ms(self) -> i64 {
        let offset = self.offset.unwrap_or(Offset::UTC);
        offset.to_timestamp(self.local).map_or(0, Timestamp::as_millisecond)
    }
}

/// Moments of a column.
#[derive(Clone, Debug)]
pub struct Moments {
    /// One a row; `None` where the file has no date.
    pub all: Vec<Option<Moment>>,
    /// Whether they are known in UTC only, so that they may be another's day.
    pub is_utc: bool,
}

/// Which day or time each row is of.
pub struct Dated {
    /// One a row that is kept.
    pub whens: Vec<When>,
    /// Milliseconds since the Unix epoch of times; 0 for days.
    pub times_ms: Vec<i64>,
    /// How far apart they are.
    pub spacing: Spacing,
    /// What was assumed.
    pub note: Option<Note>,
}

/// Reads the column of dates, and of times beside it, in the rows that are kept.
///
/// # Errors
/// When a cell is no date, or the column has more than one meaning.
pub fn read(table: &Table, kept: &[usize], options: &Options) -> Result<Dated, FileError> {
    let Some(column) = table.column(Role::Date) else { return Err(FileError::NoRows) };
    let moments = moments(table, column, kept, options)?;
    let missing =
        |row: usize| FileError::MissingDate { place: table.places.of(row), column: column.name.clone() };
    let mut those = Vec::with_capacity(kept.len());
    for row in kept {
        those.push(moments.all.get(*row).copied().flatten().ok_or_else(|| missing(*row))?);
    }
    if is_intraday(&those) {
        return Ok(times(&those, moments.is_utc, options));
    }
    let days = if moments.is_utc {
        whose::days(&those, kept, &table.places, options)?
    } else {
        those.iter().map(|moment| moment.local.date()).collect()
    };
    let spacing = spacing(&days);
    let times_ms = vec![0; days.len()];
    Ok(Dated { whens: days.into_iter().map(When::Day).collect(), times_ms, spacing, note: None })
}

fn moments(table: &Table, column: &Column, kept: &[usize], options: &Options) -> Result<Moments, FileError> {
    match &column.cells {
        Cells::Text(text) => written::read(table, column, text, kept, options),
        Cells::Numbers(numbers) => {
            let whole = |number: &f64| {
                let is_whole = number.fract() == 0.0 && number.abs() < 9e18;
                #[allow(clippy::cast_possible_truncation, reason = "it was checked to be whole and in range")]
                is_whole.then_some(*number as i64)
            };
            let odd = numbers.iter().find(|number| !number.is_nan() && whole(number).is_none());
            match odd {
                Some(number) => Err(integers::no_dates(&column.name, number.to_string())),
                None => integers::read(&column.name, &numbers.iter().map(whole).collect::<Vec<_>>()),
            }
        }
        Cells::Integers(numbers) => integers::read(&column.name, numbers),
        Cells::Days(days) => {
            let of = |days: i32| {
                let span = jiff::Span::new().try_days(i64::from(days)).ok()?;
                Some(Moment::civil(date(1970, 1, 1).checked_add(span).ok()?.to_datetime(Time::midnight())))
            };
            Ok(Moments { all: days.iter().map(|days| days.and_then(of)).collect(), is_utc: false })
        }
        Cells::Times { ms, clock } => {
            let utc = |ms: &Option<i64>| ms.and_then(Moment::utc);
            match clock {
                Clock::Unsaid => {
                    let of = |ms| Some(Moment::civil(utc(ms)?.local));
                    Ok(Moments { all: ms.iter().map(of).collect(), is_utc: false })
                }
                Clock::Zone(name) => {
                    let zone = name.parse::<Zone>().map_err(|_| FileError::UnknownZone {
                        place: table.places.of(0),
                        column: column.name.clone(),
                        zone: crate::error::shown(name),
                    })?;
                    let of = |ms: &Option<i64>| zone.at((*ms)?);
                    Ok(Moments { all: ms.iter().map(of).collect(), is_utc: zone.is_utc() })
                }
            }
        }
    }
}

/// Bars closer than half a day are not of days.
fn is_intraday(moments: &[Moment]) -> bool {
    const HALF_DAY_MS: i64 = 12 * 3_600_000;
    let mut times: Vec<i64> = moments.iter().map(|moment| moment.ms()).collect();
    if !times.is_sorted() {
        times.sort_unstable();
    }
    times.dedup();
    let pairs = times.len().saturating_sub(1);
    let close = times.windows(2).filter(|pair| matches!(pair, [a, b] if b - a <= HALF_DAY_MS)).count();
    // A single close pair among many is a day told twice, as by a feed that adds the present day.
    close > 1 || close == 1 && pairs <= 2
}

fn times(moments: &[Moment], is_utc: bool, options: &Options) -> Dated {
    let new_york = Zone::new_york();
    let zone = options.zone.as_ref();
    let mut note = None;
    let mut whens = Vec::with_capacity(moments.len());
    let mut times_ms = Vec::with_capacity(moments.len());
    for moment in moments {
        let at = match (moment.offset, zone) {
            (None, zone) => {
                if zone.is_none() {
                    note = Some(Note::TakenForNewYork);
                }
                let zone: &TimeZone = zone.unwrap_or(&new_york).zone();
                times_ms.push(zone.to_timestamp(moment.local).map_or(0, Timestamp::as_millisecond));
                *moment
            }
            (Some(_), zone) => {
                times_ms.push(moment.ms());
                zone.filter(|_| is_utc).and_then(|zone| zone.at(moment.ms())).unwrap_or(*moment)
            }
        };
        whens.push(When::Time { local: at.local, offset: at.offset });
    }
    Dated { whens, times_ms, spacing: Spacing::Intraday, note }
}

fn spacing(days: &[jiff::civil::Date]) -> Spacing {
    let mut days = days.to_vec();
    days.sort_unstable();
    days.dedup();
    let mut gaps: Vec<i64> = days
        .windows(2)
        .filter_map(|pair| if let [a, b] = pair { Some(b.duration_since(*a).as_hours() / 24) } else { None })
        .collect();
    gaps.sort_unstable();
    // Holidays make no week of a day.
    if gaps.get(gaps.len() / 2).is_some_and(|gap| *gap > 4) { Spacing::Longer } else { Spacing::Day }
}
