use serde::{Deserialize, Serialize};

use super::Ema;
use crate::{
    Definition, Indicator, Memory, Parameter, Parameters, Registered,
    definition::{period, price},
    rolling::Window,
};

/// Zero-lag exponential moving average (Ehlers and Way, "Zero Lag (Well, Almost)", 2010):
/// the exponential average of the value and what it has gained over half the period,
/// which is as far as the average lags behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zlema {
    /// The values of half the period before.
    window: Window,
    average: Ema,
}

impl Zlema {
    /// Over `period` values, at least 3: shorter averages do not lag by a value.
    pub fn new(period: usize) -> Self {
        let period = period.max(3);
        Self { window: Window::new((period - 1) / 2), average: Ema::new(period) }
    }
}

impl Indicator for Zlema {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let before = self.window.push(*value)?;
        self.average.update(&(2.0 * value - before))
    }

    fn warm_up(&self) -> usize {
        self.window.period() + self.average.warm_up()
    }

    fn decay(&self) -> f64 {
        self.average.decay()
    }

    fn reset(&mut self) {
        self.window.clear();
        self.average.reset();
    }
}

impl Registered for Zlema {
    const DEFINITION: Definition = Definition::over_prices(
        "zlema",
        "Zero-lag exponential moving average",
        &[Parameter { min: 3.0, ..period(20.0) }],
        &[price("zlema")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
