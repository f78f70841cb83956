use crate::{
    Indicator,
    average::{Sma, Window},
};

/// Bollinger bands (Bollinger 1983): `[upper, middle, lower]`, the simple
/// average and `width` population standard deviations around it.
///
/// Sums of squares are kept of differences to a reference near the prices, and
/// anew from the window every `period` updates, so that neither a high price
/// level nor a long stream costs precision.
#[derive(Clone, Debug, PartialEq)]
pub struct Bollinger {
    width: f64,
    middle: Sma,
    window: Window,
    reference: f64,
    sum: f64,
    sum_of_squares: f64,
    until_renewal: usize,
}

impl Bollinger {
    /// Over `period` values, at least 1, `width` standard deviations wide.
    pub fn new(period: usize, width: f64) -> Self {
        Self {
            width,
            middle: Sma::new(period),
            window: Window::new(period),
            reference: 0.0,
            sum: 0.0,
            sum_of_squares: 0.0,
            until_renewal: 0,
        }
    }

    fn renew(&mut self, reference: f64) {
        self.reference = reference;
        self.sum = self.window.values().iter().map(|value| value - reference).sum();
        self.sum_of_squares = self.window.values().iter().map(|value| (value - reference).powi(2)).sum();
        self.until_renewal = self.window.period();
    }

    fn add(&mut self, value: f64, sign: f64) {
        let difference = value - self.reference;
        self.sum += sign * difference;
        self.sum_of_squares += sign * difference * difference;
    }
}

impl Indicator for Bollinger {
    type Input = f64;
    type Output = [f64; 3];

    fn update(&mut self, value: &f64) -> Option<[f64; 3]> {
        if !value.is_finite() {
            return None;
        }
        let middle = self.middle.update(value);
        let replaced = self.window.push(*value);
        if self.until_renewal == 0 {
            self.renew(middle.unwrap_or(*value));
        } else {
            self.until_renewal -= 1;
            if let Some(replaced) = replaced {
                self.add(replaced, -1.0);
            }
            self.add(*value, 1.0);
        }
        let middle = middle?;
        let count = self.window.period() as f64;
        let mean = self.sum / count;
        let variance = (self.sum_of_squares / count - mean * mean).max(0.0);
        let distance = self.width * variance.sqrt();
        Some([middle + distance, middle, middle - distance])
    }

    fn warm_up(&self) -> usize {
        self.window.period()
    }

    fn reset(&mut self) {
        *self = Self::new(self.window.period(), self.width);
    }
}
