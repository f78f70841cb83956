use serde::{Deserialize, Serialize};

use super::Ema;
use crate::{
    Definition, Indicator, Memory, Parameters, Registered,
    definition::{period, price},
};

/// Triple exponential moving average (Mulloy 1994): `3 a - 3 aa + aaa`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tema {
    first: Ema,
    second: Ema,
    third: Ema,
}

impl Tema {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { first: Ema::new(period), second: Ema::new(period), third: Ema::new(period) }
    }
}

impl Indicator for Tema {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        let first = self.first.update(value)?;
        let second = self.second.update(&first)?;
        Some(3.0 * first - 3.0 * second + self.third.update(&second)?)
    }

    fn warm_up(&self) -> usize {
        3 * self.first.warm_up() - 2
    }

    fn decay(&self) -> f64 {
        self.first.decay()
    }

    fn reset(&mut self) {
        self.first.reset();
        self.second.reset();
        self.third.reset();
    }
}

impl Registered for Tema {
    const DEFINITION: Definition = Definition::over_prices(
        "tema",
        "Triple exponential moving average",
        &[period(20.0)],
        &[price("tema")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
