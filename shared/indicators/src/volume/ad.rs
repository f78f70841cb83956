use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Memory, Parameters, Registered, definition::volume, indicator::finite,
};

/// Accumulation/distribution line (Chaikin): the running sum of money flow volume.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccumulationDistribution {
    sum: f64,
}

impl Indicator for AccumulationDistribution {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        self.sum += money_flow_volume(finite(bar)?);
        Some(self.sum)
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn reset(&mut self) {
        self.sum = 0.0;
    }
}

/// Volume times where the close lies in the bar's range, from -1 to 1; 0 without
/// a range.
pub fn money_flow_volume(bar: &Bar) -> f64 {
    let range = bar.high - bar.low;
    if range > 0.0 { ((bar.close - bar.low) - (bar.high - bar.close)) / range * bar.volume } else { 0.0 }
}

impl Registered for AccumulationDistribution {
    const DEFINITION: Definition =
        Definition::own_pane("ad", "Accumulation/distribution line", &[], &[volume("ad")])
            .of(Input::PricesAndVolume)
            .remembering(Memory::Cumulative);

    fn from_parameters(_: Parameters<'_>) -> Self {
        Self::default()
    }
}
