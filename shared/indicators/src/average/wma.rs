use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{period, price},
    rolling::Window,
};

/// Linearly weighted moving average: weights 1 to `period`, the newest most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wma {
    window: Window,
    sum: f64,
    weighted_sum: f64,
}

impl Wma {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period), sum: 0.0, weighted_sum: 0.0 }
    }

    fn renew(&mut self) {
        let weighted = self.window.values().iter().zip(1_u32..);
        self.weighted_sum = weighted.map(|(value, weight)| value * f64::from(weight)).sum();
        self.sum = self.window.values().iter().sum();
    }
}

impl Indicator for Wma {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let period = self.window.period() as f64;
        let replaced = self.window.push(*value);
        if let Some(replaced) = replaced {
            // Every weight falls by one, and the newest gets the full weight.
            self.weighted_sum += period * value - self.sum;
            self.sum += value - replaced;
        }
        if self.window.has_wrapped() {
            self.renew();
        }
        self.window.is_full().then(|| self.weighted_sum / (period * (period + 1.0) / 2.0))
    }

    fn warm_up(&self) -> usize {
        self.window.period()
    }

    fn reset(&mut self) {
        *self = Self::new(self.window.period());
    }
}

impl Registered for Wma {
    const DEFINITION: Definition =
        Definition::over_prices("wma", "Weighted moving average", &[period(20.0)], &[price("wma")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
