use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Memory, Parameters, Registered,
    definition::{period, price},
};

/// Exponential moving average with smoothing `2 / (period + 1)`, or Wilder's
/// `1 / period`; it starts from the mean of the first `period` values, as
/// TA-Lib does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ema {
    period: usize,
    /// The weight of a new value.
    smoothing: f64,
    /// Values seen, up to `period`.
    seen: usize,
    /// The sum of the values seen; from the `period`-th on the average.
    average: f64,
    /// What the average contributes to the next one.
    carried: f64,
}

impl Ema {
    /// Smoothing `2 / (period + 1)`; `period` at least 1.
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self::with_smoothing(period, 2.0 / (period as f64 + 1.0))
    }

    /// Smoothing `1 / period` (Wilder, "New Concepts in Technical Trading Systems", 1978).
    pub fn wilder(period: usize) -> Self {
        let period = period.max(1);
        Self::with_smoothing(period, 1.0 / period as f64)
    }

    fn with_smoothing(period: usize, smoothing: f64) -> Self {
        Self { period, smoothing, seen: 0, average: 0.0, carried: 0.0 }
    }

    /// [`Indicator::update`] for a value that is known to be finite.
    #[inline(always)]
    pub(crate) fn push(&mut self, value: f64) -> Option<f64> {
        if self.seen >= self.period {
            return Some(self.advance(value));
        }
        self.seen += 1;
        self.average += value;
        if self.seen < self.period {
            return None;
        }
        self.average /= self.period as f64;
        self.carried = (1.0 - self.smoothing) * self.average;
        Some(self.average)
    }

    /// The next average, once there is one.
    #[inline(always)]
    pub(crate) fn advance(&mut self, value: f64) -> f64 {
        // One addition and one multiplication between two averages: the shortest chain.
        // What is carried is multiplied here, lest the compiler pack both products into
        // one vector, which takes longer to unpack than to compute.
        self.average = self.smoothing * value + self.carried;
        self.carried = (1.0 - self.smoothing) * self.average;
        self.average
    }

    /// The weight of a new value.
    pub(crate) fn smoothing(&self) -> f64 {
        self.smoothing
    }

    /// The average so far, after the warm-up.
    pub(crate) fn average(&self) -> f64 {
        self.average
    }
}

impl Indicator for Ema {
    type Input = f64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, value: &f64) -> Option<f64> {
        if value.is_finite() { self.push(*value) } else { None }
    }

    fn warm_up(&self) -> usize {
        self.period
    }

    fn decay(&self) -> f64 {
        1.0 - self.smoothing
    }

    fn reset(&mut self) {
        self.seen = 0;
        self.average = 0.0;
        self.carried = 0.0;
    }
}

impl Registered for Ema {
    const DEFINITION: Definition =
        Definition::over_prices("ema", "Exponential moving average", &[period(50.0)], &[price("ema")])
            .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
