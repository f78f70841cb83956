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
    per_value: f64,
}

impl Sma {
    /// An average over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { sum: RollingSum::new(period), per_value: 1.0 / period.max(1) as f64 }
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
        self.sum.push(*value).map(|sum| sum * self.per_value)
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
