use super::Sma;
use crate::Indicator;

/// Exponential moving average with smoothing `2 / (period + 1)`, or Wilder's
/// `1 / period`; it starts from the mean of the first `period` values, as
/// TA-Lib does.
#[derive(Clone, Debug, PartialEq)]
pub struct Ema {
    period: usize,
    smoothing: f64,
    seed: Sma,
    average: Option<f64>,
}

impl Ema {
    /// Smoothing `2 / (period + 1)`; `period` at least 1.
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self { period, smoothing: 2.0 / (period as f64 + 1.0), seed: Sma::new(period), average: None }
    }

    /// Smoothing `1 / period` (Wilder, "New Concepts in Technical Trading Systems", 1978).
    pub fn wilder(period: usize) -> Self {
        let period = period.max(1);
        Self { smoothing: 1.0 / period as f64, ..Self::new(period) }
    }
}

impl Indicator for Ema {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        self.average = match self.average {
            Some(average) => Some(average + self.smoothing * (value - average)),
            None => self.seed.update(value),
        };
        self.average
    }

    fn warm_up(&self) -> usize {
        self.period
    }

    fn reset(&mut self) {
        self.seed.reset();
        self.average = None;
    }
}
