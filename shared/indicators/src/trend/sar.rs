use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use super::directional::moves;
use crate::{
    Definition, Indicator, Input, Memory, Pane, Parameter, Parameters, Registered, definition::price,
    indicator::finite, tie::exceeds,
};

/// Parabolic stop and reverse (Wilder 1978). The first direction is that of the
/// first directional movement, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParabolicSar {
    step: f64,
    max: f64,
    previous: Option<[f64; 2]>,
    trend: Option<Trend>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Trend {
    is_long: bool,
    stop: f64,
    extreme: f64,
    acceleration: f64,
}

impl ParabolicSar {
    /// The acceleration starts at `step` and grows by it up to `max`.
    pub fn new(step: f64, max: f64) -> Self {
        Self { step: step.min(max), max, previous: None, trend: None }
    }

    fn begin(&self, high: f64, low: f64, [previous_high, previous_low]: [f64; 2]) -> Trend {
        let [_, down] = moves([high, low], [previous_high, previous_low]);
        let is_long = down == 0.0;
        let (stop, extreme) = if is_long { (previous_low, high) } else { (previous_high, low) };
        Trend { is_long, stop, extreme, acceleration: self.step }
    }
}

impl Trend {
    /// The stop for this bar; then moves it for the next.
    fn advance(
        &mut self,
        [high, low]: [f64; 2],
        [previous_high, previous_low]: [f64; 2],
        step: f64,
        max: f64,
    ) -> f64 {
        let (floor, ceiling) = (low.min(previous_low), high.max(previous_high));
        let reverses =
            if self.is_long { !exceeds(low, self.stop, low) } else { !exceeds(self.stop, high, high) };
        let now = if reverses {
            self.is_long = !self.is_long;
            let stop = if self.is_long { self.extreme.min(floor) } else { self.extreme.max(ceiling) };
            self.acceleration = step;
            self.extreme = if self.is_long { high } else { low };
            self.stop = stop;
            stop
        } else {
            let stop = self.stop;
            let is_new = if self.is_long { high > self.extreme } else { low < self.extreme };
            if is_new {
                self.extreme = if self.is_long { high } else { low };
                self.acceleration = (self.acceleration + step).min(max);
            }
            stop
        };
        let next = self.stop + self.acceleration * (self.extreme - self.stop);
        self.stop = if self.is_long { next.min(floor) } else { next.max(ceiling) };
        now
    }
}

impl Indicator for ParabolicSar {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let Bar { high, low, .. } = *finite(bar)?;
        let previous = self.previous.replace([high, low])?;
        let (mut trend, previous) = match self.trend.take() {
            Some(trend) => (trend, previous),
            None => (self.begin(high, low, previous), [high, low]),
        };
        let stop = trend.advance([high, low], previous, self.step, self.max);
        self.trend = Some(trend);
        Some(stop)
    }

    fn warm_up(&self) -> usize {
        2
    }

    fn decay(&self) -> f64 {
        1.0 - self.step
    }

    fn reset(&mut self) {
        *self = Self::new(self.step, self.max);
    }
}

impl Registered for ParabolicSar {
    const DEFINITION: Definition = Definition {
        name: "sar",
        title: "Parabolic stop and reverse",
        pane: Pane::Price,
        input: Input::Prices,
        memory: Memory::Recursive,
        parameters: &[Parameter::real("step", 0.02, 0.0, 1.0), Parameter::real("max", 0.2, 0.0, 1.0)],
        outputs: &[price("sar")],
    };

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.real(0), parameters.real(1))
    }
}
