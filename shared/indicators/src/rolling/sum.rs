use std::hint::cold_path;

use serde::{Deserialize, Serialize};

use super::Window;

/// The sum of the last `period` values.
///
/// Beside the sliding sum runs a fresh one, which takes its place each time the
/// ring comes round: so that rounding errors never pile up over more than
/// `period` updates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RollingSum {
    window: Window,
    sum: f64,
    fresh: f64,
}

impl RollingSum {
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period), sum: 0.0, fresh: 0.0 }
    }

    /// Adds a value; the sum once there are `period` values.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> Option<f64> {
        self.sum += value - self.window.replace(value);
        self.fresh += value;
        if self.window.has_wrapped() {
            cold_path();
            self.sum = self.fresh;
            self.fresh = 0.0;
        }
        self.window.is_full().then_some(self.sum)
    }

    pub fn period(&self) -> usize {
        self.window.period()
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.period());
    }
}
