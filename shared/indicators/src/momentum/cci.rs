use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{number, period},
    indicator::{finite, typical_price},
    rolling::Window,
    tie::exceeds,
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
        // As differences to the newest: of prices close to each other they are exact.
        let differences = self.window.values().iter().map(|value| value - price);
        let mean = differences.clone().sum::<f64>() / count;
        let deviation = differences.map(|difference| (difference - mean).abs()).sum::<f64>() / count;
        let is_flat = !exceeds(deviation, 0.0, price);
        Some(if is_flat { 0.0 } else { -mean / (0.015 * deviation) })
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
