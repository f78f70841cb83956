use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use super::stochastic::position;
use crate::{
    Definition, Indicator, Input, OutputDefinition, Parameters, Registered, Unit, definition::period,
    indicator::finite, rolling::RollingMax,
};

/// Williams %R (Williams 1973), -100 to 0: where the close lies between the lowest
/// low and the highest high of `period` bars, from the top. 0 without a range, as
/// in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WilliamsR {
    highest: RollingMax,
    lowest: RollingMax,
}

impl WilliamsR {
    /// Over `period` bars, at least 1.
    pub fn new(period: usize) -> Self {
        Self { highest: RollingMax::new(period), lowest: RollingMax::new(period) }
    }
}

impl Indicator for WilliamsR {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let bar = finite(bar)?;
        let (highest, lowest) = (self.highest.push(bar.high), self.lowest.push(-bar.low));
        let (highest, lowest) = (highest?, -lowest?);
        // The distance from the top is the position of the mirrored close.
        Some(-position(-bar.close, -highest, -lowest))
    }

    fn warm_up(&self) -> usize {
        self.highest.period()
    }

    fn reset(&mut self) {
        *self = Self::new(self.highest.period());
    }
}

impl Registered for WilliamsR {
    const DEFINITION: Definition = Definition::own_pane(
        "williams",
        "Williams %R",
        &[period(14.0)],
        &[OutputDefinition { name: "williams", unit: Unit::Change }],
    )
    .of(Input::Prices);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
