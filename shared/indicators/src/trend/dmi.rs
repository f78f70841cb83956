use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use super::directional::Directional;
use crate::{
    Definition, Indicator, Input, Memory, Parameters, Registered,
    definition::{percent, period},
};

/// Directional movement index: `[+DI, -DI]` (Wilder 1978).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dmi(Directional);

impl Dmi {
    /// Over `period` changes, at least 1.
    pub fn new(period: usize) -> Self {
        Self(Directional::new(period))
    }
}

impl Indicator for Dmi {
    type Input = Bar;
    type Output = [f64; 2];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        self.0.update(bar)
    }

    fn warm_up(&self) -> usize {
        self.0.period() + 1
    }

    fn decay(&self) -> f64 {
        self.0.decay()
    }

    fn reset(&mut self) {
        *self = Self::new(self.0.period());
    }
}

impl Registered for Dmi {
    const DEFINITION: Definition = Definition::own_pane(
        "dmi",
        "Directional movement index",
        &[period(14.0)],
        &[percent("plus_di"), percent("minus_di")],
    )
    .of(Input::Prices)
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
