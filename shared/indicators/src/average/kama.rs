use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Memory, Parameter, Parameters, Registered,
    definition::{period, price},
    rolling::{RollingSum, Window},
};

/// Kaufman's adaptive moving average (Kaufman, "Smarter Trading", 1995): an
/// exponential average whose smoothing lies between those of a `fast` and a
/// `slow` period, by how straight the last `period` changes lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kama {
    fast: usize,
    slow: usize,
    window: Window,
    path: RollingSum,
    previous: Option<f64>,
    average: Option<f64>,
}

impl Kama {
    /// Periods of at least 1.
    pub fn new(period: usize, fast: usize, slow: usize) -> Self {
        Self {
            fast,
            slow,
            window: Window::new(period),
            path: RollingSum::new(period),
            previous: None,
            average: None,
        }
    }
}

impl Indicator for Kama {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let previous = self.previous.replace(*value);
        let path = previous.and_then(|previous| self.path.push((value - previous).abs()));
        let oldest = self.window.push(*value)?;
        let (path, previous) = (path?, previous?);
        let direct = (value - oldest).abs();
        let efficiency = if path > direct { direct / path } else { 1.0 };
        let [fast, slow] = [self.fast, self.slow].map(|period| 2.0 / (period as f64 + 1.0));
        let smoothing = (efficiency * (fast - slow) + slow).powi(2);
        let average = self.average.unwrap_or(previous);
        self.average = Some(average + smoothing * (value - average));
        self.average
    }

    fn warm_up(&self) -> usize {
        self.window.period() + 1
    }

    fn decay(&self) -> f64 {
        1.0 - (2.0 / (self.slow.max(self.fast) as f64 + 1.0)).powi(2)
    }

    fn reset(&mut self) {
        *self = Self::new(self.window.period(), self.fast, self.slow);
    }
}

impl Registered for Kama {
    const DEFINITION: Definition = Definition::over_prices(
        "kama",
        "Kaufman's adaptive moving average",
        &[period(10.0), Parameter::bars("fast", 2.0), Parameter::bars("slow", 30.0)],
        &[price("kama")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1), parameters.whole(2))
    }
}
