//! Volatility of a year from the ranges of bars: the root of the mean variance of
//! the last `period` bars, times the root of `bars_per_year`.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, Input, OutputDefinition, Parameter, Parameters, Registered,
    average::Sma,
    definition::{BARS_PER_YEAR, number, period},
    indicator::positive_prices,
};

/// Parkinson's estimator (Journal of Business 53, 1980): from high and low.
pub type Parkinson = RangeVolatility<ParkinsonVariance>;
/// Garman and Klass's estimator (Journal of Business 53, 1980): from open, high,
/// low and close.
pub type GarmanKlass = RangeVolatility<GarmanKlassVariance>;
/// Rogers and Satchell's estimator (Annals of Applied Probability 1, 1991): from
/// open, high, low and close, whatever the drift.
pub type RogersSatchell = RangeVolatility<RogersSatchellVariance>;

/// An estimator of a bar's variance.
pub trait BarVariance {
    /// The entry in the registry.
    const DEFINITION: Definition;

    /// The variance of the log price over a bar of positive prices.
    fn of(bar: &Bar) -> f64;
}

/// Volatility of a year by one estimator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct RangeVolatility<V> {
    bars_per_year: f64,
    mean: Sma,
    variance: PhantomData<V>,
}

impl<V: BarVariance> RangeVolatility<V> {
    /// Over `period` bars, at least 1.
    pub fn new(period: usize, bars_per_year: f64) -> Self {
        Self { bars_per_year, mean: Sma::new(period), variance: PhantomData }
    }
}

impl<V: BarVariance> Indicator for RangeVolatility<V> {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let variance = self.mean.update(&V::of(positive_prices(bar)?))?;
        Some((variance * self.bars_per_year).max(0.0).sqrt())
    }

    fn warm_up(&self) -> usize {
        self.mean.warm_up()
    }

    fn reset(&mut self) {
        self.mean.reset();
    }
}

impl<V: BarVariance> Registered for RangeVolatility<V> {
    const DEFINITION: Definition = V::DEFINITION;

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}

const PARAMETERS: &[Parameter] = &[period(20.0), BARS_PER_YEAR];
const OUTPUTS: &[OutputDefinition] = &[number("volatility")];

const fn definition(name: &'static str, title: &'static str) -> Definition {
    Definition::own_pane(name, title, PARAMETERS, OUTPUTS).of(Input::Prices)
}

/// `ln(high / low)^2 / (4 ln 2)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParkinsonVariance;

impl BarVariance for ParkinsonVariance {
    const DEFINITION: Definition = definition("parkinson", "Parkinson volatility");

    fn of(bar: &Bar) -> f64 {
        (bar.high / bar.low).ln().powi(2) / (4.0 * std::f64::consts::LN_2)
    }
}

/// `ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close / open)^2`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GarmanKlassVariance;

impl BarVariance for GarmanKlassVariance {
    const DEFINITION: Definition = definition("garman_klass", "Garman-Klass volatility");

    fn of(bar: &Bar) -> f64 {
        let (range, body) = ((bar.high / bar.low).ln(), (bar.close / bar.open).ln());
        range * range / 2.0 - (2.0 * std::f64::consts::LN_2 - 1.0) * body * body
    }
}

/// `ln(high / close) ln(high / open) + ln(low / close) ln(low / open)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RogersSatchellVariance;

impl BarVariance for RogersSatchellVariance {
    const DEFINITION: Definition = definition("rogers_satchell", "Rogers-Satchell volatility");

    fn of(bar: &Bar) -> f64 {
        let Bar { open, high, low, close, .. } = *bar;
        (high / close).ln() * (high / open).ln() + (low / close).ln() * (low / open).ln()
    }
}
