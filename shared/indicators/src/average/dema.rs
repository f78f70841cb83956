use serde::{Deserialize, Serialize};

use super::Ema;
use crate::{
    Definition, Indicator, Memory, Parameters, Registered,
    definition::{period, price},
};

/// Double exponential moving average: twice the average less the average of the
/// average (Mulloy, "Smoothing Data with Faster Moving Averages", 1994).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dema {
    first: Ema,
    second: Ema,
}

impl Dema {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { first: Ema::new(period), second: Ema::new(period) }
    }
}

impl Indicator for Dema {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        let first = self.first.update(value)?;
        Some(2.0 * first - self.second.update(&first)?)
    }

    fn warm_up(&self) -> usize {
        2 * self.first.warm_up() - 1
    }

    fn decay(&self) -> f64 {
        self.first.decay()
    }

    fn reset(&mut self) {
        self.first.reset();
        self.second.reset();
    }
}

impl Registered for Dema {
    const DEFINITION: Definition = Definition::over_prices(
        "dema",
        "Double exponential moving average",
        &[period(20.0)],
        &[price("dema")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
