//! JSON Schemas as generators of clients understand them, and as they mean the same.

use serde_json::{Map, Value, json};

/// Rewrites schemas by their names.
pub fn simplify_all(definitions: &mut Map<String, Value>, path: &str) {
    definitions.values_mut().for_each(simplify);
    let names: Vec<String> = definitions.keys().cloned().collect();
    for name in names {
        let variants = definitions.get_mut(&name).and_then(|schema| name_variants(&name, schema, path));
        definitions.extend(variants.unwrap_or_default());
    }
}

/// Gives the variants of a union that a tag tells apart names of their own.
fn name_variants(name: &str, union: &mut Value, path: &str) -> Option<Map<String, Value>> {
    let variants = union.get_mut("oneOf")?.as_array_mut()?;
    let tags: Vec<(String, String)> = variants.iter().map(tag).collect::<Option<_>>()?;
    let field = tags.first()?.0.clone();
    let mut mapping = Map::new();
    let mut named = Map::new();
    for (variant, (_, tag)) in variants.iter_mut().zip(tags) {
        let name = format!("{name}{}", pascal_case(&tag));
        let reference = format!("#{path}/{name}");
        named.insert(name, std::mem::replace(variant, json!({ "$ref": reference })));
        mapping.insert(tag, reference.into());
    }
    union["discriminator"] = json!({ "propertyName": field, "mapping": mapping });
    Some(named)
}

/// The field of a variant that is always the same text, and the text.
fn tag(variant: &Value) -> Option<(String, String)> {
    let parts = variant["allOf"].as_array().into_iter().flatten().chain([variant]);
    let mut fields = parts.filter_map(|part| part["properties"].as_object()).flatten();
    fields.find_map(|(name, field)| Some((name.clone(), field["const"].as_str()?.to_owned())))
}

fn pascal_case(text: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    text.split('_').map(capitalised).collect()
}

/// Rewrites a schema and all within it.
fn simplify(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(simplify);
            enumerate(fields);
            name_properties(fields);
            set_apart(fields);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

/// A choice of texts is an `enum`, with what each means beside it.
fn enumerate(fields: &mut Map<String, Value>) {
    let Some(choices) = fields.get("oneOf").and_then(Value::as_array) else { return };
    let texts: Option<Vec<Value>> = choices.iter().map(constant).collect();
    let Some(texts) = texts.filter(|texts| !texts.is_empty()) else { return };
    let meanings: Vec<Value> = choices.iter().map(|choice| choice["description"].clone()).collect();
    fields.remove("oneOf");
    fields.insert("type".into(), "string".into());
    fields.insert("enum".into(), texts.into());
    fields.insert("x-enum-descriptions".into(), meanings.into());
}

/// The value of a schema that is one text.
fn constant(schema: &Value) -> Option<Value> {
    schema.get("const").filter(|value| value.is_string()).cloned()
}

/// A map whose keys have a pattern.
fn name_properties(fields: &mut Map<String, Value>) {
    if fields.get("additionalProperties") != Some(&Value::Bool(false)) || fields.contains_key("properties") {
        return;
    }
    let patterns = fields.get("patternProperties").and_then(Value::as_object);
    let Some((pattern, values)) =
        patterns.filter(|patterns| patterns.len() == 1).and_then(|all| all.iter().next())
    else {
        return;
    };
    let (names, values) = (json!({ "pattern": pattern }), values.clone());
    fields.remove("patternProperties");
    fields.insert("propertyNames".into(), names);
    fields.insert("additionalProperties".into(), values);
}

/// What is said beside a reference to an object, such as its tag, counts too: many
/// readers pass over the neighbours of a `$ref`.
fn set_apart(fields: &mut Map<String, Value>) {
    if !(fields.contains_key("$ref") && fields.contains_key("properties")) {
        return;
    }
    let reference = fields.remove("$ref").unwrap_or_default();
    let mut own = Map::new();
    for name in ["type", "properties", "required"] {
        own.extend(fields.remove(name).map(|value| (name.to_owned(), value)));
    }
    fields.insert("allOf".into(), json!([{ "$ref": reference }, own]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_have_names_and_are_told_apart() {
        let live =
            json!({ "type": "object", "properties": { "mode": { "type": "string", "const": "live" } } });
        let past = json!({ "type": "object", "properties": { "mode": { "type": "string", "const": "end_of_day" } } });
        let mut definitions = Map::new();
        definitions.insert("Origin".into(), json!({ "description": "Where from.", "oneOf": [live, past] }));
        simplify_all(&mut definitions, "/schemas");
        assert_eq!((&definitions["OriginLive"], &definitions["OriginEndOfDay"]), (&live, &past));
        let expected = json!({
            "description": "Where from.",
            "oneOf": [{ "$ref": "#/schemas/OriginLive" }, { "$ref": "#/schemas/OriginEndOfDay" }],
            "discriminator": { "propertyName": "mode", "mapping": {
                "live": "#/schemas/OriginLive", "end_of_day": "#/schemas/OriginEndOfDay",
            } },
        });
        assert_eq!(definitions["Origin"], expected);
    }

    #[test]
    fn a_choice_of_texts_is_an_enumeration() {
        let mut schema = json!({ "description": "A side.", "oneOf": [
            { "const": "above", "type": "string", "description": "Above it." },
            { "const": "below", "type": "string", "description": "Below it." },
        ] });
        simplify(&mut schema);
        let expected = json!({
            "description": "A side.", "type": "string", "enum": ["above", "below"],
            "x-enum-descriptions": ["Above it.", "Below it."],
        });
        assert_eq!(schema, expected);
    }

    #[test]
    fn other_choices_stay() {
        let choices = json!({ "oneOf": [{ "const": "a" }, { "type": "object", "properties": {} }] });
        let mut schema = choices.clone();
        simplify(&mut schema);
        assert_eq!(schema, choices);
    }

    #[test]
    fn a_map_says_what_its_values_are() {
        let mut schema = json!({ "properties": { "seqs": {
            "type": "object", "additionalProperties": false, "patternProperties": { "^[A-Z]+$": { "type": "integer" } },
        } } });
        simplify(&mut schema);
        let seqs = json!({
            "type": "object", "propertyNames": { "pattern": "^[A-Z]+$" }, "additionalProperties": { "type": "integer" },
        });
        assert_eq!(schema["properties"]["seqs"], seqs);
    }

    #[test]
    fn a_reference_stands_alone() {
        let mut schema = json!({ "description": "A price.", "$ref": "#/x", "type": "object", "properties": { "type": { "const": "quote" } } });
        simplify(&mut schema);
        let expected = json!({ "description": "A price.", "allOf": [
            { "$ref": "#/x" }, { "type": "object", "properties": { "type": { "const": "quote" } } },
        ] });
        assert_eq!(schema, expected);
    }
}
