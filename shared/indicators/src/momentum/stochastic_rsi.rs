use serde::{Deserialize, Serialize};

use super::{Rsi, stochastic::position};
use crate::{
    Definition, Indicator, Memory, Parameter, Parameters, Registered,
    average::Sma,
    definition::{percent, period},
    rolling::RollingMax,
};

/// What rounding leaves of an index from 0 to 100 after many bars of decay.
const ROUNDING: f64 = 1e-10;

/// Stochastic of the relative strength index (Chande and Kroll 1994): `[k, d]`,
/// where the index lies between its lowest and highest of `k` values, and the
/// simple average of that over `d`, as in TA-Lib. 0 without a range: while prices do not
/// move the index stands still, and its last digits are no movement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StochasticRsi {
    rsi: Rsi,
    highest: RollingMax,
    lowest: RollingMax,
    d: Sma,
}

impl StochasticRsi {
    /// Periods of at least 1.
    pub fn new(period: usize, k: usize, d: usize) -> Self {
        Self {
            rsi: Rsi::new(period),
            highest: RollingMax::new(k),
            lowest: RollingMax::new(k),
            d: Sma::new(d),
        }
    }
}

impl Indicator for StochasticRsi {
    type Input = f64;
    type Output = [f64; 2];

    fn update(&mut self, value: &f64) -> Option<[f64; 2]> {
        let rsi = self.rsi.update(value)?;
        let (highest, lowest) = (self.highest.push(rsi), self.lowest.push(-rsi));
        let (highest, lowest) = (highest?, -lowest?);
        let k = if highest - lowest > ROUNDING { position(rsi, lowest, highest) } else { 0.0 };
        Some([k, self.d.update(&k)?])
    }

    fn warm_up(&self) -> usize {
        self.rsi.warm_up() + self.highest.period() + self.d.warm_up() - 2
    }

    fn decay(&self) -> f64 {
        self.rsi.decay()
    }

    fn reset(&mut self) {
        self.rsi.reset();
        self.highest = RollingMax::new(self.highest.period());
        self.lowest = RollingMax::new(self.lowest.period());
        self.d.reset();
    }
}

impl Registered for StochasticRsi {
    const DEFINITION: Definition = Definition::own_pane(
        "stochrsi",
        "Stochastic RSI",
        &[period(14.0), Parameter::bars("k", 14.0), Parameter::bars("d", 3.0)],
        &[percent("k"), percent("d")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1), parameters.whole(2))
    }
}
