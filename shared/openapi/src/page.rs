//! The description as a page: plain HTML, no script, styled by `/docs/docs.css`.

use std::fmt::Write;

use serde_json::Value;

/// Renders an OpenAPI document.
pub fn page(document: &Value) -> String {
    let mut html = String::from(HEAD);
    paragraph(&mut html, text(&document["info"]["description"]));
    contents(&mut html, document);
    for tag in list(&document["tags"]) {
        let name = text(&tag["name"]);
        let _ = write!(html, "<h2>{}</h2>", escaped(name));
        paragraph(&mut html, text(&tag["description"]));
        for (path, method, operation) in operations(document).filter(|(_, _, o)| is_tagged(o, name)) {
            section(&mut html, path, method, operation);
        }
    }
    html.push_str(
        "<h2>Types</h2><p>Fields marked ? may be absent, types marked ? may be <code>null</code>.</p>",
    );
    for (name, schema) in fields(&document["components"]["schemas"]) {
        type_section(&mut html, name, schema);
    }
    html.push_str("</main></body></html>\n");
    html
}

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>API · Tickwise</title>
<link rel="icon" href="/icons/tickwise.svg" type="image/svg+xml"><link rel="stylesheet" href="/docs/docs.css"></head>
<body><main><p><a href="/">← Watchlist</a></p><h1>The Tickwise API</h1>
<p>Machines read <a href="/api/v1/openapi.json">OpenAPI 3.1</a>, and of the stream
<a href="/api/v1/asyncapi.json">AsyncAPI 3.0</a>; errors are explained <a href="/docs/problems">here</a>.</p>
"#;

fn contents(html: &mut String, document: &Value) {
    html.push_str("<table><tbody>");
    for (path, method, operation) in operations(document) {
        let (id, summary) = (text(&operation["operationId"]), text(&operation["summary"]));
        let _ = write!(
            html,
            "<tr><td>{}</td><td><a href=\"#{id}\"><code>{}</code></a></td><td>{}</td></tr>",
            method.to_uppercase(),
            escaped(path),
            escaped(summary)
        );
    }
    html.push_str("</tbody></table>");
}

fn section(html: &mut String, path: &str, method: &str, operation: &Value) {
    let _ = write!(
        html,
        "<section id=\"{}\"><h3><span class=\"method\">{}</span> <code>{}</code></h3>",
        text(&operation["operationId"]),
        method.to_uppercase(),
        escaped(path)
    );
    paragraph(html, &format!("{}. {}", text(&operation["summary"]), text(&operation["description"])));
    for sample in list(&operation["x-codeSamples"]) {
        let _ = write!(html, "<pre><code>{}</code></pre>", escaped(text(&sample["source"])));
    }
    parameters(html, operation);
    if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
        let _ = write!(html, "<p>Body: {}</p>", type_of(schema));
    }
    if let Some(messages) = operation.get("x-websocket") {
        let (client, server) = (type_of(&messages["client"]), type_of(&messages["server"]));
        let _ = write!(html, "<p>Client: {client}; server: {server}</p>");
    }
    html.push_str("<ul>");
    for (status, response) in fields(&operation["responses"]) {
        let _ = write!(html, "<li>{status}: {}</li>", answer(response));
    }
    html.push_str("</ul></section>");
}

fn answer(response: &Value) -> String {
    if let Some(problem) = response["$ref"].as_str() {
        let status = problem.rsplit("Problem").next().unwrap_or_default();
        return format!("problem <span class=\"muted\">({})</span>", meaning(status));
    }
    let mut kinds = fields(&response["content"]);
    let types: Vec<String> = kinds
        .by_ref()
        .map(|(kind, content)| match kind {
            "application/json" => type_of(&content["schema"]),
            other => format!("<code>{}</code>", escaped(other)),
        })
        .collect();
    if types.is_empty() { escaped(text(&response["description"])) } else { types.join(", ") }
}

fn meaning(status: &str) -> String {
    let known = crate::PROBLEMS.iter().find(|(known, _)| known.to_string() == status);
    known.map(|(_, meaning)| escaped(meaning)).unwrap_or_default()
}

fn parameters(html: &mut String, operation: &Value) {
    if list(&operation["parameters"]).next().is_none() {
        return;
    }
    html.push_str("<table><thead><tr><th>Parameter</th><th>Value</th><th></th></tr></thead><tbody>");
    for parameter in list(&operation["parameters"]) {
        let _ = write!(
            html,
            "<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>",
            text(&parameter["name"]),
            if parameter["required"] == true { "" } else { "?" },
            type_of(&parameter["schema"]),
            escaped(text(&parameter["description"]))
        );
    }
    html.push_str("</tbody></table>");
}

fn type_section(html: &mut String, name: &str, schema: &Value) {
    let _ = write!(html, "<section id=\"type-{name}\"><h3><code>{name}</code></h3>");
    paragraph(html, text(&schema["description"]));
    let variants = ["oneOf", "anyOf", "allOf"].into_iter().flat_map(|kind| list(&schema[kind]));
    let mut has_variants = false;
    for variant in variants {
        has_variants = true;
        let _ = write!(
            html,
            "<p>{} <span class=\"muted\">{}</span></p>",
            variant_name(variant),
            escaped(text(&variant["description"]))
        );
        properties(html, variant);
    }
    for (value, meaning) in list(&schema["enum"]).zip(list(&schema["x-enum-descriptions"])) {
        has_variants = true;
        let (value, meaning) = (escaped(&value.to_string()), escaped(text(meaning)));
        let _ = write!(html, "<p><code>{value}</code> <span class=\"muted\">{meaning}</span></p>");
    }
    if !has_variants {
        properties(html, schema);
        if schema["properties"].is_null() {
            let _ = write!(html, "<p>{}</p>", type_of(schema));
        }
    }
    html.push_str("</section>");
}

/// A variant by its tag, its value or its type.
fn variant_name(variant: &Value) -> String {
    let tag = fields(&variant["properties"]).find_map(|(name, schema)| {
        Some(format!("<code>\"{name}\": {}</code>", escaped(&schema.get("const")?.to_string())))
    });
    tag.unwrap_or_else(|| type_of(variant))
}

fn properties(html: &mut String, schema: &Value) {
    let mut rows =
        fields(&schema["properties"]).filter(|(_, schema)| schema.get("const").is_none()).peekable();
    if rows.peek().is_none() {
        return;
    }
    html.push_str("<table><tbody>");
    for (name, property) in rows {
        let required = list(&schema["required"]).any(|required| required == name);
        let _ = write!(
            html,
            "<tr><td><code>{name}</code>{}</td><td>{}</td><td>{}</td></tr>",
            if required { "" } else { "?" },
            type_of(property),
            escaped(text(&property["description"]))
        );
    }
    html.push_str("</tbody></table>");
}

/// A schema in a few words.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    if let Some(constant) = schema.get("const") {
        return format!("<code>{}</code>", escaped(&constant.to_string()));
    }
    if schema["enum"].is_array() {
        let values = list(&schema["enum"]).map(|value| format!("<code>{}</code>", escaped(text(value))));
        return values.collect::<Vec<_>>().join(" ");
    }
    let alternatives: Vec<&Value> = list(&schema["anyOf"]).chain(list(&schema["oneOf"])).collect();
    if !alternatives.is_empty() {
        let named =
            alternatives.iter().filter(|schema| schema["type"] != "null").map(|schema| type_of(schema));
        let mark = if alternatives.iter().any(|schema| schema["type"] == "null") { "?" } else { "" };
        return format!("{}{mark}", named.collect::<Vec<_>>().join(" or "));
    }
    let kinds =
        schema["type"].as_array().map_or_else(|| vec![&schema["type"]], |kinds| kinds.iter().collect());
    let optional = if kinds.iter().any(|kind| *kind == "null") { "?" } else { "" };
    let kind = kinds.into_iter().map(text).find(|kind| *kind != "null").unwrap_or_default();
    let shape = match kind {
        "array" if !schema["items"].is_null() => format!("[{}]", type_of(&schema["items"])),
        "array" => "array".into(),
        "object" if schema["additionalProperties"].is_object() => {
            format!("{{name: {}}}", type_of(&schema["additionalProperties"]))
        }
        "" => "any".into(),
        other => schema["format"].as_str().filter(|_| other == "string").unwrap_or(other).to_owned(),
    };
    format!("{shape}{optional}{}", bounds(schema))
}

fn bounds(schema: &Value) -> String {
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Number(min), Value::Number(max)) => format!(" {min}…{max}"),
        _ => String::new(),
    }
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    fields(&document["paths"])
        .flat_map(|(path, item)| fields(item).map(move |(method, operation)| (path, method, operation)))
}

fn is_tagged(operation: &Value, tag: &str) -> bool {
    list(&operation["tags"]).any(|own| own == tag)
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn paragraph(html: &mut String, words: &str) {
    if !words.trim_end_matches(". ").is_empty() {
        let _ = write!(html, "<p>{}</p>", with_code(&escaped(words.trim())));
    }
}

/// Turns what stands between backquotes into code.
fn with_code(words: &str) -> String {
    let parts = words.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
