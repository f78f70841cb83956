use tickwise_market::Bar;

use crate::{Indicator, average::Ema};

/// Average true range by Wilder's smoothing (Wilder 1978). The first bar has no
/// true range, for want of a close before it, as in TA-Lib.
#[derive(Clone, Debug, PartialEq)]
pub struct Atr {
    period: usize,
    previous_close: Option<f64>,
    average: Ema,
}

impl Atr {
    /// Over `period` true ranges, at least 1.
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self { period, previous_close: None, average: Ema::wilder(period) }
    }
}

impl Indicator for Atr {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let Bar { high, low, close, .. } = *bar;
        if ![high, low, close].iter().all(|price| price.is_finite()) {
            return None;
        }
        let previous = self.previous_close.replace(close)?;
        self.average.update(&(high.max(previous) - low.min(previous)))
    }

    fn warm_up(&self) -> usize {
        self.period + 1
    }

    fn reset(&mut self) {
        *self = Self::new(self.period);
    }
}
