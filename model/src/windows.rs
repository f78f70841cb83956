//! Forecast origins with what was known and what came.

use jiff::civil::Date;
use tickwise_forecast::{Features, HORIZONS};

use crate::series::Series;

/// One forecast origin.
#[derive(Clone, Debug)]
pub struct Window {
    /// Index of the series.
    pub series: usize,
    /// Index of the last closed bar.
    pub at: usize,
    /// Its day.
    pub date: Date,
    /// What the network sees.
    pub features: Features,
    /// Log returns to the closes 1, 2, … days later.
    pub outcomes: [f64; HORIZONS],
}

/// All origins after `after` whose outcomes all lie at or before `until`, by
/// series and date. No origin's outcome reaches into a later set.
pub fn between(series: &[Series], after: Option<Date>, until: Date) -> Vec<Window> {
    let mut windows = Vec::new();
    for (index, one) in series.iter().enumerate() {
        for (at, date) in one.dates.iter().enumerate() {
            let in_time = after.is_none_or(|after| *date > after)
                && one.dates.get(at + HORIZONS).is_some_and(|last| *last <= until);
            if !in_time {
                continue;
            }
            let known = one.bars.get(..=at).unwrap_or_default();
            let (Some(features), Some(outcomes)) = (Features::of(known), outcomes(one, at)) else { continue };
            windows.push(Window { series: index, at, date: *date, features, outcomes });
        }
    }
    windows
}

fn outcomes(series: &Series, at: usize) -> Option<[f64; HORIZONS]> {
    let close = series.bars.get(at)?.close;
    let mut outcomes = [0.0; HORIZONS];
    for (outcome, bar) in outcomes.iter_mut().zip(series.bars.get(at + 1..)?) {
        *outcome = (bar.close / close).ln();
    }
    Some(outcomes)
}
