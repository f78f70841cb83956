use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{change, period},
    rolling::Window,
};

/// Rate of change in percent over `period` values; 0 from a value of 0, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Roc {
    window: Window,
}

impl Roc {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period) }
    }
}

impl Indicator for Roc {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let before = self.window.push(*value)?;
        Some(if before == 0.0 { 0.0 } else { 100.0 * (value / before - 1.0) })
    }

    fn warm_up(&self) -> usize {
        self.window.period() + 1
    }

    fn reset(&mut self) {
        self.window.clear();
    }
}

impl Registered for Roc {
    const DEFINITION: Definition =
        Definition::own_pane("roc", "Rate of change", &[period(10.0)], &[change("roc")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
