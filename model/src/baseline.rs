//! Simple methods to beat.

use tickwise_forecast::{HORIZONS, LEVELS};

use crate::{series::Series, windows::Window};

/// Standard normal quantiles at [`LEVELS`].
const NORMAL: [f64; 7] = [-1.644_854, -1.281_552, -0.674_490, 0.0, 0.674_490, 1.281_552, 1.644_854];

/// Number of past returns of the random walk with empirical quantiles.
const HISTORY: usize = 1000;

/// Name and quantiles `[horizon][level]` of each method, from what was known at
/// the window's origin.
pub fn all(series: &[Series], window: &Window) -> Vec<(&'static str, Vec<[f64; 7]>)> {
    let known =
        series.get(window.series).and_then(|series| series.bars.get(..=window.at)).unwrap_or_default();
    let closes: Vec<f64> = known.iter().map(|bar| bar.close).collect();
    vec![("random walk", random_walk(&closes)), ("EWMA normal", ewma(window.features.volatility))]
}

/// Empirical quantiles of all overlapping returns of the last [`HISTORY`] days.
fn random_walk(closes: &[f64]) -> Vec<[f64; 7]> {
    let recent = closes.get(closes.len().saturating_sub(HISTORY + 1)..).unwrap_or(closes);
    let at_horizon = |horizon: usize| {
        let later = recent.iter().skip(horizon);
        let mut returns: Vec<f64> = recent.iter().zip(later).map(|(a, b)| (b / a).ln()).collect();
        returns.sort_by(f64::total_cmp);
        LEVELS.map(|level| quantile(&returns, level))
    };
    (1..=HORIZONS).map(at_horizon).collect()
}

/// Normal with the exponentially weighted volatility (RiskMetrics 1996), no drift.
fn ewma(volatility: f64) -> Vec<[f64; 7]> {
    (1..=HORIZONS).map(|horizon| NORMAL.map(|z| z * volatility * (horizon as f64).sqrt())).collect()
}

/// Quantile of ascending values by linear interpolation.
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let position = level * (sorted.len().saturating_sub(1)) as f64;
    let below = position.floor();
    let value = |index: f64| sorted.get(index as usize).copied().unwrap_or(0.0);
    let lower = value(below);
    lower + (position - below) * (value(position.ceil()) - lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate() {
        let values = [0.0, 1.0, 2.0, 3.0];
        assert_eq!([0.0, 0.5, 1.0].map(|level| quantile(&values, level)), [0.0, 1.5, 3.0]);
    }

    #[test]
    fn the_random_walk_of_a_line_is_the_line() {
        let closes: Vec<f64> = (0..200).map(|day| (0.01 * f64::from(day)).exp()).collect();
        for (index, row) in random_walk(&closes).iter().enumerate() {
            assert!(row.iter().all(|q| (q - 0.01 * (index + 1) as f64).abs() < 1e-12));
        }
    }
}
