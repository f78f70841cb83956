//! The methods to beat, each from closed bars alone.

use anyhow::Result;
use tickwise_forecast::{
    ANCHORS, LEVELS,
    blend::Anchors,
    econometrics::{DECAY, Econometrics, FIT_DAYS, Garch, GarchFit, GarchKind, SHOCKS, Simulation, days},
};
use tickwise_market::Bar;

use crate::learners::Learners;

/// Names, in the order of [`Fits::forecasts`].
pub const NAMES: [&str; 8] =
    ["random walk", "EWMA", "HAR", "GARCH-t", "GJR-GARCH-t", "GJR-GARCH-FHS", "ridge", "random forest"];

/// Past days whose returns are taken for the future's.
const HISTORY: usize = 1000;

/// What is fitted at the beginning of a quarter.
#[derive(Debug)]
pub struct Fits {
    econometrics: Econometrics,
    garch: GarchFit,
    garch_shocks: Vec<f32>,
    gjr_shocks: Vec<f32>,
    learners: Option<Learners>,
}

impl Fits {
    /// Fits to the last of closed bars.
    ///
    /// # Errors
    /// When a regression fails.
    pub fn new(bars: &[Bar]) -> Result<Self> {
        let econometrics = Econometrics::fit(bars);
        let recent = bars.get(bars.len().saturating_sub(FIT_DAYS + 1)..).unwrap_or(bars);
        let returns: Vec<f64> = days(recent).iter().map(|day| 100.0 * day.change).collect();
        let garch = GarchFit::fit(&returns, GarchKind::Garch);
        let (garch_shocks, gjr_shocks) = (student(garch.params.nu), student(econometrics.gjr.params.nu));
        let learners = Learners::fit(recent)?;
        Ok(Self { econometrics, garch, garch_shocks, gjr_shocks, learners })
    }

    /// Quantiles by each method of [`NAMES`] from the last bar. Where there is too
    /// little to learn from, regression and forest say what EWMA does.
    ///
    /// # Errors
    /// When a regression fails.
    pub fn forecasts(&self, bars: &[Bar], simulation: &Simulation) -> Result<[Anchors; NAMES.len()]> {
        let recent = bars.get(bars.len().saturating_sub(HISTORY + 61)..).unwrap_or(bars);
        let closes: Vec<f64> = recent.iter().map(|bar| bar.close).collect();
        let deviations = ewma(&closes);
        let flat = vec![1.0; closes.len()];
        let seen = bars.partition_point(|bar| bar.time_ms <= self.econometrics.fitted_ms);
        let since = days(bars.get(seen.saturating_sub(1)..).unwrap_or_default());
        let garch =
            since.iter().fold(self.garch.variance, |v, day| self.garch.params.next(v, 100.0 * day.change));
        let simulate = |params: &Garch, variance: f64, shocks: &[f32]| {
            simulation.quantiles(params, variance, shocks, &ANCHORS)
        };
        let gjr = self.econometrics.variance(bars);
        let ewma = scaled(&closes, &deviations);
        let learned = self.learners.as_ref().map(|learners| learners.forecasts(bars)).transpose()?.flatten();
        let [ridge, forest] = learned.unwrap_or([ewma; 2]);
        Ok([
            scaled(&closes, &flat),
            ewma,
            self.econometrics.har_quantiles(bars),
            simulate(&self.garch.params, garch, &self.garch_shocks),
            simulate(&self.econometrics.gjr.params, gjr, &self.gjr_shocks),
            self.econometrics.gjr_quantiles(bars, simulation),
            ridge,
            forest,
        ])
    }
}

/// Empirical quantiles of past overlapping returns in units of the deviation known
/// at their beginning, times that of the last day.
fn scaled(closes: &[f64], deviations: &[f64]) -> Anchors {
    let last = deviations.last().copied().unwrap_or(1.0);
    ANCHORS.map(|horizon| {
        let pairs = closes.iter().zip(closes.iter().skip(horizon)).zip(deviations);
        let outcomes = pairs.map(|((from, to), deviation)| (to / from).ln() / deviation);
        let mut outcomes: Vec<f64> = outcomes.collect();
        outcomes.drain(..outcomes.len().saturating_sub(HISTORY));
        outcomes.sort_by(f64::total_cmp);
        LEVELS.map(|level| last * quantile(&outcomes, level))
    })
}

/// Daily deviations by an exponentially weighted average (RiskMetrics 1996).
fn ewma(closes: &[f64]) -> Vec<f64> {
    let (mut sum, mut weight) = (0.0, 0.0);
    let returns = closes.iter().zip(closes.iter().skip(1)).map(|(a, b)| (b / a).ln());
    let mut deviations: Vec<f64> = returns
        .map(|r| {
            sum = DECAY * sum + r * r;
            weight = DECAY * weight + 1.0;
            (sum / weight).sqrt().max(1e-5)
        })
        .collect();
    deviations.insert(0, deviations.first().copied().unwrap_or(1.0));
    deviations
}

/// Quantile of ascending values by linear interpolation.
pub fn quantile(sorted: &[f64], level: f64) -> f64 {
    let position = level * (sorted.len().saturating_sub(1)) as f64;
    let below = position.floor();
    let value = |index: f64| sorted.get(index as usize).copied().unwrap_or(0.0);
    let lower = value(below);
    lower + (position - below) * (value(position.ceil()) - lower)
}

/// [`SHOCKS`] equally likely values of Student's t of variance 1.
fn student(nu: f64) -> Vec<f32> {
    // The distribution function on a grid that is dense in the middle.
    const GRID: usize = 4000;
    let at = |i: usize| (std::f64::consts::PI * ((i as f64 + 0.5) / GRID as f64 - 0.5)).tan();
    let density = |x: f64| (1.0 + x * x / nu).powf(-0.5 * (nu + 1.0)) * (1.0 + x * x);
    let mut sum = 0.0;
    let cumulative: Vec<(f64, f64)> = (0..GRID)
        .map(|i| {
            let (x, mass) = (at(i), density(at(i)));
            sum += mass;
            (x, sum - 0.5 * mass)
        })
        .collect();
    let unit = (nu / (nu - 2.0)).sqrt();
    let shock = |i: usize| {
        let wanted = (i as f64 + 0.5) / SHOCKS as f64 * sum;
        let above = cumulative.partition_point(|(_, below)| *below < wanted);
        let ends = cumulative.get(above.saturating_sub(1)).zip(cumulative.get(above));
        ends.map_or(0.0, |((x0, c0), (x1, c1))| {
            let t = if c1 > c0 { (wanted - c0) / (c1 - c0) } else { 0.0 };
            ((x0 + t * (x1 - x0)) / unit) as f32
        })
    };
    (0..SHOCKS).map(shock).collect()
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
        for (horizon, row) in ANCHORS.iter().zip(scaled(&closes, &[1.0; 200])) {
            assert!(row.iter().all(|q| (q - 0.01 * *horizon as f64).abs() < 1e-12));
        }
    }

    #[test]
    fn students_t_has_the_tables_quantiles() {
        // 95 % and 99 % of t with 5 degrees of freedom: 2.0150, 3.3649.
        let shocks = student(5.0);
        let unit = (5.0_f32 / 3.0).sqrt();
        let at = |level: f32| {
            let i = (level * 1000.0) as usize;
            0.5 * (shocks[i - 1] + shocks[i]) * unit
        };
        assert!(
            (at(0.95) - 2.0150).abs() < 0.01 && (at(0.99) - 3.3649).abs() < 0.03,
            "{} {}",
            at(0.95),
            at(0.99)
        );
    }
}
