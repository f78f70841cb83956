use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{percent, period},
    indicator::finite,
    rolling::RollingSum,
    tie::exceeds,
};

/// Money flow index (Quong and Soudack 1989), 0 to 100: of the typical price times
/// volume over `period` bars, the share at rising prices. 0 when nothing moved, as
/// in TA-Lib. Whether a typical price has risen is decided as decimals decide it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoneyFlowIndex {
    /// High, low and close of the bar before, summed up.
    previous: Option<f64>,
    rising: RollingSum,
    falling: RollingSum,
}

impl MoneyFlowIndex {
    /// Over `period` changes, at least 1.
    pub fn new(period: usize) -> Self {
        Self { previous: None, rising: RollingSum::new(period), falling: RollingSum::new(period) }
    }
}

impl Indicator for MoneyFlowIndex {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let Bar { high, low, close, volume, .. } = *finite(bar)?;
        let (sum, magnitude) = (high + low + close, high.abs() + low.abs() + close.abs());
        let previous = self.previous.replace(sum)?;
        // Money flows at negative prices too.
        let flow = (sum / 3.0).abs() * volume;
        let rising = self.rising.push(if exceeds(sum, previous, magnitude) { flow } else { 0.0 });
        let falling = self.falling.push(if exceeds(previous, sum, magnitude) { flow } else { 0.0 });
        let (rising, total) = (rising?, rising? + falling?);
        Some(if total > 0.0 { 100.0 * (rising / total) } else { 0.0 })
    }

    fn warm_up(&self) -> usize {
        self.rising.period() + 1
    }

    fn reset(&mut self) {
        *self = Self::new(self.rising.period());
    }
}

impl Registered for MoneyFlowIndex {
    const DEFINITION: Definition =
        Definition::own_pane("mfi", "Money flow index", &[period(14.0)], &[percent("mfi")])
            .of(Input::PricesAndVolume);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
