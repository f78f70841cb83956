//! Recorded days, as they were known at a moment.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use jiff::{ToSpan, civil::Date};
use tickwise_market::{Calendar, Symbol, Tick};
use tickwise_replay::{Catalogue, RecordedDay, Recording, day_path};

use super::{exchange::Exchange, extended};

/// A share of London, whose figures are those of a recorded one.
const LONDON: (&str, &str) = ("TSCO.LON", "Tesco PLC");

/// A symbol and its days.
pub struct Stock {
    pub symbol: Symbol,
    pub name: String,
    pub exchange: Exchange,
    pub recording: Recording,
}

/// Which trades of a day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hours {
    /// Of the session.
    Regular,
    /// Those before and after it, too.
    Extended,
}

/// All symbols.
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
            let exchange = Exchange::UnitedStates;
            let stock = Stock { symbol: entry.symbol.clone(), name: entry.name, exchange, recording };
            stocks.insert(entry.symbol.to_string(), stock);
        }
        ensure!(!stocks.is_empty(), "{} names no recordings", path.display());
        let (symbol, name) = LONDON;
        if let Some(recording) = stocks.values().next().map(|stock| stock.recording.clone()) {
            let (symbol, name) = (symbol.parse()?, name.to_owned());
            let stock = Stock { symbol, name, exchange: Exchange::London, recording };
            stocks.insert(stock.symbol.to_string(), stock);
        }
        Ok(Self { stocks })
    }

    /// Shares of the United States: all that some functions know.
    pub fn us_stocks(&self) -> impl Iterator<Item = &Stock> {
        self.stocks.values().filter(|stock| stock.exchange == Exchange::UnitedStates)
    }
}

impl Stock {
    /// Days whose session has closed by `closed_by_ms`, oldest first.
    pub fn closed_days(&self, closed_by_ms: i64) -> &[RecordedDay] {
        let is_closed = |day: &RecordedDay| {
            self.exchange.session(day.date).is_none_or(|session| session.close_ms <= closed_by_ms)
        };
        let days = self.days_to(Calendar::Nyse.date_at(closed_by_ms).unwrap_or_default());
        let mut count = days.len();
        while count > 0 && days.get(count - 1).is_some_and(|day| !is_closed(day)) {
            count -= 1;
        }
        days.get(..count).unwrap_or_default()
    }

    /// Days until a date, oldest first.
    pub fn days_to(&self, date: Date) -> &[RecordedDay] {
        let days = self.recording.days();
        days.get(..days.partition_point(|day| day.date <= date)).unwrap_or_default()
    }

    /// The trades of a whole day, in order.
    pub fn trades(&self, day: &RecordedDay, hours: Hours) -> Vec<Tick> {
        let Some(session) = self.exchange.session(day.date) else { return Vec::new() };
        let regular = day_path(&self.symbol, &session, &day.bar(session.open_ms));
        if hours == Hours::Regular || self.exchange != Exchange::UnitedStates {
            return regular;
        }
        let days = self.days_to(day.date);
        let before = days.len().checked_sub(2).and_then(|at| days.get(at));
        let previous_close = before.map_or(day.open, |before| before.close / self.split(day.date));
        let mut trades = extended::before_open(&self.symbol, &session, previous_close, day.open);
        trades.extend(regular);
        trades.extend(extended::after_close(&self.symbol, &session, day.close));
        trades
    }

    /// The last trade since a close that was seen by `seen_ms`, before the next opening.
    pub fn last_extended(&self, close_ms: i64, seen_ms: i64) -> Option<Tick> {
        let days = self.days_to(Calendar::Nyse.date_at(seen_ms)?);
        let recent = days.iter().rev().take(2).flat_map(|day| self.trades(day, Hours::Extended));
        recent.filter(|trade| (close_ms..=seen_ms).contains(&trade.time_ms)).max_by_key(|trade| trade.time_ms)
    }

    /// The day that is being traded at `now_ms`.
    pub fn today(&self, now_ms: i64) -> Option<Today> {
        let session = self.exchange.session_at(now_ms)?;
        let day = *self.recording.day(session.date)?;
        let mut ticks = self.trades(&day, Hours::Regular);
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
