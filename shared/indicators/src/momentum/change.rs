use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{period, price},
    rolling::Window,
};

/// Momentum: the change over `period` values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Momentum {
    window: Window,
}

impl Momentum {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period) }
    }
}

impl Indicator for Momentum {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        Some(value - self.window.push(*value)?)
    }

    fn warm_up(&self) -> usize {
        self.window.period() + 1
    }

    fn reset(&mut self) {
        self.window.clear();
    }
}

impl Registered for Momentum {
    const DEFINITION: Definition =
        Definition::own_pane("momentum", "Momentum", &[period(10.0)], &[price("momentum")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
