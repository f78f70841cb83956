use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use super::ad::money_flow_volume;
use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{number, period},
    indicator::finite,
    rolling::RollingSum,
};

/// Chaikin money flow: the money flow volume of `period` bars as a share of their
/// volume, from -1 to 1; 0 without volume.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChaikinMoneyFlow {
    flow: RollingSum,
    volume: RollingSum,
}

impl ChaikinMoneyFlow {
    /// Over `period` bars, at least 1.
    pub fn new(period: usize) -> Self {
        Self { flow: RollingSum::new(period), volume: RollingSum::new(period) }
    }
}

impl Indicator for ChaikinMoneyFlow {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let bar = finite(bar)?;
        let (flow, volume) = (self.flow.push(money_flow_volume(bar)), self.volume.push(bar.volume));
        let (flow, volume) = (flow?, volume?);
        Some(if volume > 0.0 { (flow / volume).clamp(-1.0, 1.0) } else { 0.0 })
    }

    fn warm_up(&self) -> usize {
        self.flow.period()
    }

    fn reset(&mut self) {
        self.flow.clear();
        self.volume.clear();
    }
}

impl Registered for ChaikinMoneyFlow {
    const DEFINITION: Definition =
        Definition::own_pane("cmf", "Chaikin money flow", &[period(20.0)], &[number("cmf")])
            .of(Input::PricesAndVolume);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
