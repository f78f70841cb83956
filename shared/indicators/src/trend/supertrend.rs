use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Memory, Pane, Parameter, Parameters, Registered,
    definition::{number, period, price},
    tie::exceeds,
    volatility::Atr,
};

/// Supertrend (Seban 2008): `[line, direction]`, a stop `width` average true
/// ranges from the middle of the bar that only ever moves towards the price,
/// below it while the direction is 1 and above it while it is -1. The direction changes
/// where a bar closes beyond the stop of that bar; a band that the close before had left
/// begins anew. The first direction is 1, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supertrend {
    width: f64,
    atr: Atr,
    bands: Option<Bands>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Bands {
    upper: f64,
    lower: f64,
    close: f64,
    is_up: bool,
}

impl Supertrend {
    /// Over `period` true ranges, at least 1, `width` of them away.
    pub fn new(period: usize, width: f64) -> Self {
        Self { width, atr: Atr::new(period), bands: None }
    }
}

impl Indicator for Supertrend {
    type Input = Bar;
    type Output = [f64; 2];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        let distance = self.width * self.atr.update(bar)?;
        let middle = (bar.high + bar.low) / 2.0;
        let (upper, lower) = (middle + distance, middle - distance);
        let is_above = |close: f64, line: f64| exceeds(close, line, line);
        let is_below = |close: f64, line: f64| exceeds(line, close, line);
        let bands = match self.bands {
            None => Bands { upper, lower, close: bar.close, is_up: true },
            Some(last) => {
                let upper = if is_above(last.close, last.upper) { upper } else { upper.min(last.upper) };
                let lower = if is_below(last.close, last.lower) { lower } else { lower.max(last.lower) };
                let is_up = if last.is_up { !is_below(bar.close, lower) } else { is_above(bar.close, upper) };
                Bands { upper, lower, close: bar.close, is_up }
            }
        };
        self.bands = Some(bands);
        Some(if bands.is_up { [bands.lower, 1.0] } else { [bands.upper, -1.0] })
    }

    fn warm_up(&self) -> usize {
        self.atr.warm_up()
    }

    fn decay(&self) -> f64 {
        self.atr.decay()
    }

    fn reset(&mut self) {
        self.atr.reset();
        self.bands = None;
    }
}

impl Registered for Supertrend {
    const DEFINITION: Definition = Definition {
        name: "supertrend",
        title: "Supertrend",
        pane: Pane::Price,
        input: Input::Prices,
        memory: Memory::Recursive,
        parameters: &[period(10.0), Parameter::real("width", 3.0, 0.1, 100.0)],
        outputs: &[price("line"), number("direction")],
    };

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}
