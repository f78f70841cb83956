use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    definition::{number, period},
    indicator::finite,
    rolling::RollingSum,
    volatility::true_range,
};

/// Vortex (Botes and Siepman 2010): `[plus, minus]`, the distances from the low before
/// to the high and from the high before to the low, summed up over `period` bars, as
/// shares of their true ranges. 0 without a range, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vortex {
    previous: Option<[f64; 3]>,
    up: RollingSum,
    down: RollingSum,
    range: RollingSum,
}

impl Vortex {
    /// Over `period` changes, at least 1.
    pub fn new(period: usize) -> Self {
        let sum = || RollingSum::new(period);
        Self { previous: None, up: sum(), down: sum(), range: sum() }
    }
}

impl Indicator for Vortex {
    type Input = Bar;
    type Output = [f64; 2];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        let Bar { high, low, close, .. } = *finite(bar)?;
        let [previous_high, previous_low, previous_close] = self.previous.replace([high, low, close])?;
        let up = self.up.push((high - previous_low).abs());
        let down = self.down.push((low - previous_high).abs());
        let range = self.range.push(true_range(high, low, previous_close))?;
        let share = |part: f64| if range > 0.0 { part / range } else { 0.0 };
        Some([share(up?), share(down?)])
    }

    fn warm_up(&self) -> usize {
        self.range.period() + 1
    }

    fn reset(&mut self) {
        *self = Self::new(self.range.period());
    }
}

impl Registered for Vortex {
    const DEFINITION: Definition =
        Definition::own_pane("vortex", "Vortex", &[period(14.0)], &[number("plus"), number("minus")])
            .of(Input::Prices);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
