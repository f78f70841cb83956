use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use super::Atr;
use crate::{
    Definition, Indicator, Input, Memory, Parameter, Parameters, Registered,
    average::Ema,
    definition::{period, price},
    indicator::finite,
};

/// Keltner channel in Raschke's form: `[upper, middle, lower]`, the exponential
/// average of closes and `width` average true ranges around it.
/// TA-Lib's is another: around the average of typical prices, as Keltner had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keltner {
    width: f64,
    middle: Ema,
    atr: Atr,
}

impl Keltner {
    /// An average over `period` closes and true ranges averaged over `atr` bars, at least 1.
    pub fn new(period: usize, width: f64, atr: usize) -> Self {
        Self { width, middle: Ema::new(period), atr: Atr::new(atr) }
    }
}

impl Indicator for Keltner {
    type Input = Bar;
    type Output = [f64; 3];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 3]> {
        let bar = finite(bar)?;
        let (middle, atr) = (self.middle.update(&bar.close), self.atr.update(bar));
        let (middle, distance) = (middle?, self.width * atr?);
        Some([middle + distance, middle, middle - distance])
    }

    fn warm_up(&self) -> usize {
        self.middle.warm_up().max(self.atr.warm_up())
    }

    fn decay(&self) -> f64 {
        self.middle.decay().max(self.atr.decay())
    }

    fn reset(&mut self) {
        self.middle.reset();
        self.atr.reset();
    }
}

impl Registered for Keltner {
    const DEFINITION: Definition = Definition::over_prices(
        "keltner",
        "Keltner channel",
        &[period(20.0), Parameter::real("width", 2.0, 0.1, 100.0), Parameter::bars("atr", 10.0)],
        &[price("upper"), price("middle"), price("lower")],
    )
    .of(Input::Prices)
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1), parameters.whole(2))
    }
}
