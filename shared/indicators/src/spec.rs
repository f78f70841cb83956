use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tickwise_market::{Calendar, Interval};

use crate::{
    AnyIndicator, Definition, Parameter, Parameters, REGISTRY,
    definition::AUTO,
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

    /// The specification with nothing left to the bars, which are of an interval and a
    /// market: `volatility(20,auto)` is `volatility(20,98280)` on minutes of the New York
    /// Stock Exchange.
    pub fn on(&self, interval: Interval, calendar: Calendar) -> Self {
        self.with_automatic(|_| interval.bars_per_year(calendar))
    }

    /// Where nothing has said of which bars they are of daily ones of a stock exchange.
    pub(crate) fn build(&self) -> AnyIndicator {
        (self.constructor)(Parameters(&self.with_automatic(|parameter| parameter.default).parameters))
    }

    fn with_automatic(&self, value: impl Fn(&Parameter) -> f64) -> Self {
        let known = |(parameter, given): (&Parameter, &f64)| {
            if parameter.automatic && *given == AUTO { value(parameter) } else { *given }
        };
        let parameters = self.definition.parameters.iter().zip(&self.parameters).map(known).collect();
        Self { parameters, ..self.clone() }
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
            None => Ok(parameter.when_not_given()),
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
            ("volatility", "volatility(20,auto)"),
            ("sharpe(60, auto, 0.05)", "sharpe(60,auto,0.05)"),
            ("volatility(20,252)", "volatility(20,252)"),
            ("pivots( fx )", "pivots(fx)"),
        ] {
            let spec: Spec = text.parse().unwrap();
            assert_eq!(spec.to_string(), whole);
            assert_eq!(whole.parse::<Spec>().unwrap(), spec);
        }
    }

    #[test]
    fn a_year_has_the_bars_of_the_interval_and_the_market() {
        let on =
            |text: &str, interval, calendar| text.parse::<Spec>().unwrap().on(interval, calendar).to_string();
        assert_eq!(on("volatility", Interval::Minute, Calendar::Nyse), "volatility(20,98280)");
        assert_eq!(on("sharpe(60)", Interval::Month, Calendar::Nyse), "sharpe(60,12,0)");
        assert_eq!(on("volatility", Interval::Day, Calendar::AlwaysOpen), "volatility(20,365)");
        assert_eq!(on("volatility(20,252)", Interval::Minute, Calendar::Nyse), "volatility(20,252)");
        assert_eq!(on("sma", Interval::Minute, Calendar::Fx), "sma(20)");
        let build = |text: &str| AnyIndicator::new(&text.parse().unwrap());
        assert_eq!(build("volatility"), build("volatility(20,252)"));
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
            "sma(auto)",
            "volatility(auto)",
            "volatility(20,0)",
        ] {
            assert!(text.parse::<Spec>().is_err(), "{text:?}");
        }
        let error = "pivots(tokyo)".parse::<Spec>().unwrap_err();
        assert_eq!(error.to_string(), "calendar of pivots is one of nyse, fx, always_open");
    }
}
