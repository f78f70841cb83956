use std::hint::cold_path;

use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{period, price},
    rolling::RollingSum,
};

/// Simple moving average: the mean of the last `period` values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sma {
    sum: RollingSum,
}

impl Sma {
    /// An average over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { sum: RollingSum::new(period) }
    }
}

impl Indicator for Sma {
    type Input = f64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            cold_path();
            return None;
        }
        // Divided, not multiplied: the mean of equal values is their value.
        self.sum.push(*value).map(|sum| sum / self.sum.period() as f64)
    }

    fn warm_up(&self) -> usize {
        self.sum.period()
    }

    fn reset(&mut self) {
        self.sum.clear();
    }
}

impl Registered for Sma {
    const DEFINITION: Definition =
        Definition::over_prices("sma", "Simple moving average", &[period(20.0)], &[price("sma")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
