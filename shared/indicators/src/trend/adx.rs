use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use super::directional::Directional;
use crate::{
    Definition, Indicator, Input, Memory, Parameters, Registered,
    average::Ema,
    definition::{percent, period},
};

/// Average directional index (Wilder 1978): how much one direction prevails,
/// whichever it is. Without any movement it stays as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adx {
    directional: Directional,
    average: Ema,
    last: f64,
}

impl Adx {
    /// Over `period` changes, at least 1.
    pub fn new(period: usize) -> Self {
        Self { directional: Directional::new(period), average: Ema::wilder(period), last: 0.0 }
    }
}

impl Indicator for Adx {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let [plus, minus] = self.directional.update(bar)?;
        let sum = plus + minus;
        let index = if sum > 0.0 { 100.0 * ((plus - minus).abs() / sum) } else { self.last };
        let average = self.average.update(&index)?.min(100.0);
        self.last = average;
        Some(average)
    }

    fn warm_up(&self) -> usize {
        2 * self.directional.period()
    }

    fn decay(&self) -> f64 {
        self.average.decay()
    }

    fn reset(&mut self) {
        *self = Self::new(self.directional.period());
    }
}

impl Registered for Adx {
    const DEFINITION: Definition =
        Definition::own_pane("adx", "Average directional index", &[period(14.0)], &[percent("adx")])
            .of(Input::Prices)
            .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
