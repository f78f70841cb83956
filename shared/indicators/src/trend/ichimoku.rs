use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Memory, Pane, Parameter, Parameters, Registered,
    definition::price,
    indicator::finite,
    rolling::{RollingMax, Window},
};

/// Ichimoku (Hosoda 1969): `[conversion, base, span_a, span_b]`. The spans are
/// those drawn at this bar: computed `base` bars ago, so nothing is known before
/// its time. The lagging line is the close drawn `base` bars back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ichimoku {
    conversion: Middle,
    base: Middle,
    span: Middle,
    displaced: Window<[f64; 2]>,
}

/// The middle of the range of the last bars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Middle {
    highest: RollingMax,
    lowest: RollingMax,
}

impl Middle {
    fn new(period: usize) -> Self {
        Self { highest: RollingMax::new(period), lowest: RollingMax::new(period) }
    }

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let (highest, lowest) = (self.highest.push(bar.high), self.lowest.push(-bar.low));
        Some((highest? - lowest?) / 2.0)
    }
}

impl Ichimoku {
    /// Periods of at least 1: conventionally 9, 26 and 52.
    pub fn new(conversion: usize, base: usize, span: usize) -> Self {
        Self {
            conversion: Middle::new(conversion),
            base: Middle::new(base),
            span: Middle::new(span),
            displaced: Window::new(base),
        }
    }
}

impl Indicator for Ichimoku {
    type Input = Bar;
    type Output = [f64; 4];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 4]> {
        let bar = finite(bar)?;
        let (conversion, base, span) =
            (self.conversion.update(bar), self.base.update(bar), self.span.update(bar));
        let (conversion, base) = (conversion?, base?);
        let [span_a, span_b] = self.displaced.push([(conversion + base) / 2.0, span?])?;
        Some([conversion, base, span_a, span_b])
    }

    fn warm_up(&self) -> usize {
        let longest = [&self.conversion, &self.base, &self.span].map(|middle| middle.highest.period());
        longest.into_iter().max().unwrap_or(1) + self.displaced.period()
    }

    fn reset(&mut self) {
        *self = Self::new(
            self.conversion.highest.period(),
            self.base.highest.period(),
            self.span.highest.period(),
        );
    }
}

impl Registered for Ichimoku {
    const DEFINITION: Definition = Definition {
        name: "ichimoku",
        title: "Ichimoku",
        pane: Pane::Price,
        input: Input::Prices,
        memory: Memory::Window,
        parameters: &[
            Parameter::bars("conversion", 9.0),
            Parameter::bars("base", 26.0),
            Parameter::bars("span", 52.0),
        ],
        outputs: &[price("conversion"), price("base"), price("span_a"), price("span_b")],
    };

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1), parameters.whole(2))
    }
}
