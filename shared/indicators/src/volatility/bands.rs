use serde::{Deserialize, Serialize};

use super::{Bollinger, bollinger::PARAMETERS};
use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{change, number},
    tie::exceeds,
};

/// %B (Bollinger): where the close lies between the Bollinger bands, 0 at the
/// lower and 1 at the upper. Nothing while the bands coincide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PercentB(Bollinger);

/// Bandwidth (Bollinger): the distance between the Bollinger bands in percent of
/// the middle one. Nothing around 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BollingerWidth(Bollinger);

impl PercentB {
    /// Of bands as in [`Bollinger::new`].
    pub fn new(period: usize, width: f64) -> Self {
        Self(Bollinger::new(period, width))
    }
}

impl BollingerWidth {
    /// Of bands as in [`Bollinger::new`].
    pub fn new(period: usize, width: f64) -> Self {
        Self(Bollinger::new(period, width))
    }
}

impl Indicator for PercentB {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        let [upper, _, lower] = self.0.update(value)?;
        exceeds(upper, lower, upper).then(|| (value - lower) / (upper - lower))
    }

    fn warm_up(&self) -> usize {
        self.0.warm_up()
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

impl Indicator for BollingerWidth {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        let [upper, middle, lower] = self.0.update(value)?;
        (middle != 0.0).then(|| 100.0 * (upper - lower) / middle.abs())
    }

    fn warm_up(&self) -> usize {
        self.0.warm_up()
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

impl Registered for PercentB {
    const DEFINITION: Definition =
        Definition::own_pane("percent_b", "Bollinger %B", PARAMETERS, &[number("percent_b")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}

impl Registered for BollingerWidth {
    const DEFINITION: Definition =
        Definition::own_pane("bandwidth", "Bollinger bandwidth", PARAMETERS, &[change("bandwidth")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}
