use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, Calendar};

use crate::{
    Definition, Indicator, Input, Memory, OutputDefinition, Parameter, Parameters, Registered,
    definition::{CALENDAR, price},
    indicator::{finite, typical_price},
    trading_day::TradingDay,
};

/// Volume-weighted average price of the trading day so far, from typical prices.
/// The typical price where nothing was traded yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionVwap {
    day: TradingDay,
    sums: Sums,
}

/// Volume-weighted average price since an instant; nothing before it. The typical price
/// where nothing was traded yet, where TA-Lib has 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnchoredVwap {
    anchor_ms: i64,
    sums: Sums,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    traded: f64,
    volume: f64,
}

impl Sums {
    fn add(&mut self, bar: &Bar) -> f64 {
        let price = typical_price(bar);
        self.traded += price * bar.volume;
        self.volume += bar.volume;
        if self.volume > 0.0 { self.traded / self.volume } else { price }
    }
}

impl SessionVwap {
    /// Days are those of `calendar`.
    pub fn new(calendar: Calendar) -> Self {
        Self { day: TradingDay::new(calendar), sums: Sums::default() }
    }
}

impl AnchoredVwap {
    /// From the first bar that starts at `anchor_ms` or later.
    pub fn new(anchor_ms: i64) -> Self {
        Self { anchor_ms, sums: Sums::default() }
    }
}

impl Indicator for SessionVwap {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let bar = finite(bar)?;
        if self.day.begins(bar)? {
            self.sums = Sums::default();
        }
        Some(self.sums.add(bar))
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn reset(&mut self) {
        self.day.reset();
        self.sums = Sums::default();
    }
}

impl Indicator for AnchoredVwap {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let bar = finite(bar)?;
        (bar.time_ms >= self.anchor_ms).then(|| self.sums.add(bar))
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn reset(&mut self) {
        self.sums = Sums::default();
    }
}

const OUTPUTS: &[OutputDefinition] = &[price("vwap")];

const fn definition(
    name: &'static str,
    title: &'static str,
    memory: Memory,
    parameters: &'static [Parameter],
) -> Definition {
    Definition::over_prices(name, title, parameters, OUTPUTS).of(Input::PricesAndVolume).remembering(memory)
}

impl Registered for SessionVwap {
    const DEFINITION: Definition = definition("vwap", "Session VWAP", Memory::Session, &[CALENDAR]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.calendar(0))
    }
}

impl Registered for AnchoredVwap {
    const DEFINITION: Definition = definition(
        "anchored_vwap",
        "Anchored VWAP",
        Memory::Cumulative,
        &[Parameter { whole: true, ..Parameter::real("anchor_ms", 0.0, -1e14, 1e14) }],
    );

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.real(0) as i64)
    }
}
