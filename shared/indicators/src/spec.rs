use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    AnyIndicator, Definition, Parameter, Parameters, REGISTRY,
    registry::{Constructor, find},
};

/// An indicator with its parameters: `bollinger(20,2)`, `vwap(fx)`. Names without
/// parentheses, and missing parameters, take defaults.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Spec {
    definition: &'static Definition,
    constructor: Constructor,
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
    /// None of the words that there are.
    #[error("{parameter} of {name} is one of {choices}", choices = .choices.join(", "))]
    NoChoice {
        /// Indicator.
        name: &'static str,
        /// Parameter.
        parameter: &'static str,
        /// Its words.
        choices: &'static [&'static str],
    },
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
    pub fn definition(&self) -> &'static Definition {
        self.definition
    }

    /// Name in the registry.
    pub fn name(&self) -> &'static str {
        self.definition.name
    }

    pub(crate) fn build(&self) -> AnyIndicator {
        (self.constructor)(Parameters(&self.parameters))
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.parameters == other.parameters
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
        let (definition, constructor) =
            find(name).ok_or_else(|| InvalidSpec::UnknownName(name.to_owned()))?;
        let given = given.split(',').map(str::trim).filter(|part| !part.is_empty() || given.contains(','));
        let given: Vec<&str> = given.collect();
        let Definition { name, parameters, .. } = *definition;
        if given.len() > parameters.len() {
            return Err(InvalidSpec::TooMany { name, max: parameters.len() });
        }
        let read = |(place, parameter): (usize, &Parameter)| match given.get(place) {
            None => Ok(parameter.default),
            Some(text) => parameter.read(text).ok_or_else(|| {
                let Parameter { name: own, min, max, whole, choices, .. } = *parameter;
                match choices {
                    [] if text.parse::<f64>().is_err() => syntax(),
                    [] => InvalidSpec::OutOfBounds { name, parameter: own, min, max, whole },
                    choices => InvalidSpec::NoChoice { name, parameter: own, choices },
                }
            }),
        };
        let parameters = parameters.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { definition, constructor, parameters })
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
        let values = self.definition.parameters.iter().zip(&self.parameters);
        let texts: Vec<String> = values.map(|(parameter, value)| parameter.text(*value)).collect();
        write!(f, "{}({})", self.name(), texts.join(","))
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
            ("vwap", "vwap(nyse)"),
            ("pivots( fx )", "pivots(fx)"),
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
            "vwap(0)",
            "vwap(FX)",
            "vwap(,)",
            "vwap(fx,fx)",
            "sma(nyse)",
        ] {
            assert!(text.parse::<Spec>().is_err(), "{text:?}");
        }
        let error = "pivots(tokyo)".parse::<Spec>().unwrap_err();
        assert_eq!(error.to_string(), "calendar of pivots is one of nyse, fx, always_open");
    }
}
