use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, Calendar};

use crate::{
    Definition, Indicator, Input, Memory, OutputDefinition, Parameters, Registered,
    definition::{CALENDAR, price},
    indicator::{finite, typical_price},
    trading_day::TradingDay,
};

/// The floor traders' levels.
pub type ClassicPivots = Pivots<Classic>;
/// Levels at Fibonacci ratios of the range from the pivot.
pub type FibonacciPivots = Pivots<Fibonacci>;
/// Camarilla levels (Stott 1989): fractions of the range from the close.
pub type CamarillaPivots = Pivots<Camarilla>;

/// A way to place levels.
pub trait Levels {
    /// The entry in the registry.
    const DEFINITION: Definition;

    /// `[pivot, r1, r2, r3, s1, s2, s3]` after a day of which the bar is made.
    fn of(day: &Bar) -> [f64; 7];
}

/// Levels from the trading day before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Pivots<L> {
    day: TradingDay,
    /// The bar of the day so far.
    forming: Option<Bar>,
    levels: Option<[f64; 7]>,
    way: PhantomData<L>,
}

impl<L: Levels> Pivots<L> {
    /// Days are those of `calendar`.
    pub fn new(calendar: Calendar) -> Self {
        Self { day: TradingDay::new(calendar), forming: None, levels: None, way: PhantomData }
    }
}

impl<L: Levels> Indicator for Pivots<L> {
    type Input = Bar;
    type Output = [f64; 7];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 7]> {
        let bar = finite(bar)?;
        if self.day.begins(bar)? {
            self.levels = self.forming.replace(*bar).map(|day| L::of(&day));
        } else if let Some(forming) = &mut self.forming {
            forming.absorb(bar);
        }
        self.levels
    }

    fn warm_up(&self) -> usize {
        2
    }

    fn reset(&mut self) {
        self.day.reset();
        self.forming = None;
        self.levels = None;
    }
}

impl<L: Levels> Registered for Pivots<L> {
    const DEFINITION: Definition = L::DEFINITION;

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.calendar(0))
    }
}

const OUTPUTS: &[OutputDefinition] =
    &[price("pivot"), price("r1"), price("r2"), price("r3"), price("s1"), price("s2"), price("s3")];

const fn definition(name: &'static str, title: &'static str) -> Definition {
    Definition::over_prices(name, title, &[CALENDAR], OUTPUTS).of(Input::Prices).remembering(Memory::Session)
}

/// `r1 = 2 p - low`, `r2 = p + range`, `r3 = high + 2 (p - low)`, and mirrored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classic;

impl Levels for Classic {
    const DEFINITION: Definition = definition("pivots", "Classic pivots");

    fn of(day: &Bar) -> [f64; 7] {
        let Bar { high, low, .. } = *day;
        let (pivot, range) = (typical_price(day), high - low);
        [
            pivot,
            2.0 * pivot - low,
            pivot + range,
            high + 2.0 * (pivot - low),
            2.0 * pivot - high,
            pivot - range,
            low - 2.0 * (high - pivot),
        ]
    }
}

/// 38.2 %, 61.8 % and 100 % of the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fibonacci;

impl Levels for Fibonacci {
    const DEFINITION: Definition = definition("fibonacci_pivots", "Fibonacci pivots");

    fn of(day: &Bar) -> [f64; 7] {
        around(typical_price(day), typical_price(day), day.high - day.low, [0.382, 0.618, 1.0])
    }
}

/// 1.1 times a twelfth, a sixth and a quarter of the range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camarilla;

impl Levels for Camarilla {
    const DEFINITION: Definition = definition("camarilla_pivots", "Camarilla pivots");

    fn of(day: &Bar) -> [f64; 7] {
        around(typical_price(day), day.close, day.high - day.low, [1.1 / 12.0, 1.1 / 6.0, 1.1 / 4.0])
    }
}

fn around(pivot: f64, middle: f64, range: f64, [first, second, third]: [f64; 3]) -> [f64; 7] {
    let level = |share: f64| middle + share * range;
    [pivot, level(first), level(second), level(third), level(-first), level(-second), level(-third)]
}
