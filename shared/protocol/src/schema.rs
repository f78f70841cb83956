//! JSON Schemas of what a type alone does not tell: texts that name an indicator.
//!
//! Bounds of parameters are beyond a pattern; the formats named here, and
//! `GET /api/v1/indicators`, tell them.
#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the field named is null; written are only objects"
)]

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use tickwise_indicators::{Definition, REGISTRY};

use crate::alerts::{ALERT_INTERVALS, Condition, Side};

const NUMBER: &str = r"[0-9]+(\.[0-9]+)?";

/// An indicator as [`tickwise_indicators::Spec`] reads it: `bollinger(20,2)`.
pub fn indicator() -> Value {
    let all: Vec<String> = REGISTRY.iter().map(specification).collect();
    json!({
        "type": "string",
        "format": "indicator",
        "pattern": format!("^({})$", all.join("|")),
        "examples": ["rsi(14)", "bollinger(20,2)", "vwap(fx)", "macd"],
    })
}

/// One output of an indicator; where there is only one it need not be named.
fn indicator_output() -> Value {
    let one = |definition: &Definition| {
        let names: Vec<&str> = definition.outputs.iter().map(|output| output.name).collect();
        let may_miss = if names.len() == 1 { "?" } else { "" };
        format!(r"{}(\.({})){may_miss}", specification(definition), names.join("|"))
    };
    let all: Vec<String> = REGISTRY.iter().map(one).collect();
    json!({
        "type": "string",
        "format": "indicator-output",
        "pattern": format!("^({})$", all.join("|")),
        "examples": ["rsi(14)", "bollinger(20,2).upper"],
    })
}

/// The name, and up to as many numbers as there are parameters, or one of its words.
fn specification(definition: &Definition) -> String {
    let name = definition.name;
    match definition.parameters {
        [] => name.to_owned(),
        [one] if !one.choices.is_empty() => format!(r"{name}(\(({})\))?", one.choices.join("|")),
        [_] => format!(r"{name}(\({NUMBER}\))?"),
        several => format!(r"{name}(\({NUMBER}(,{NUMBER}){{0,{}}}\))?", several.len() - 1),
    }
}

/// One object for all that [`Condition::watch`] takes. That a price is above 0, and that
/// an indicator has an interval and nothing else has one, is said in words: what says it
/// in JSON Schema, generators of clients do not understand.
impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut measure = indicator_output();
        measure["description"] =
            "`price`; `day_change`, in percent of the close before; or an indicator on closed \
            bars, such as `rsi(14)` or `bollinger(20,2).upper`."
                .into();
        measure["format"] = "measure".into();
        measure["pattern"] =
            measure["pattern"].as_str().unwrap_or_default().replacen("^(", "^(price|day_change|", 1).into();
        let mut side = generator.subschema_for::<Side>();
        side.insert("description".into(), "Which side.".into());
        json_schema!({
            "description": "What an alert waits for.",
            "type": "object",
            "properties": {
                "measure": measure,
                "is": side,
                "value": {
                    "type": "number", "format": "double",
                    "description": "The value to be on that side of. A price's is above 0.",
                },
                "interval": {
                    "type": "string", "enum": ALERT_INTERVALS,
                    "description": "Of an indicator's bars, which has to have one; nothing else has.",
                },
            },
            "required": ["measure", "is", "value"],
            "additionalProperties": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_a_part_for_every_indicator() {
        for definition in REGISTRY {
            let pattern = indicator()["pattern"].as_str().unwrap().to_owned();
            assert!(pattern.contains(&specification(definition)), "{}", definition.name);
        }
        let several = REGISTRY.iter().find(|definition| definition.name == "bollinger").unwrap();
        assert_eq!(specification(several), r"bollinger(\([0-9]+(\.[0-9]+)?(,[0-9]+(\.[0-9]+)?){0,1}\))?");
    }
}
