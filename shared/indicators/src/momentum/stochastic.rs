use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameter, Parameters, Registered,
    average::Sma,
    definition::{percent, period},
    extremum::{larger, smaller},
    indicator::finite,
    rolling::RollingMax,
};

/// Stochastic oscillator (Lane 1984): `[k, d]`, where the close lies between the
/// lowest low and the highest high of `period` bars, smoothed by a simple average
/// over `k` bars, and that again over `d`. 0 without a range, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stochastic {
    highest: RollingMax,
    lowest: RollingMax,
    k: Sma,
    d: Sma,
}

impl Stochastic {
    /// Periods of at least 1.
    pub fn new(period: usize, k: usize, d: usize) -> Self {
        Self {
            highest: RollingMax::new(period),
            lowest: RollingMax::new(period),
            k: Sma::new(k),
            d: Sma::new(d),
        }
    }
}

impl Indicator for Stochastic {
    type Input = Bar;
    type Output = [f64; 2];

    #[inline(always)]
    fn update(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        let bar = finite(bar)?;
        let (highest, lowest) = (self.highest.push(bar.high), self.lowest.push(-bar.low));
        let fast = position(bar.close, -lowest?, highest?);
        let k = self.k.update(&fast)?;
        Some([k, self.d.update(&k)?])
    }

    fn warm_up(&self) -> usize {
        self.highest.period() + self.k.warm_up() + self.d.warm_up() - 2
    }

    fn reset(&mut self) {
        *self = Self::new(self.highest.period(), self.k.warm_up(), self.d.warm_up());
    }
}

/// Where a value lies between two others, 0 to 100; 0 without a range. A close that
/// rounding has put outside counts as at the edge.
#[inline(always)]
pub fn position(value: f64, lowest: f64, highest: f64) -> f64 {
    let range = highest - lowest;
    // Divided in any case: what is conditional is not done to several at a time.
    let position = 100.0 * smaller(larger((value - lowest) / range, 0.0), 1.0);
    if range > 0.0 { position } else { 0.0 }
}

impl Registered for Stochastic {
    const DEFINITION: Definition = Definition::own_pane(
        "stochastic",
        "Stochastic oscillator",
        &[period(14.0), Parameter::bars("k", 3.0), Parameter::bars("d", 3.0)],
        &[percent("k"), percent("d")],
    )
    .of(Input::Prices);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1), parameters.whole(2))
    }
}
