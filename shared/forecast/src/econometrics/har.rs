use serde::{Deserialize, Serialize};

use super::{DECAY, Day, day::MIN_VARIANCE};
use crate::{ANCHORS, LEVELS};

/// Number of regressors.
pub const HAR_TERMS: usize = 7;

/// Days of history that the first fitted row needs.
const WARM_UP: usize = 22;
/// Past outcomes whose quantiles are taken.
const OUTCOMES: usize = 1000;

/// What the coefficients are drawn towards where data are few: persistence
/// spread over the scales of Corsi (2009).
const PRIOR: [f64; HAR_TERMS] = [0.0, 0.15, 0.25, 0.25, 0.15, -0.05, 0.2];
/// How strongly, in rows; the intercept is free.
const PRIOR_ROWS: [f64; HAR_TERMS] = [1e-3, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0];

/// Heterogeneous autoregression (Corsi 2009) of log range variance, with the
/// last fall as a regressor.
#[derive(Clone, Debug)]
pub struct Har;

/// A deviation by regression, and the distribution of outcomes in units of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaled {
    /// Of the regressors of [`terms`].
    pub coefficients: [f64; HAR_TERMS],
    /// Half the variance of the log residuals: from the median to the mean.
    pub half_variance: f64,
    /// Of past returns in units of their predicted deviation, at [`LEVELS`].
    pub quantiles: [f64; 7],
}

impl Scaled {
    /// Predicted deviation of the log return over `horizon` days.
    pub fn deviation(&self, terms: &[f64; HAR_TERMS], horizon: usize) -> f64 {
        let log: f64 = self.coefficients.iter().zip(terms).map(|(b, x)| b * x).sum();
        (horizon as f64 * libm::exp(log + self.half_variance)).sqrt()
    }
}

impl Har {
    /// Fits a regression for each of [`ANCHORS`].
    pub fn fit(days: &[Day]) -> [Scaled; ANCHORS.len()] {
        let rows = terms(days);
        let sums = |value: fn(&Day) -> f64| -> Vec<f64> {
            let mut sum = 0.0;
            let so_far = days.iter().map(|day| {
                sum += value(day);
                sum
            });
            std::iter::once(0.0).chain(so_far).collect()
        };
        let (variances, changes) = (sums(|day| day.range_variance), sums(|day| day.change));
        ANCHORS.map(|horizon| fit_one(&rows, &over(&variances, horizon), &over(&changes, horizon), horizon))
    }
}

/// Sums over the `horizon` days after each day, as long as there are so many.
fn over(sums: &[f64], horizon: usize) -> Vec<f64> {
    let from = sums.iter().skip(1);
    from.zip(sums.iter().skip(1 + horizon)).map(|(from, to)| to - from).collect()
}

fn fit_one(rows: &[[f64; HAR_TERMS]], variances: &[f64], changes: &[f64], horizon: usize) -> Scaled {
    let targets: Vec<f64> =
        variances.iter().map(|sum| libm::log((sum / horizon as f64).max(MIN_VARIANCE))).collect();
    let pairs = || rows.iter().zip(&targets).skip(WARM_UP);
    let mut normal = [[0.0; HAR_TERMS + 1]; HAR_TERMS];
    for (x, y) in pairs() {
        for (row, xi) in normal.iter_mut().zip(x) {
            row.iter_mut().zip(x.iter().chain([y])).for_each(|(sum, xj)| *sum += xi * xj);
        }
    }
    for (i, (row, (prior, weight))) in normal.iter_mut().zip(PRIOR.iter().zip(PRIOR_ROWS)).enumerate() {
        if let Some(diagonal) = row.get_mut(i) {
            *diagonal += weight;
        }
        if let Some(right) = row.last_mut() {
            *right += weight * prior;
        }
    }
    let coefficients = solve(normal);
    let mut scaled = Scaled { coefficients, half_variance: 0.0, quantiles: [0.0; 7] };
    let log = |x: &[f64; HAR_TERMS]| -> f64 { coefficients.iter().zip(x).map(|(b, x)| b * x).sum() };
    let squares: f64 = pairs().map(|(x, y)| (y - log(x)).powi(2)).sum();
    scaled.half_variance = 0.5 * squares / pairs().count().max(1) as f64;
    let first = changes.len().saturating_sub(OUTCOMES).max(WARM_UP.min(changes.len()));
    let outcomes = rows.iter().zip(changes).skip(first);
    let mut outcomes: Vec<f64> = outcomes.map(|(x, change)| change / scaled.deviation(x, horizon)).collect();
    outcomes.sort_by(f64::total_cmp);
    scaled.quantiles = LEVELS.map(|level| quantile(&outcomes, level));
    scaled
}

/// The regressors as of each day: 1; log range variance of the day and of the
/// last 5, 22 and 126; the fall of the day in deviations; log EWMA variance.
pub fn terms(days: &[Day]) -> Vec<[f64; HAR_TERMS]> {
    let mut sums = Vec::with_capacity(days.len() + 1);
    sums.push(0.0);
    let (mut ewma, mut weight) = (0.0, 0.0);
    let mut rows = Vec::with_capacity(days.len());
    for (day, count) in days.iter().zip(1..) {
        let sum = sums.last().copied().unwrap_or_default() + day.range_variance;
        sums.push(sum);
        let trailing = |n: usize| {
            let n = n.min(count);
            libm::log(((sum - sums.get(count - n).copied().unwrap_or_default()) / n as f64).max(MIN_VARIANCE))
        };
        ewma = DECAY * ewma + (1.0 - DECAY) * day.change * day.change;
        weight = DECAY * weight + (1.0 - DECAY);
        let recent = (ewma / weight).max(MIN_VARIANCE);
        let fall = day.change.min(0.0) / recent.sqrt();
        rows.push([1.0, trailing(1), trailing(5), trailing(22), trailing(126), fall, libm::log(recent)]);
    }
    rows
}

/// Solves a symmetric positive definite system `[matrix | right side]` by elimination.
fn solve(mut rows: [[f64; HAR_TERMS + 1]; HAR_TERMS]) -> [f64; HAR_TERMS] {
    let mut above: Vec<[f64; HAR_TERMS + 1]> = Vec::with_capacity(HAR_TERMS);
    for (i, row) in rows.iter_mut().enumerate() {
        for (j, pivot) in above.iter().enumerate() {
            let factor = row.get(j).copied().unwrap_or_default();
            row.iter_mut().zip(pivot).for_each(|(value, p)| *value -= factor * p);
        }
        let diagonal = row.get(i).copied().unwrap_or(1.0);
        row.iter_mut().for_each(|value| *value /= diagonal);
        above.push(*row);
    }
    let mut solution = [0.0; HAR_TERMS];
    for (i, row) in above.iter().enumerate().rev() {
        let known: f64 = row.iter().zip(&solution).skip(i + 1).map(|(a, x)| a * x).sum();
        if let (Some(value), Some(right)) = (solution.get_mut(i), row.last()) {
            *value = right - known;
        }
    }
    solution
}

/// Quantile of ascending values by linear interpolation.
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let position = level * sorted.len().saturating_sub(1) as f64;
    let value = |index: f64| sorted.get(index as usize).copied().unwrap_or_default();
    let below = position.floor();
    value(below) + (position - below) * (value(position.ceil()) - value(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elimination_solves() {
        // A = I + 1 1ᵀ, x = 0, 1, 2, …
        let mut rows = [[0.0; HAR_TERMS + 1]; HAR_TERMS];
        for (i, row) in rows.iter_mut().enumerate() {
            for (j, value) in row.iter_mut().take(HAR_TERMS).enumerate() {
                *value = if i == j { 2.0 } else { 1.0 };
            }
            row[HAR_TERMS] = i as f64 + 21.0;
        }
        for (i, x) in solve(rows).iter().enumerate() {
            assert!((x - i as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn a_constant_variance_is_found() {
        let day = |i: usize| {
            let change = if i.is_multiple_of(2) { 0.01 } else { -0.01 };
            Day { change, overnight: 0.0, range_variance: 1e-4, volume: 0.0 }
        };
        let days: Vec<Day> = (0..600).map(day).collect();
        let last = terms(&days)[599];
        for (scaled, horizon) in Har::fit(&days).iter().zip(ANCHORS) {
            let deviation = scaled.deviation(&last, horizon);
            assert!(
                (deviation / (0.01 * (horizon as f64).sqrt()) - 1.0).abs() < 0.02,
                "{horizon} {deviation}"
            );
        }
    }
}
