use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_protocol::HORIZON_DAYS;

use crate::{DayReturn, Entry};

/// How a forecast turned out at one horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// Trading days ahead.
    pub horizon: usize,
    /// The day that closed.
    #[serde(with = "tickwise_market::iso_date")]
    #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
    pub date: Date,
    /// Log return from the origin's close, dividends included.
    pub realised: f64,
    /// Pinball loss, mean over the levels (Koenker and Bassett 1978).
    pub pinball: f64,
    /// The same of the naive forecast.
    pub naive_pinball: f64,
    /// Fell inside the central 50 %.
    pub inside_50: bool,
    /// Fell inside the central 80 %.
    pub inside_80: bool,
    /// Fell inside the central 90 %.
    pub inside_90: bool,
    /// Probability integral transform: the level whose quantile was realised, by
    /// linear interpolation; the outermost level beyond the outermost quantiles.
    pub pit: f64,
}

/// The outcomes, by horizon, that later entries of the chain tell of one.
pub fn outcomes(entry: &Entry, later: &[Entry]) -> Vec<Outcome> {
    let mut last = entry;
    let mut closes: Vec<&DayReturn> = Vec::with_capacity(HORIZON_DAYS);
    for next in later.iter().filter(|next| next.is_replayed() == entry.is_replayed()) {
        if closes.len() >= entry.quantiles.len() || !last.is_followed_by(next) {
            break;
        }
        closes.extend(&next.closes);
        last = next;
    }
    let mut realised = 0.0;
    let rows = entry.quantiles.iter().zip(&entry.naive).zip(closes);
    rows.enumerate()
        .map(|(index, ((row, naive), close))| {
            realised += close.log_return;
            let inside = |low: f64, high: f64| {
                let at = |level: f64| value_at(&entry.levels, row, level);
                at(low).zip(at(high)).is_some_and(|(low, high)| (low..=high).contains(&realised))
            };
            Outcome {
                horizon: index + 1,
                date: close.date,
                realised,
                pinball: pinball(&entry.levels, row, realised),
                naive_pinball: pinball(&entry.levels, naive, realised),
                inside_50: inside(0.25, 0.75),
                inside_80: inside(0.10, 0.90),
                inside_90: inside(0.05, 0.95),
                pit: level_of(&entry.levels, row, realised),
            }
        })
        .collect()
}

fn value_at(levels: &[f64], row: &[f64], level: f64) -> Option<f64> {
    levels.iter().zip(row).find(|(known, _)| **known == level).map(|(_, value)| *value)
}

fn pinball(levels: &[f64], row: &[f64], realised: f64) -> f64 {
    let loss = |(level, quantile): (&f64, &f64)| {
        let error = realised - quantile;
        (level * error).max((level - 1.0) * error)
    };
    levels.iter().zip(row).map(loss).sum::<f64>() / levels.len().max(1) as f64
}

fn level_of(levels: &[f64], row: &[f64], realised: f64) -> f64 {
    let mut below: Option<(f64, f64)> = None;
    for (&level, &quantile) in levels.iter().zip(row) {
        if realised < quantile {
            return below.map_or(level, |(q, l)| l + (realised - q) / (quantile - q) * (level - l));
        }
        below = Some((quantile, level));
    }
    below.map_or(0.5, |(_, level)| level)
}
