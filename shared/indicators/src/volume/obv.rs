use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Memory, Parameters, Registered, definition::volume, indicator::finite,
};

/// On-balance volume (Granville 1963): the running sum of volume, with the sign of
/// the close's change. It starts with the first volume, as in TA-Lib.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Obv {
    previous: Option<f64>,
    sum: f64,
}

impl Indicator for Obv {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let bar = finite(bar)?;
        let previous = self.previous.replace(bar.close);
        self.sum += match previous {
            Some(previous) if bar.close < previous => -bar.volume,
            Some(previous) if bar.close == previous => 0.0,
            _ => bar.volume,
        };
        Some(self.sum)
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Registered for Obv {
    const DEFINITION: Definition = Definition::own_pane("obv", "On-balance volume", &[], &[volume("obv")])
        .of(Input::PricesAndVolume)
        .remembering(Memory::Cumulative);

    fn from_parameters(_: Parameters<'_>) -> Self {
        Self::default()
    }
}
