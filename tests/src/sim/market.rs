//! Recorded days, as they were known at a moment.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use jiff::{ToSpan, civil::Date};
use tickwise_market::{Calendar, Symbol, Tick};
use tickwise_replay::{Catalogue, RecordedDay, Recording, day_path};

/// A recorded symbol.
pub struct Stock {
    pub symbol: Symbol,
    pub name: String,
    pub recording: Recording,
}

/// All recorded symbols.
pub struct Market {
    pub stocks: BTreeMap<String, Stock>,
}

/// What has happened of a day.
pub struct Today {
    pub day: RecordedDay,
    /// Up to the moment asked for.
    pub ticks: Vec<Tick>,
}

impl Market {
    /// Reads a folder with `manifest.json` and `SYMBOL.arrow`.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = dir.join("manifest.json");
        let json = fs::read(&path).with_context(|| format!("{}: no recordings here", path.display()))?;
        let catalogue: Catalogue = serde_json::from_slice(&json)?;
        let mut stocks = BTreeMap::new();
        for entry in catalogue.recordings {
            let path = dir.join(format!("{}.arrow", entry.symbol));
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            let recording = Recording::from_arrow(&bytes).with_context(|| path.display().to_string())?;
            let stock = Stock { symbol: entry.symbol.clone(), name: entry.name, recording };
            stocks.insert(entry.symbol.to_string(), stock);
        }
        ensure!(!stocks.is_empty(), "{} names no recordings", path.display());
        Ok(Self { stocks })
    }
}

impl Stock {
    /// Days whose session has closed by `closed_by_ms`, oldest first.
    pub fn closed_days(&self, closed_by_ms: i64) -> &[RecordedDay] {
        let days = self.recording.days();
        let is_closed = |day: &RecordedDay| {
            Calendar::Nyse.session(day.date).is_none_or(|session| session.close_ms <= closed_by_ms)
        };
        let until = Calendar::Nyse.date_at(closed_by_ms).unwrap_or_default();
        let mut count = days.partition_point(|day| day.date <= until);
        while count > 0 && days.get(count - 1).is_some_and(|day| !is_closed(day)) {
            count -= 1;
        }
        days.get(..count).unwrap_or_default()
    }

    /// The day that is being traded at `now_ms`.
    pub fn today(&self, now_ms: i64) -> Option<Today> {
        let session = Calendar::Nyse.session_at(now_ms)?;
        let day = *self.recording.day(session.date)?;
        let mut ticks = day_path(&self.symbol, &session, &day.bar(session.open_ms));
        ticks.retain(|tick| tick.time_ms <= now_ms);
        (!ticks.is_empty()).then_some(Today { day, ticks })
    }

    /// New shares per old one on a day; 1 on most.
    pub fn split(&self, date: Date) -> f64 {
        self.recording.splits().iter().find(|split| split.date == date).map_or(1.0, |split| split.ratio)
    }
}

impl Stock {
    /// What a share pays on its ex-date; 0 on most days. The recording has adjusted
    /// closes, rounded to cents, and from them it follows.
    pub fn dividend(&self, date: Date) -> f64 {
        let days = self.recording.days();
        let at = days.partition_point(|day| day.date < date);
        let (Some(before), Some(day)) = (at.checked_sub(1).and_then(|at| days.get(at)), days.get(at)) else {
            return 0.0;
        };
        if day.date != date {
            return 0.0;
        }
        let kept = (before.adj_close / before.close) / (day.adj_close / day.close) * self.split(date);
        let noise = 0.01 / before.adj_close.min(day.adj_close);
        // A cent of rounding more or less is no dividend.
        if 1.0 - kept > 0.001 + noise { before.close * (1.0 - kept) } else { 0.0 }
    }
}

impl Today {
    /// The day so far, as a recorded day.
    pub fn so_far(&self) -> RecordedDay {
        let prices = || self.ticks.iter().map(|tick| tick.price);
        let close = prices().next_back().unwrap_or(self.day.open);
        RecordedDay {
            high: prices().fold(f64::MIN, f64::max),
            low: prices().fold(f64::MAX, f64::min),
            close,
            volume: self.ticks.iter().map(|tick| tick.size).sum(),
            adj_close: self.day.adj_close / self.day.close * close,
            ..self.day
        }
    }
}

/// A date moved by weeks.
pub fn shifted(date: Date, weeks: i64) -> Date {
    date.checked_add((weeks * 7).days()).unwrap_or(date)
}
