use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{percent, period},
    indicator::finite,
    rolling::RollingMax,
};

/// Aroon (Chande 1995): `[up, down]`, how recently the highest high and the
/// lowest low of `period` bars and the one before occurred; 100 is now. Of equal
/// ones the latest counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aroon {
    bars: u64,
    highest: RollingMax<(f64, u64)>,
    lowest: RollingMax<(f64, u64)>,
}

impl Aroon {
    /// Over `period` bars, at least 1, and the one before.
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self { bars: 0, highest: RollingMax::new(period + 1), lowest: RollingMax::new(period + 1) }
    }

    fn period(&self) -> usize {
        self.highest.period() - 1
    }
}

impl Indicator for Aroon {
    type Input = Bar;
    type Output = [f64; 2];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        let bar = finite(bar)?;
        self.bars = self.bars.saturating_add(1);
        let high = self.highest.push((bar.high, self.bars));
        let low = self.lowest.push((-bar.low, self.bars));
        let period = self.period() as f64;
        let recency = |(_, at): (f64, u64)| 100.0 * (1.0 - self.bars.saturating_sub(at) as f64 / period);
        Some([recency(high?), recency(low?)])
    }

    fn warm_up(&self) -> usize {
        self.highest.period()
    }

    fn reset(&mut self) {
        *self = Self::new(self.period());
    }
}

impl Registered for Aroon {
    const DEFINITION: Definition =
        Definition::own_pane("aroon", "Aroon", &[period(14.0)], &[percent("up"), percent("down")])
            .of(Input::Prices);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
