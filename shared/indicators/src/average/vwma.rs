use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{period, price},
    indicator::finite,
    rolling::RollingSum,
};

/// Volume-weighted moving average: the mean of the last `period` closes, each weighted
/// by its volume. Nothing while nothing was traded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vwma {
    traded: RollingSum,
    volume: RollingSum,
}

impl Vwma {
    /// Over `period` bars, at least 1.
    pub fn new(period: usize) -> Self {
        Self { traded: RollingSum::new(period), volume: RollingSum::new(period) }
    }
}

impl Indicator for Vwma {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let bar = finite(bar)?;
        let (traded, volume) = (self.traded.push(bar.close * bar.volume), self.volume.push(bar.volume));
        let (traded, volume) = (traded?, volume?);
        (volume > 0.0).then(|| traded / volume)
    }

    fn warm_up(&self) -> usize {
        self.volume.period()
    }

    fn reset(&mut self) {
        self.traded.clear();
        self.volume.clear();
    }
}

impl Registered for Vwma {
    const DEFINITION: Definition =
        Definition::over_prices("vwma", "Volume-weighted moving average", &[period(20.0)], &[price("vwma")])
            .of(Input::PricesAndVolume);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
