use serde::{Deserialize, Serialize};
use tickwise_market::Calendar;

use crate::{Indicator, OfBar, Outputs};

/// What an indicator is called, takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Definition {
    /// Name in specifications.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Where it is drawn.
    pub pane: Pane,
    /// What it reads of a bar.
    pub input: Input,
    /// Which bars its values depend on.
    pub memory: Memory,
    /// In the order of a specification.
    pub parameters: &'static [Parameter],
    /// In the order of the outputs.
    pub outputs: &'static [OutputDefinition],
}

/// Where an indicator is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pane {
    /// Over the prices.
    Price,
    /// In a pane of its own.
    Own,
}

/// What an indicator reads of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The close.
    Close,
    /// Open, high, low and close.
    Prices,
    /// Prices and volume.
    PricesAndVolume,
}

/// Which bars a value depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Memory {
    /// The last ones, as many as the warm-up, and no others.
    Window,
    /// Those of its trading day and of the one before.
    Session,
    /// All, with weights that fall by [`Indicator::decay`] a bar; of trailing stops,
    /// once the price has crossed them.
    Recursive,
    /// All since the first, or since an anchor: a running sum or extremum.
    Cumulative,
}

/// A number that a specification sets, or one of several words.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// Value when not given; of words the place in `choices`; of what is automatic that of
    /// daily bars of a stock exchange.
    pub default: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Must be whole.
    pub whole: bool,
    /// May be the word `auto`, and is when not given: what follows from the bars' interval
    /// and market.
    #[serde(skip_serializing_if = "is_false")]
    pub automatic: bool,
    /// The words of which it is one; empty for numbers.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub choices: &'static [&'static str],
}

/// One output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutputDefinition {
    /// Name.
    pub name: &'static str,
    /// Unit.
    pub unit: Unit,
}

/// What an output measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// The price's currency: proportional to prices.
    Price,
    /// The price's currency a bar: a slope.
    PricePerBar,
    /// 0 to 100.
    Percent,
    /// A percentage without bounds.
    Change,
    /// Units traded.
    Volume,
    /// A pure number.
    Number,
}

/// Checked values of an indicator's parameters, in order.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a>(pub(crate) &'a [f64]);

impl Parameters<'_> {
    /// A parameter by position.
    pub fn real(&self, index: usize) -> f64 {
        // A specification holds a value for every parameter of its definition.
        self.0.get(index).copied().unwrap_or(1.0)
    }

    /// A whole parameter by position.
    pub fn whole(&self, index: usize) -> usize {
        self.real(index) as usize
    }

    /// The calendar that [`CALENDAR`] sets, by position.
    pub fn calendar(self, index: usize) -> Calendar {
        Calendar::ALL.get(self.whole(index)).copied().unwrap_or_default()
    }
}

/// An indicator with an entry in the registry.
pub trait Registered: Indicator<Input: OfBar, Output: Into<Outputs>> + Sized {
    /// The entry.
    const DEFINITION: Definition;

    /// Builds it from checked parameters.
    fn from_parameters(parameters: Parameters<'_>) -> Self;
}

impl Definition {
    /// Reads closes and is drawn over the prices.
    pub(crate) const fn over_prices(
        name: &'static str,
        title: &'static str,
        parameters: &'static [Parameter],
        outputs: &'static [OutputDefinition],
    ) -> Self {
        Self {
            name,
            title,
            pane: Pane::Price,
            input: Input::Close,
            memory: Memory::Window,
            parameters,
            outputs,
        }
    }

    /// Reads closes and is drawn in a pane of its own.
    pub(crate) const fn own_pane(
        name: &'static str,
        title: &'static str,
        parameters: &'static [Parameter],
        outputs: &'static [OutputDefinition],
    ) -> Self {
        Self { pane: Pane::Own, ..Self::over_prices(name, title, parameters, outputs) }
    }

    /// The same, reading something else.
    pub(crate) const fn of(self, input: Input) -> Self {
        Self { input, ..self }
    }

    /// The same, depending on other bars than those of a window.
    pub(crate) const fn remembering(self, memory: Memory) -> Self {
        Self { memory, ..self }
    }
}

impl Parameter {
    /// A whole number of bars, named otherwise than `period`.
    pub(crate) const fn bars(name: &'static str, default: f64) -> Self {
        Self { whole: true, ..Self::real(name, default, 1.0, 1000.0) }
    }

    /// Any number within bounds.
    pub(crate) const fn real(name: &'static str, default: f64, min: f64, max: f64) -> Self {
        Self { name, default, min, max, whole: false, automatic: false, choices: &[] }
    }

    /// The value that a specification gives as text.
    pub(crate) fn read(&self, text: &str) -> Option<f64> {
        if self.automatic && text == AUTO_WORD {
            return Some(AUTO);
        }
        let value = match self.choices {
            [] => text.parse().ok()?,
            words => words.iter().position(|word| *word == text)? as f64,
        };
        let fits = (self.min..=self.max).contains(&value) && (!self.whole || value.fract() == 0.0);
        fits.then_some(value)
    }

    /// The value of a specification that does not give it.
    pub(crate) fn when_not_given(&self) -> f64 {
        if self.automatic { AUTO } else { self.default }
    }

    /// How a specification gives a value.
    pub fn text(&self, value: f64) -> String {
        if self.automatic && value == AUTO {
            return AUTO_WORD.to_owned();
        }
        let word = self.choices.get(value as usize);
        word.map_or_else(|| value.to_string(), |word| (*word).to_owned())
    }
}

/// Whose trading days: the first is the default.
pub(crate) const CALENDAR: Parameter = Parameter {
    whole: true,
    choices: &[Calendar::Nyse.as_str(), Calendar::Fx.as_str(), Calendar::AlwaysOpen.as_str()],
    ..Parameter::real("calendar", 0.0, 0.0, Calendar::ALL.len() as f64 - 1.0)
};

/// A number of bars, at least 1.
pub(crate) const fn period(default: f64) -> Parameter {
    Parameter::bars("period", default)
}

/// A number of bars, at least 2: for sample variances.
pub(crate) const fn period_of_two(default: f64) -> Parameter {
    Parameter { min: 2.0, ..period(default) }
}

/// Bars of a year: trading days, or what stands for them on another interval.
pub(crate) const BARS_PER_YEAR: Parameter =
    Parameter { automatic: true, ..Parameter::real("bars_per_year", 252.0, 1.0, 1e8) };

/// The value that stands for [`AUTO_WORD`]; no automatic parameter can be 0.
pub(crate) const AUTO: f64 = 0.0;
const AUTO_WORD: &str = "auto";

fn is_false(value: &bool) -> bool {
    !value
}

/// An output in the price's currency.
pub(crate) const fn price(name: &'static str) -> OutputDefinition {
    OutputDefinition { name, unit: Unit::Price }
}

/// An output from 0 to 100.
pub(crate) const fn percent(name: &'static str) -> OutputDefinition {
    OutputDefinition { name, unit: Unit::Percent }
}

/// An output in percent without bounds.
pub(crate) const fn change(name: &'static str) -> OutputDefinition {
    OutputDefinition { name, unit: Unit::Change }
}

/// A pure number.
pub(crate) const fn number(name: &'static str) -> OutputDefinition {
    OutputDefinition { name, unit: Unit::Number }
}

/// An output in units traded.
pub(crate) const fn volume(name: &'static str) -> OutputDefinition {
    OutputDefinition { name, unit: Unit::Volume }
}
