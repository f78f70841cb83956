//! The classic volatility models, fitted by rules of the bars alone.
//!
//! Everything is a function of closed bars. [`Econometrics::fit`] estimates the
//! models on the bars up to [`fit_bars`]; its result can be stored and used until
//! the next quarter begins.

mod day;
mod garch;
mod har;
mod shocks;
mod simplex;
mod simulation;

pub use day::{Day, days};
pub use garch::{Garch, GarchFit, GarchKind};
pub use har::{HAR_TERMS, Har, Scaled, terms};
pub use shocks::{SHOCKS, stratified};
pub use simplex::minimise;
pub use simulation::Simulation;

use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::ANCHORS;

/// The models are fitted to at most so many days: about ten years.
pub const FIT_DAYS: usize = 2520;

/// With fewer bars than this before the quarter, the models are fitted anew at
/// every bar.
const QUARTERLY_FROM_BARS: usize = 500;

/// The regressors of HAR read so many bars.
const HAR_BARS: usize = 300;

/// Decay of the exponentially weighted variance (RiskMetrics 1996).
pub const DECAY: f64 = 0.94;

/// The fitted models of one symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Econometrics {
    /// Start of the last bar that the fit has seen.
    pub fitted_ms: i64,
    /// GJR-GARCH with Student's t (Glosten, Jagannathan and Runkle 1993).
    pub gjr: GarchFit,
    /// Its standardised residuals, as [`SHOCKS`] equally likely ascending values.
    pub shocks: Vec<f32>,
    /// Log-HAR of range variance at each of [`ANCHORS`].
    pub har: [Scaled; ANCHORS.len()],
}

/// How many of the bars, oldest first, the fit for a forecast from the last one
/// reads: up to and including the first bar of the quarter.
pub fn fit_bars(bars: &[Bar]) -> usize {
    let quarter = |bar: &Bar| quarter_of(bar.time_ms);
    let Some(current) = bars.last().map(quarter) else { return 0 };
    let begun = bars.len() - bars.iter().rev().take_while(|bar| quarter(bar) == current).count() + 1;
    if begun >= QUARTERLY_FROM_BARS { begun } else { bars.len() }
}

impl Econometrics {
    /// Fits the models to the last [`FIT_DAYS`] of the bars, whose prices are positive.
    pub fn fit(bars: &[Bar]) -> Self {
        let recent = bars.get(bars.len().saturating_sub(FIT_DAYS + 1)..).unwrap_or(bars);
        let days = days(recent);
        let returns: Vec<f64> = days.iter().map(|day| 100.0 * day.change).collect();
        let gjr = GarchFit::fit(&returns, GarchKind::Gjr);
        let shocks = stratified(gjr.standardised(&returns));
        let har = Har::fit(&days);
        Self { fitted_ms: bars.last().map_or(0, |bar| bar.time_ms), gjr, shocks, har }
    }

    /// Whether the numbers, as read from a store, are those of a fit.
    pub fn is_usable(&self) -> bool {
        let Garch { mean, omega, alpha, gamma, beta, .. } = self.gjr.params;
        let mut parameters = [mean, omega, alpha, gamma, beta].into_iter();
        parameters.all(f64::is_finite)
            && self.gjr.variance.is_finite()
            && self.gjr.variance > 0.0
            && self.shocks.len() == SHOCKS
            && self.shocks.iter().all(|shock| shock.is_finite())
    }

    /// `[anchor][level]`: quantiles of the log return by GJR-GARCH with filtered
    /// historical simulation, from the last bar.
    pub fn gjr_quantiles(&self, bars: &[Bar], simulation: &Simulation) -> [[f64; 7]; ANCHORS.len()] {
        simulation.quantiles(&self.gjr.params, self.variance(bars), &self.shocks, &ANCHORS)
    }

    /// `[anchor][level]`: the same by HAR and past outcomes.
    pub fn har_quantiles(&self, bars: &[Bar]) -> [[f64; 7]; ANCHORS.len()] {
        let recent = bars.get(bars.len().saturating_sub(HAR_BARS)..).unwrap_or(bars);
        let terms = terms(&days(recent)).last().copied().unwrap_or_default();
        let mut horizons = ANCHORS.into_iter();
        self.har.map(|scaled| {
            let deviation = scaled.deviation(&terms, horizons.next().unwrap_or(1));
            scaled.quantiles.map(|z| z * deviation)
        })
    }

    /// The GJR variance of the day after the last, in percent squared, of the
    /// days since the fit.
    pub fn variance(&self, bars: &[Bar]) -> f64 {
        let seen = bars.partition_point(|bar| bar.time_ms <= self.fitted_ms);
        let since = bars.get(seen.saturating_sub(1)..).unwrap_or_default();
        since.iter().zip(since.iter().skip(1)).fold(self.gjr.variance, |variance, (before, bar)| {
            self.gjr.params.next(variance, 100.0 * libm::log(bar.close / before.close))
        })
    }
}

/// Quarters since the year 0, in UTC.
fn quarter_of(time_ms: i64) -> i64 {
    // Civil from days, by Howard Hinnant's algorithm.
    let days = time_ms.div_euclid(86_400_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March.
    let month = (5 * day_of_year + 2) / 153;
    (12 * (era * 400 + year_of_era) + month + 2) / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(time_ms: i64) -> Bar {
        Bar { time_ms, open: 1.0, high: 1.0, low: 1.0, close: 1.0, volume: 0.0 }
    }

    #[test]
    fn quarters_begin_in_january_april_july_and_october() {
        let ms = |year, month, day| {
            let date = jiff::civil::date(year, month, day);
            let epoch = jiff::civil::date(1970, 1, 1);
            i64::from(date.since(epoch).unwrap().get_days()) * 86_400_000
        };
        for (before, first) in [((3, 31), (4, 1)), ((6, 30), (7, 1)), ((9, 30), (10, 1))] {
            assert_eq!(quarter_of(ms(2012, before.0, before.1)) + 1, quarter_of(ms(2012, first.0, first.1)));
        }
        assert_eq!(quarter_of(ms(2011, 12, 31)) + 1, quarter_of(ms(2012, 1, 1)));
        assert_eq!(quarter_of(ms(2012, 1, 1)), quarter_of(ms(2012, 3, 31)));
        assert_eq!(quarter_of(ms(1969, 12, 31)) + 1, quarter_of(ms(1970, 1, 1)));
    }

    #[test]
    fn the_fit_stays_for_a_quarter() {
        let bars: Vec<Bar> = (0..900).map(|day| bar(day * 86_400_000)).collect();
        // 1972-04-01 is day 821.
        assert_eq!(fit_bars(&bars[..822]), 822);
        assert_eq!(fit_bars(&bars[..850]), 822);
        assert_eq!(fit_bars(&bars[..100]), 100, "young series are fitted at every bar");
        assert_eq!(fit_bars(&[]), 0);
    }
}
