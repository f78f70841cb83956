use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{period, price},
    indicator::finite,
    rolling::RollingMax,
};

/// Donchian channel: `[upper, middle, lower]`, the highest high and the lowest
/// low of `period` bars, this one included, and their mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Donchian {
    highest: RollingMax,
    lowest: RollingMax,
}

impl Donchian {
    /// Over `period` bars, at least 1.
    pub fn new(period: usize) -> Self {
        Self { highest: RollingMax::new(period), lowest: RollingMax::new(period) }
    }
}

impl Indicator for Donchian {
    type Input = Bar;
    type Output = [f64; 3];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 3]> {
        let bar = finite(bar)?;
        let (highest, lowest) = (self.highest.push(bar.high), self.lowest.push(-bar.low));
        let (highest, lowest) = (highest?, -lowest?);
        Some([highest, f64::midpoint(highest, lowest), lowest])
    }

    fn warm_up(&self) -> usize {
        self.highest.period()
    }

    fn reset(&mut self) {
        *self = Self::new(self.highest.period());
    }
}

impl Registered for Donchian {
    const DEFINITION: Definition = Definition::over_prices(
        "donchian",
        "Donchian channel",
        &[period(20.0)],
        &[price("upper"), price("middle"), price("lower")],
    )
    .of(Input::Prices);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
