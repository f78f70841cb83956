use serde::{Deserialize, Serialize};

use super::Wma;
use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{period, price},
};

/// Hull moving average: the weighted average over `sqrt(period)` values of twice
/// the weighted average over `period / 2` less that over `period` (Hull 2005).
/// Halves and roots are rounded down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hma {
    half: Wma,
    whole: Wma,
    smooth: Wma,
}

impl Hma {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { half: Wma::new(period / 2), whole: Wma::new(period), smooth: Wma::new(period.isqrt()) }
    }
}

impl Indicator for Hma {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        let half = self.half.update(value);
        let whole = self.whole.update(value)?;
        self.smooth.update(&(2.0 * half? - whole))
    }

    fn warm_up(&self) -> usize {
        self.whole.warm_up() + self.smooth.warm_up() - 1
    }

    fn reset(&mut self) {
        self.half.reset();
        self.whole.reset();
        self.smooth.reset();
    }
}

impl Registered for Hma {
    const DEFINITION: Definition =
        Definition::over_prices("hma", "Hull moving average", &[period(20.0)], &[price("hma")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
