use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What an indicator is called, takes and gives: the one table behind menus,
/// queries and commands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// Name in specifications.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Where it is drawn.
    pub pane: Pane,
    /// In the order of a specification.
    pub parameters: &'static [Parameter],
    /// In the order of the outputs.
    pub outputs: &'static [OutputDefinition],
}

/// Where an indicator is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// Over the prices.
    Price,
    /// In a pane of its own.
    Own,
}

/// A number that a specification sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// Value when not given.
    pub default: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Must be whole.
    pub whole: bool,
}

/// One output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputDefinition {
    /// Name.
    pub name: &'static str,
    /// Unit.
    pub unit: Unit,
}

/// What an output measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The price's currency.
    Price,
    /// 0 to 100.
    Percent,
}

const fn period(default: f64) -> Parameter {
    Parameter { name: "period", default, min: 1.0, max: 1000.0, whole: true }
}

const fn price(name: &'static str) -> OutputDefinition {
    OutputDefinition { name, unit: Unit::Price }
}

/// Every indicator.
pub const REGISTRY: &[Definition] = &[
    Definition {
        name: "sma",
        title: "Simple moving average",
        pane: Pane::Price,
        parameters: &[period(20.0)],
        outputs: &[price("sma")],
    },
    Definition {
        name: "ema",
        title: "Exponential moving average",
        pane: Pane::Price,
        parameters: &[period(50.0)],
        outputs: &[price("ema")],
    },
    Definition {
        name: "bollinger",
        title: "Bollinger bands",
        pane: Pane::Price,
        parameters: &[
            period(20.0),
            Parameter { name: "width", default: 2.0, min: 0.1, max: 10.0, whole: false },
        ],
        outputs: &[price("upper"), price("middle"), price("lower")],
    },
    Definition {
        name: "rsi",
        title: "Relative strength index",
        pane: Pane::Own,
        parameters: &[period(14.0)],
        outputs: &[OutputDefinition { name: "rsi", unit: Unit::Percent }],
    },
    Definition {
        name: "macd",
        title: "Moving average convergence divergence",
        pane: Pane::Own,
        parameters: &[
            Parameter { name: "fast", ..period(12.0) },
            Parameter { name: "slow", ..period(26.0) },
            Parameter { name: "signal", ..period(9.0) },
        ],
        outputs: &[price("macd"), price("signal"), price("histogram")],
    },
    Definition {
        name: "atr",
        title: "Average true range",
        pane: Pane::Own,
        parameters: &[period(14.0)],
        outputs: &[price("atr")],
    },
];

/// An indicator with its parameters: `bollinger(20,2)`. Names without
/// parentheses, and missing parameters, take defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Spec {
    name: &'static str,
    parameters: Vec<f64>,
}

/// Text that specifies no indicator. Retrying does not help.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum InvalidSpec {
    /// No such name.
    #[error("there is no indicator {0:?}; there are {names}", names = names())]
    UnknownName(String),
    /// Not of the form `name(number,…)`.
    #[error("{0:?} does not read name(number,…)")]
    Syntax(String),
    /// More parameters than the indicator has.
    #[error("{name} takes at most {max} parameters")]
    TooMany {
        /// Indicator.
        name: &'static str,
        /// Its number of parameters.
        max: usize,
    },
    /// Outside its bounds, or not whole.
    #[error("{parameter} of {name} is a {kind} from {min} to {max}", kind = if *.whole { "whole number" } else { "number" })]
    OutOfBounds {
        /// Indicator.
        name: &'static str,
        /// Parameter.
        parameter: &'static str,
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
        /// Must be whole.
        whole: bool,
    },
}

fn names() -> String {
    REGISTRY.iter().map(|definition| definition.name).collect::<Vec<_>>().join(", ")
}

impl Spec {
    /// The indicator's entry in the registry.
    pub fn definition(&self) -> Option<&'static Definition> {
        REGISTRY.iter().find(|definition| definition.name == self.name)
    }

    /// Name in the registry.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A parameter by position; its default where it does not exist.
    pub(crate) fn parameter(&self, index: usize) -> f64 {
        self.parameters.get(index).copied().unwrap_or(1.0)
    }

    /// A whole parameter by position.
    pub(crate) fn whole(&self, index: usize) -> usize {
        self.parameter(index) as usize
    }
}

impl FromStr for Spec {
    type Err = InvalidSpec;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let syntax = || InvalidSpec::Syntax(text.to_owned());
        let (name, given) = match text.trim().split_once('(') {
            Some((name, rest)) => (name.trim(), rest.strip_suffix(')').ok_or_else(syntax)?),
            None => (text.trim(), ""),
        };
        let definition = REGISTRY.iter().find(|definition| definition.name == name);
        let definition = definition.ok_or_else(|| InvalidSpec::UnknownName(name.to_owned()))?;
        let numbers = given.split(',').map(str::trim).filter(|part| !part.is_empty() || given.contains(','));
        let numbers: Vec<f64> =
            numbers.map(|part| part.parse().map_err(|_| syntax())).collect::<Result<_, _>>()?;
        let Definition { name, parameters, .. } = *definition;
        if numbers.len() > parameters.len() {
            return Err(InvalidSpec::TooMany { name, max: parameters.len() });
        }
        let checked = parameters.iter().enumerate().map(|(i, parameter)| {
            let Parameter { name: own, default, min, max, whole } = *parameter;
            let value = numbers.get(i).copied().unwrap_or(default);
            let fits = (min..=max).contains(&value) && (!whole || value.fract() == 0.0);
            fits.then_some(value).ok_or(InvalidSpec::OutOfBounds { name, parameter: own, min, max, whole })
        });
        Ok(Self { name, parameters: checked.collect::<Result<_, _>>()? })
    }
}

impl TryFrom<String> for Spec {
    type Error = InvalidSpec;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Spec> for String {
    fn from(spec: Spec) -> Self {
        spec.to_string()
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.parameters.iter().map(ToString::to_string).collect();
        write!(f, "{}({})", self.name, numbers.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_round_trip_and_take_defaults() {
        for (text, whole) in [
            ("sma", "sma(20)"),
            ("bollinger( 10 )", "bollinger(10,2)"),
            ("bollinger(20,2.5)", "bollinger(20,2.5)"),
        ] {
            let spec: Spec = text.parse().unwrap();
            assert_eq!(spec.to_string(), whole);
            assert_eq!(whole.parse::<Spec>().unwrap(), spec);
        }
    }

    #[test]
    fn what_cannot_be_built_is_refused() {
        for text in [
            "",
            "smaa",
            "sma(",
            "sma(0)",
            "sma(1.5)",
            "sma(1,2)",
            "sma(x)",
            "sma(NaN)",
            "sma(,)",
            "bollinger(20,inf)",
        ] {
            assert!(text.parse::<Spec>().is_err(), "{text:?}");
        }
    }
}
