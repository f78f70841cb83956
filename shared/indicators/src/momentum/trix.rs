use serde::{Deserialize, Serialize};

use super::Roc;
use crate::{
    Definition, Indicator, Memory, Parameters, Registered,
    average::Ema,
    definition::{change, period},
};

/// TRIX (Hutson 1983): the one-bar change, in percent, of a threefold
/// exponential average.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trix {
    averages: [Ema; 3],
    change: Roc,
}

impl Trix {
    /// Over `period` values, at least 1.
    pub fn new(period: usize) -> Self {
        Self { averages: [(); 3].map(|()| Ema::new(period)), change: Roc::new(1) }
    }
}

impl Indicator for Trix {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        let average = self.averages.iter_mut().try_fold(*value, |value, average| average.update(&value))?;
        self.change.update(&average)
    }

    fn warm_up(&self) -> usize {
        let [first, ..] = &self.averages;
        3 * first.warm_up() - 1
    }

    fn decay(&self) -> f64 {
        self.averages.iter().fold(0.0, |decay, average| average.decay().max(decay))
    }

    fn reset(&mut self) {
        self.averages.iter_mut().for_each(Ema::reset);
        self.change.reset();
    }
}

impl Registered for Trix {
    const DEFINITION: Definition = Definition::own_pane("trix", "TRIX", &[period(15.0)], &[change("trix")])
        .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
