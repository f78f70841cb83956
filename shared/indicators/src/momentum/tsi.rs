use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Memory, Parameter, Parameters, Registered, average::Ema, definition::change,
};

/// True strength index (Blau 1991), -100 to 100: changes averaged exponentially over
/// `first` values and that again over `second`, in percent of the same of their sizes.
/// 0 while nothing has changed, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrueStrength {
    previous: Option<f64>,
    changes: [Ema; 2],
    sizes: [Ema; 2],
}

impl TrueStrength {
    /// Periods of at least 1.
    pub fn new(first: usize, second: usize) -> Self {
        let averages = || [first, second].map(Ema::new);
        Self { previous: None, changes: averages(), sizes: averages() }
    }
}

impl Indicator for TrueStrength {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let change = value - self.previous.replace(*value)?;
        let (change, size) = (twice(&mut self.changes, change), twice(&mut self.sizes, change.abs()));
        let (change, size) = (change?, size?);
        Some(if size > 0.0 { 100.0 * (change / size) } else { 0.0 })
    }

    fn warm_up(&self) -> usize {
        self.sizes.iter().map(Ema::warm_up).sum()
    }

    fn decay(&self) -> f64 {
        self.sizes.iter().fold(0.0, |decay, average| average.decay().max(decay))
    }

    fn reset(&mut self) {
        self.previous = None;
        self.changes.iter_mut().chain(&mut self.sizes).for_each(Ema::reset);
    }
}

fn twice([first, second]: &mut [Ema; 2], value: f64) -> Option<f64> {
    second.update(&first.update(&value)?)
}

impl Registered for TrueStrength {
    const DEFINITION: Definition = Definition::own_pane(
        "tsi",
        "True strength index",
        &[Parameter::bars("first", 25.0), Parameter::bars("second", 13.0)],
        &[change("tsi")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1))
    }
}
