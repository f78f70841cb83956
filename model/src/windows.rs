//! Forecast origins with what was known and what came.

use jiff::civil::Date;
use tickwise_forecast::{
    ANCHORS, Features, HORIZONS, MIN_BARS,
    econometrics::{days, fit_bars},
};
use tickwise_market::Bar;

use crate::series::Series;

/// One forecast origin in training.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Index of the series.
    pub series: usize,
    /// What the network sees.
    pub features: Features,
    /// Log returns over [`ANCHORS`].
    pub outcomes: [f64; ANCHORS.len()],
    /// Logs of the mean daily range variance over [`ANCHORS`].
    pub log_variances: [f64; ANCHORS.len()],
}

/// Origins of one series that forecast by the same fit, which reads the first
/// `fit_bars` bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Number of bars that the fit reads.
    pub fit_bars: usize,
    /// Indices of the origins.
    pub origins: Vec<usize>,
}

/// Groups ascending origins by the fit that each of them has.
pub fn by_fit(bars: &[Bar], origins: impl Iterator<Item = usize>) -> Vec<Quarter> {
    let mut quarters: Vec<Quarter> = Vec::new();
    for at in origins {
        let fit_bars = fit_bars(bars.get(..=at).unwrap_or(bars));
        match quarters.last_mut() {
            Some(quarter) if quarter.fit_bars == fit_bars => quarter.origins.push(at),
            _ => quarters.push(Quarter { fit_bars, origins: vec![at] }),
        }
    }
    quarters
}

/// All origins with enough history whose outcomes lie at or before `until`, by
/// series and date.
pub fn until(series: &[Series], until: Date) -> Vec<Window> {
    let of = |(index, one): (usize, &Series)| {
        let known = one.bars.get(..one.until(until)).unwrap_or_default();
        windows(index, known, 0)
    };
    series.iter().enumerate().flat_map(of).collect()
}

/// All origins after `until` whose outcomes are known, by series and date.
pub fn after(series: &[Series], until: Date) -> Vec<Window> {
    let of = |(index, one): (usize, &Series)| windows(index, &one.bars, one.until(until));
    series.iter().enumerate().flat_map(of).collect()
}

/// Those of one series.
pub fn of(bars: &[Bar]) -> Vec<Window> {
    windows(0, bars, 0)
}

fn windows(series: usize, bars: &[Bar], first: usize) -> Vec<Window> {
    let variances: Vec<f64> = days(bars).iter().map(|day| day.range_variance).collect();
    let features = Features::all(bars);
    let window = |at: usize| {
        let close = bars.get(at)?.close;
        let (mut outcomes, mut log_variances) = ([0.0; ANCHORS.len()], [0.0; ANCHORS.len()]);
        for ((outcome, log_variance), horizon) in outcomes.iter_mut().zip(&mut log_variances).zip(ANCHORS) {
            *outcome = (bars.get(at + horizon)?.close / close).ln();
            // The day of bar i has index i - 1.
            let sum: f64 = variances.get(at..at + horizon)?.iter().sum();
            *log_variance = (sum / horizon as f64).ln();
        }
        Some(Window { series, features: *features.get(at - 1)?, outcomes, log_variances })
    };
    (first.max(MIN_BARS - 1)..bars.len().saturating_sub(HORIZONS)).filter_map(window).collect()
}
