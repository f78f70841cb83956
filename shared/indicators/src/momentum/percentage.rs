use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, Memory, OutputDefinition, Parameter, Parameters, Registered, average::Ema,
    definition::change, indicator::finite,
};

/// Percentage price oscillator (Appel): `[ppo, signal, histogram]`, how far the fast
/// exponential average of closes lies from the slow one, in percent of it, the average
/// of that, and their difference. Unlike in the moving average convergence divergence
/// each average starts from its own first values, as in TA-Lib.
pub type Ppo = PercentageOscillator<OfPrice>;
/// Percentage volume oscillator: the same of volume, 0 while nothing was traded.
pub type Pvo = PercentageOscillator<OfVolume>;

/// Two averages of something of a bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct PercentageOscillator<S> {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    source: PhantomData<S>,
}

/// What is averaged of a bar.
pub trait Source {
    /// The entry in the registry.
    const DEFINITION: Definition;

    /// The value of a finite bar.
    fn of(bar: &Bar) -> f64;
}

impl<S: Source> PercentageOscillator<S> {
    /// Periods of at least 1; `fast` is the shorter of the first two, as in TA-Lib.
    pub fn new(fast: usize, slow: usize, signal: usize) -> Self {
        Self {
            fast: Ema::new(fast.min(slow)),
            slow: Ema::new(fast.max(slow)),
            signal: Ema::new(signal),
            source: PhantomData,
        }
    }
}

impl<S: Source> Indicator for PercentageOscillator<S> {
    type Input = Bar;
    type Output = [f64; 3];

    fn update(&mut self, bar: &Bar) -> Option<[f64; 3]> {
        let value = S::of(finite(bar)?);
        let (fast, slow) = (self.fast.push(value), self.slow.push(value));
        let (fast, slow) = (fast?, slow?);
        let line = if slow == 0.0 { 0.0 } else { 100.0 * (fast - slow) / slow };
        let signal = self.signal.update(&line)?;
        Some([line, signal, line - signal])
    }

    fn warm_up(&self) -> usize {
        self.slow.warm_up() + self.signal.warm_up() - 1
    }

    fn decay(&self) -> f64 {
        self.slow.decay().max(self.signal.decay())
    }

    fn reset(&mut self) {
        self.fast.reset();
        self.slow.reset();
        self.signal.reset();
    }
}

impl<S: Source> Registered for PercentageOscillator<S> {
    const DEFINITION: Definition = S::DEFINITION;

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1), parameters.whole(2))
    }
}

const PARAMETERS: &[Parameter] =
    &[Parameter::bars("fast", 12.0), Parameter::bars("slow", 26.0), Parameter::bars("signal", 9.0)];

const fn definition(
    name: &'static str,
    title: &'static str,
    outputs: &'static [OutputDefinition],
) -> Definition {
    Definition::own_pane(name, title, PARAMETERS, outputs).remembering(Memory::Recursive)
}

/// The close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OfPrice;

impl Source for OfPrice {
    const DEFINITION: Definition = definition(
        "ppo",
        "Percentage price oscillator",
        &[change("ppo"), change("signal"), change("histogram")],
    );

    fn of(bar: &Bar) -> f64 {
        bar.close
    }
}

/// The volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OfVolume;

impl Source for OfVolume {
    const DEFINITION: Definition = definition(
        "pvo",
        "Percentage volume oscillator",
        &[change("pvo"), change("signal"), change("histogram")],
    )
    .of(Input::PricesAndVolume);

    fn of(bar: &Bar) -> f64 {
        bar.volume
    }
}
