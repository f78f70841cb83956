use super::Window;
use crate::Indicator;

/// Simple moving average: the mean of the last `period` values.
///
/// The running sum is compensated (Neumaier 1974), so that it does not drift
/// however long the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Sma {
    window: Window,
    sum: f64,
    compensation: f64,
}

impl Sma {
    /// An average over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period), sum: 0.0, compensation: 0.0 }
    }

    fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        let lost =
            if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.compensation += lost;
        self.sum = sum;
    }
}

impl Indicator for Sma {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        if let Some(replaced) = self.window.push(*value) {
            self.add(-replaced);
        }
        self.add(*value);
        self.window.is_full().then(|| (self.sum + self.compensation) / self.window.period() as f64)
    }

    fn warm_up(&self) -> usize {
        self.window.period()
    }

    fn reset(&mut self) {
        *self = Self::new(self.window.period());
    }
}
