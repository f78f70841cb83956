use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, PrimitiveArray, RecordBatch,
    types::{ArrowPrimitiveType, Date32Type, Float64Type, Int32Type, UInt32Type},
};
use jiff::{ToSpan, civil::Date};
use thiserror::Error;
use tickwise_market::{ActionKind, Bar, Calendar, CorporateAction, InvalidBar, adjusted};

use crate::arrow_file;

/// A recorded trading day; prices and volume as traded, in dollars and shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordedDay {
    /// Trading day in New York.
    pub date: Date,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Shares.
    pub volume: f64,
    /// The source's close, adjusted for all later splits and dividends.
    pub adj_close: f64,
}

/// A share split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// First day at the new price.
    pub date: Date,
    /// New shares per old share.
    pub ratio: f64,
}

/// The recorded days of one symbol, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    days: Vec<RecordedDay>,
    splits: Vec<Split>,
}

/// Why bytes are no recording. Retrying does not help: the file is damaged or
/// of another format.
#[derive(Debug, Error)]
pub enum RecordingError {
    /// Not an Arrow IPC file, or a truncated one.
    #[error("not a readable Arrow file: {0}")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A column is absent, of another type, or has missing values.
    #[error("column {0:?} is missing, has missing values or is of another type")]
    Column(&'static str),
    /// The `splits` metadata does not read `DATE:RATIO,…`.
    #[error("the splits {0:?} do not read DATE:RATIO,…")]
    Splits(String),
    /// Dates are not strictly ascending.
    #[error("dates are not strictly ascending at {0}")]
    Order(Date),
    /// A row is no bar.
    #[error("{date}: {reason}")]
    Bar {
        /// The row.
        date: Date,
        /// What is wrong.
        reason: InvalidBar,
    },
    /// A date outside the calendar.
    #[error("a date is out of range")]
    Date,
}

impl Recording {
    /// Reads an Arrow IPC file of `public/replay`.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn from_arrow(bytes: &[u8]) -> Result<Self, RecordingError> {
        let reader = arrow_file::open(bytes)?;
        let splits = reader.schema().metadata().get("splits").cloned().unwrap_or_default();
        let mut days = Vec::new();
        for batch in reader {
            read_batch(&batch?, &mut days)?;
        }
        Self::new(days, parse_splits(&splits)?)
    }

    /// Checks order and every bar.
    ///
    /// # Errors
    /// The first day at fault.
    pub fn new(days: Vec<RecordedDay>, splits: Vec<Split>) -> Result<Self, RecordingError> {
        let mut previous = None;
        for day in &days {
            if previous.is_some_and(|date| date >= day.date) {
                return Err(RecordingError::Order(day.date));
            }
            previous = Some(day.date);
            day.bar(0).validated().map_err(|reason| RecordingError::Bar { date: day.date, reason })?;
        }
        Ok(Self { days, splits })
    }

    /// All days, oldest first, as traded.
    pub fn days(&self) -> &[RecordedDay] {
        &self.days
    }

    /// The splits inside the recording.
    pub fn splits(&self) -> &[Split] {
        &self.splits
    }

    /// The recorded day of a date.
    pub fn day(&self, date: Date) -> Option<&RecordedDay> {
        let index = self.days.binary_search_by_key(&date, |day| day.date).ok()?;
        self.days.get(index)
    }

    /// Daily bars up to and including `as_of`, adjusted for the splits known by
    /// then and for nothing later. `time_ms` is the session's opening.
    pub fn split_adjusted_bars(&self, as_of: Date) -> Vec<Bar> {
        let bars: Vec<Bar> = self.until(as_of).iter().filter_map(RecordedDay::session_bar).collect();
        let action = |split: &Split| {
            let ex_ms = Calendar::Nyse.midnight_ms(split.date)?;
            Some(CorporateAction { ex_ms, kind: ActionKind::Split(split.ratio) })
        };
        let known = self.splits.iter().filter(|split| split.date <= as_of);
        adjusted(&bars, &known.filter_map(action).collect::<Vec<_>>())
    }

    /// When the session of the last of [`Self::split_adjusted_bars`] opened.
    pub fn last_session_ms(&self, as_of: Date) -> Option<i64> {
        self.until(as_of).iter().rev().find_map(|day| Some(Calendar::Nyse.session(day.date)?.open_ms))
    }

    /// Daily bars up to and including `as_of` whose prices are multiplied by
    /// `adj_close / close`, so that returns include dividends. Volume is as
    /// traded. The level of these prices depends on dividends paid after
    /// `as_of`; returns and ranges relative to the price do not.
    pub fn total_return_bars(&self, as_of: Date) -> Vec<Bar> {
        let adjusted = |day: &RecordedDay| Some(day.session_bar()?.with_close(day.adj_close));
        self.until(as_of).iter().filter_map(adjusted).collect()
    }

    fn until(&self, as_of: Date) -> &[RecordedDay] {
        self.days.get(..self.days.partition_point(|day| day.date <= as_of)).unwrap_or_default()
    }
}

impl RecordedDay {
    /// The day as a bar that starts at `time_ms`.
    pub fn bar(&self, time_ms: i64) -> Bar {
        let Self { open, high, low, close, volume, .. } = *self;
        Bar { time_ms, open, high, low, close, volume }
    }

    /// The day as a bar that starts when New York opened. `None` on a day that
    /// the calendar says was closed.
    pub fn session_bar(&self) -> Option<Bar> {
        Some(self.bar(Calendar::Nyse.session(self.date)?.open_ms))
    }
}

fn read_batch(batch: &RecordBatch, days: &mut Vec<RecordedDay>) -> Result<(), RecordingError> {
    let dates = column::<Date32Type>(batch, "date")?;
    let open = column::<Int32Type>(batch, "open_e4")?;
    let high = column::<Int32Type>(batch, "high_e4")?;
    let low = column::<Int32Type>(batch, "low_e4")?;
    let close = column::<Int32Type>(batch, "close_e4")?;
    let volume = column::<UInt32Type>(batch, "volume")?;
    let adj_close = column::<Float64Type>(batch, "adj_close")?;
    let dollars = |ten_thousandths: i32| f64::from(ten_thousandths) / 10_000.0;
    days.reserve(batch.num_rows());
    for i in 0..batch.num_rows() {
        days.push(RecordedDay {
            date: date_from_epoch_days(dates.value(i))?,
            open: dollars(open.value(i)),
            high: dollars(high.value(i)),
            low: dollars(low.value(i)),
            close: dollars(close.value(i)),
            volume: f64::from(volume.value(i)),
            adj_close: adj_close.value(i),
        });
    }
    Ok(())
}

fn column<T: ArrowPrimitiveType>(
    batch: &RecordBatch,
    name: &'static str,
) -> Result<PrimitiveArray<T>, RecordingError> {
    let array: &ArrayRef = batch.column_by_name(name).ok_or(RecordingError::Column(name))?;
    let values = Arc::clone(array);
    let values = values.as_any().downcast_ref::<PrimitiveArray<T>>().ok_or(RecordingError::Column(name))?;
    if values.null_count() > 0 {
        return Err(RecordingError::Column(name));
    }
    Ok(values.clone())
}

fn date_from_epoch_days(days: i32) -> Result<Date, RecordingError> {
    jiff::civil::date(1970, 1, 1).checked_add(days.days()).map_err(|_| RecordingError::Date)
}

fn parse_splits(text: &str) -> Result<Vec<Split>, RecordingError> {
    let parse = |part: &str| {
        let (date, ratio) = part.split_once(':')?;
        let ratio = ratio.parse().ok().filter(|r: &f64| r.is_finite() && *r > 0.0)?;
        Some(Split { date: date.parse().ok()?, ratio })
    };
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| parse(part).ok_or_else(|| RecordingError::Splits(text.to_owned())))
        .collect()
}
