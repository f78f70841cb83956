use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Memory, Parameters, Registered,
    average::Ema,
    definition::{percent, period},
};

/// Relative strength index, 0 to 100: the share of gains in all changes, each
/// smoothed by Wilder's average (Wilder 1978). 0 when nothing has changed, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rsi {
    previous: Option<f64>,
    gain: Ema,
    loss: Ema,
}

impl Rsi {
    /// Over `period` changes, at least 1.
    pub fn new(period: usize) -> Self {
        Self { previous: None, gain: Ema::wilder(period), loss: Ema::wilder(period) }
    }
}

impl Indicator for Rsi {
    type Input = f64;
    type Output = f64;

    #[inline(always)]
    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let change = value - self.previous.replace(*value)?;
        let (gain, loss) = gain_and_loss(change);
        let (gain, loss) = (self.gain.push(gain), self.loss.push(loss));
        Some(share_of_gains(gain?, loss?))
    }

    fn warm_up(&self) -> usize {
        self.gain.warm_up() + 1
    }

    fn decay(&self) -> f64 {
        self.gain.decay()
    }

    fn reset(&mut self) {
        self.previous = None;
        self.gain.reset();
        self.loss.reset();
    }
}

/// What a finite change gains and what it loses.
#[inline(always)]
pub fn gain_and_loss(change: f64) -> (f64, f64) {
    // Exact, and without a branch that would guess the direction of prices.
    ((change.abs() + change) * 0.5, (change.abs() - change) * 0.5)
}

/// Gains in percent of gains and losses; 0 without either.
#[inline(always)]
pub fn share_of_gains(gain: f64, loss: f64) -> f64 {
    let total = gain + loss;
    // Divided in any case: what is conditional is not done to several at a time.
    let share = 100.0 * (gain / total);
    if total > 0.0 { share } else { 0.0 }
}

impl Registered for Rsi {
    const DEFINITION: Definition =
        Definition::own_pane("rsi", "Relative strength index", &[period(14.0)], &[percent("rsi")])
            .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
