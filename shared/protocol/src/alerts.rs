//! Alerts: a condition on a symbol, told once when it is met.
//!
//! They belong to a token that the server makes with the first of them, and that
//! is sent as [`TOKEN_HEADER`] from then on. Evaluation is a function of quotes
//! and closed bars in their sequence.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tickwise_indicators::{Outputs, Spec};
use tickwise_market::{Calendar, Interval, Symbol};

use crate::{Origin, Quote};

/// The header that carries the token.
pub const TOKEN_HEADER: &str = "x-alert-token";

/// The most alerts of a token.
pub const MAX_ALERTS_PER_TOKEN: usize = 20;

/// The most alerts on a symbol.
pub const MAX_ALERTS_PER_SYMBOL: usize = 1_000;

/// How long an alert lives.
pub const ALERT_DAYS: u32 = 30;

/// Intervals whose closed bars an indicator can be watched on.
pub const ALERT_INTERVALS: [Interval; 3] = [Interval::Minute, Interval::FiveMinutes, Interval::Day];

/// The body of `POST /api/v1/alerts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AlertRequest {
    /// Symbol.
    pub symbol: Symbol,
    /// What to wait for.
    pub condition: Condition,
}

/// What an alert waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// `price`; `day_change`, in percent of the close before; or an indicator on
    /// closed bars, such as `rsi(14)` or `bollinger(20,2).upper`.
    pub measure: String,
    /// Which side.
    pub is: Side,
    /// Of this value.
    pub value: f64,
    /// Of an indicator's bars: `1m`, `5m` or `1d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
}

/// On which side of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// An alert as the server keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    /// Name, as `DELETE /api/v1/alerts/{id}` takes it.
    pub id: String,
    /// Symbol.
    pub symbol: Symbol,
    /// What it waits for.
    pub condition: Condition,
    /// When it was made.
    pub created_ms: i64,
    /// When it is forgotten, fired or not.
    pub expires_ms: i64,
    /// When and by what it was met: once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fired: Option<Fired>,
}

/// What met a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fired {
    /// Sequence number of the quote.
    pub seq: u64,
    /// The measure then.
    pub value: f64,
    /// Time of the quote, or the beginning of the bar.
    pub exchange_time_ms: i64,
    /// Live, delayed or replayed.
    pub origin: Origin,
}

/// The answer of `POST /api/v1/alerts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlertCreated {
    /// Keep it: whoever has it sees and deletes its alerts.
    pub token: String,
    /// What was made.
    pub alert: Alert,
}

/// The answer of `GET /api/v1/alerts`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "AlertList"))]
pub struct Alerts {
    /// All of the token, oldest first.
    pub alerts: Vec<Alert>,
}

/// A condition that nothing can meet. Retrying does not help.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct InvalidCondition(pub String);

/// A condition, checked and ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Watch {
    measure: Measure,
    side: Side,
    value: f64,
}

#[derive(Clone, Debug)]
enum Measure {
    Price,
    DayChange,
    Indicator { spec: Spec, output: usize, interval: Interval },
}

impl Condition {
    /// Checks it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn watch(&self) -> Result<Watch, InvalidCondition> {
        let wrong = |text: &str| Err(InvalidCondition(text.into()));
        let measure = match self.measure.as_str() {
            _ if !self.value.is_finite() => return wrong("value: expected a number"),
            "price" | "day_change" if self.interval.is_some() => {
                return wrong("interval: only indicators have one");
            }
            "price" if self.value <= 0.0 => return wrong("value: a price is above 0"),
            "price" => Measure::Price,
            "day_change" => Measure::DayChange,
            indicator => self.indicator(indicator)?,
        };
        Ok(Watch { measure, side: self.is, value: self.value })
    }

    fn indicator(&self, text: &str) -> Result<Measure, InvalidCondition> {
        let wrong = |detail: String| InvalidCondition(format!("measure: {detail}"));
        // The point of an output follows the parameters, that of a parameter does not.
        let after = text.rfind(')').map_or(0, |end| end + 1);
        let point = text.get(after..).and_then(|rest| rest.find('.')).map(|at| after + at);
        let (name, output) =
            point.map_or((text, None), |at| (text.get(..at).unwrap_or(text), text.get(at + 1..)));
        let spec: Spec = name.parse().map_err(|error: tickwise_indicators::InvalidSpec| {
            wrong(format!("price, day_change or an indicator; {error}"))
        })?;
        let outputs = spec.definition().outputs;
        let place = match output {
            None if outputs.len() == 1 => Some(0),
            None => None,
            Some(output) => outputs.iter().position(|known| known.name == output),
        };
        let names = || outputs.iter().map(|output| output.name).collect::<Vec<_>>().join(", ");
        let output = place
            .ok_or_else(|| wrong(format!("{name} has the outputs {}; name one as {name}.…", names())))?;
        match self.interval {
            Some(interval) if ALERT_INTERVALS.contains(&interval) => {
                Ok(Measure::Indicator { spec: spec.on(interval, Calendar::Nyse), output, interval })
            }
            _ => Err(InvalidCondition("interval: an indicator is watched on bars of 1m, 5m or 1d".into())),
        }
    }
}

impl Watch {
    /// The measure, if a quote meets the condition.
    pub fn met_by(&self, quote: &Quote) -> Option<f64> {
        let measured = match self.measure {
            Measure::Price => quote.price,
            Measure::DayChange => (quote.price / quote.previous_close? - 1.0) * 100.0,
            Measure::Indicator { .. } => return None,
        };
        self.holds(measured).then_some(measured)
    }

    /// The indicator that it watches, and on whose closed bars.
    pub fn indicator(&self) -> Option<(&Spec, Interval)> {
        match &self.measure {
            Measure::Indicator { spec, interval, .. } => Some((spec, *interval)),
            _ => None,
        }
    }

    /// The measure, if the last closed bar took the indicator across the value: it
    /// lies on the side `at_last` and did not at the bar `before`.
    pub fn crossed(&self, before: Option<&Outputs>, at_last: Option<&Outputs>) -> Option<f64> {
        let Measure::Indicator { output, .. } = &self.measure else { return None };
        let measured = |outputs: Option<&Outputs>| outputs?.as_slice().get(*output).copied();
        let before = measured(before)?;
        measured(at_last).filter(|last| self.holds(*last) && !self.holds(before))
    }

    fn holds(&self, measured: f64) -> bool {
        match self.side {
            Side::Above => measured > self.value,
            Side::Below => measured < self.value,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]
mod tests {
    use super::*;

    fn condition(measure: &str, is: Side, value: f64, interval: Option<Interval>) -> Condition {
        Condition { measure: measure.into(), is, value, interval }
    }

    fn quote(price: f64, previous_close: Option<f64>) -> Quote {
        Quote {
            symbol: "IBM".parse().unwrap(),
            seq: 1,
            from_seq: None,
            price,
            size: 1.0,
            volume: 1.0,
            previous_close,
            exchange_time_ms: 0,
            receive_time_ms: 0,
            simulated: false,
            origin: Origin::Live,
        }
    }

    #[test]
    fn prices_and_changes_are_met_by_quotes() {
        let above = condition("price", Side::Above, 100.0, None).watch().unwrap();
        assert_eq!(
            (above.met_by(&quote(100.0, None)), above.met_by(&quote(100.5, None))),
            (None, Some(100.5))
        );
        let fall = condition("day_change", Side::Below, -2.0, None).watch().unwrap();
        assert_eq!(fall.met_by(&quote(99.0, Some(100.0))), None);
        assert!((fall.met_by(&quote(97.0, Some(100.0))).unwrap() + 3.0).abs() < 1e-9);
        assert_eq!(fall.met_by(&quote(1.0, None)), None, "no close to compare with");
    }

    #[test]
    fn an_indicator_has_to_cross() {
        let watch = condition("sma(2)", Side::Below, 10.0, Some(Interval::Day)).watch().unwrap();
        let [above, at, below] = [11.5, 10.0, 8.5].map(Outputs::from);
        let crossed = |before, last| watch.crossed(before, last);
        assert_eq!(crossed(Some(&above), Some(&below)), Some(8.5));
        assert_eq!(crossed(Some(&at), Some(&below)), Some(8.5));
        assert_eq!(crossed(Some(&above), Some(&at)), None);
        assert_eq!(crossed(Some(&below), Some(&below)), None);
        assert_eq!(crossed(None, Some(&below)), None, "what was never on the other side has not crossed");
        assert_eq!(crossed(Some(&above), None), None);
        let (spec, interval) = watch.indicator().unwrap();
        assert_eq!((spec.to_string().as_str(), interval), ("sma(2)", Interval::Day));
    }

    #[test]
    fn outputs_are_named() {
        for measure in ["bollinger(20,2.5).upper", "macd.signal", "rsi", "rsi(14)"] {
            assert!(
                condition(measure, Side::Above, 1.0, Some(Interval::Minute)).watch().is_ok(),
                "{measure}"
            );
        }
    }

    #[test]
    fn what_nothing_can_meet_is_refused_by_name() {
        let day = Some(Interval::Day);
        for (condition, reason) in [
            (condition("price", Side::Above, 0.0, None), "value"),
            (condition("price", Side::Above, f64::NAN, None), "value"),
            (condition("price", Side::Above, 1.0, day), "interval"),
            (condition("rsi(14)", Side::Above, 1.0, None), "interval"),
            (condition("rsi(14)", Side::Above, 1.0, Some(Interval::Week)), "interval"),
            (condition("rsi(0)", Side::Above, 1.0, day), "measure"),
            (condition("luck", Side::Above, 1.0, day), "measure"),
            (condition("bollinger(20,2)", Side::Above, 1.0, day), "measure"),
            (condition("bollinger(20,2).top", Side::Above, 1.0, day), "measure"),
        ] {
            let error = condition.watch().unwrap_err();
            assert!(error.0.starts_with(reason), "{error}");
        }
    }
}
