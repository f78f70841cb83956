use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{period, price},
    rolling::RollingWeighted,
};

/// Linearly weighted moving average: weights 1 to `period`, the newest most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wma {
    average: RollingWeighted,
}

impl Wma {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { average: RollingWeighted::new(period) }
    }
}

impl Indicator for Wma {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if value.is_finite() { self.average.push(*value) } else { None }
    }

    fn warm_up(&self) -> usize {
        self.average.period()
    }

    fn reset(&mut self) {
        self.average.clear();
    }
}

impl Registered for Wma {
    const DEFINITION: Definition =
        Definition::over_prices("wma", "Weighted moving average", &[period(20.0)], &[price("wma")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
