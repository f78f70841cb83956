use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{percent, period},
    indicator::{finite, typical_price},
    rolling::RollingSum,
};

/// Money flow index (Quong and Soudack 1989), 0 to 100: of the typical price times
/// volume over `period` bars, the share at rising prices. 0 when nothing moved, as
/// in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoneyFlowIndex {
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
        let price = typical_price(finite(bar)?);
        let previous = self.previous.replace(price)?;
        let flow = price * bar.volume;
        let rising = self.rising.push(if price > previous { flow } else { 0.0 });
        let falling = self.falling.push(if price < previous { flow } else { 0.0 });
        let (rising, total) = (rising?, rising? + falling?);
        Some(if total > 0.0 { 100.0 * rising / total } else { 0.0 })
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
