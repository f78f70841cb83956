use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Memory, Parameters, Registered,
    average::Ema,
    definition::{period, price},
    extremum::{larger, smaller},
};

/// Average true range by Wilder's smoothing (Wilder 1978). The first bar has no
/// true range, for want of a close before it, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Atr {
    previous_close: Option<f64>,
    average: Ema,
}

impl Atr {
    /// Over `period` true ranges, at least 1.
    pub fn new(period: usize) -> Self {
        Self { previous_close: None, average: Ema::wilder(period) }
    }
}

impl Indicator for Atr {
    type Input = Bar;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let Bar { high, low, close, .. } = *bar;
        // A sum is finite only of finite numbers.
        if !(high + low + close).is_finite() {
            return None;
        }
        let previous = self.previous_close.replace(close)?;
        self.average.push(true_range(high, low, previous))
    }

    fn warm_up(&self) -> usize {
        self.average.warm_up() + 1
    }

    fn decay(&self) -> f64 {
        self.average.decay()
    }

    fn reset(&mut self) {
        self.previous_close = None;
        self.average.reset();
    }
}

/// The range of a bar, from the close before if that lies outside. All finite.
#[inline(always)]
pub fn true_range(high: f64, low: f64, previous: f64) -> f64 {
    larger(high, previous) - smaller(low, previous)
}

impl Registered for Atr {
    const DEFINITION: Definition =
        Definition::own_pane("atr", "Average true range", &[period(14.0)], &[price("atr")])
            .of(Input::Prices)
            .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
