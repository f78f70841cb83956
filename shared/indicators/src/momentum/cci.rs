use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{number, period},
    indicator::{finite, typical_price},
    rolling::Window,
};

/// Commodity channel index (Lambert 1980): how many times 0.015 mean absolute
/// deviations the typical price lies from its simple average. 0 without deviation.
///
/// An update takes time proportional to `period`: the mean absolute deviation
/// has no recurrence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cci {
    window: Window,
}

impl Cci {
    /// Over `period` bars, at least 1.
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period) }
    }
}

impl Indicator for Cci {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let price = typical_price(finite(bar)?);
        self.window.push(price);
        if !self.window.is_full() {
            return None;
        }
        let count = self.window.period() as f64;
        let mean = self.window.values().iter().sum::<f64>() / count;
        let deviation = self.window.values().iter().map(|value| (value - mean).abs()).sum::<f64>() / count;
        // Less than rounding leaves of equal prices is no deviation.
        let is_flat = deviation <= f64::EPSILON * mean.abs() * count;
        Some(if is_flat { 0.0 } else { (price - mean) / (0.015 * deviation) })
    }

    fn warm_up(&self) -> usize {
        self.window.period()
    }

    fn reset(&mut self) {
        self.window.clear();
    }
}

impl Registered for Cci {
    const DEFINITION: Definition =
        Definition::own_pane("cci", "Commodity channel index", &[period(20.0)], &[number("cci")])
            .of(Input::Prices);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
