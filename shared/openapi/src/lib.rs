//! The description of the HTTP API: OpenAPI 3.1 made from the table of routes
//! and the types of requests and answers, and a page for people made from that.
#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the field named is null; written are only objects"
)]

mod operations;
mod page;
mod schemas;

pub use page::page;

use serde_json::{Map, Value, json};
use tickwise_protocol::routes::{Cache, ROUTES, Route};

use operations::{Operation, operation};
use schemas::Schemas;

/// Statuses of problems, and what each means on any path.
const PROBLEMS: &[(u16, &str)] = &[
    (400, "A parameter or the body cannot be understood; `parameter` names it."),
    (401, "A token is missing or wrong."),
    (403, "Pages of this origin may not open the stream."),
    (404, "There is nothing of this name."),
    (406, "None of the formats that `Accept` wants is available."),
    (
        409,
        "Not possible now: the symbol has no or too few prices on the date played, or there are as many alerts as may be.",
    ),
    (413, "The body is too large."),
    (415, "The body is not of a type that is read here."),
    (426, "The path speaks WebSocket: send an Upgrade request."),
    (429, "Too many requests from this address: wait `Retry-After` seconds."),
    (500, "The server or its platform failed. Trying again may help."),
    (503, "Not available now, such as a forecast without its model."),
];

/// The OpenAPI 3.1 document.
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for route in ROUTES {
        let described = operation(route.endpoint, &mut schemas);
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = operation_object(route, &described);
    }
    let problem = schemas.answer::<tickwise_protocol::Problem>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tickwise",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Quotes, bars, indicators and forecasts, with their origin",
            "description": "Times are milliseconds since 1970. Errors are `application/problem+json` (RFC 9457). \
                Every price says where it comes from: live, delayed, end of day, or a replay of a recorded day whose \
                path between open, high, low and close is simulated. Forecasts are distributions, and no investment advice.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": operations::TAGS
            .iter()
            .map(|(name, description)| json!({ "name": name, "description": description }))
            .collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas.into_definitions(),
            "responses": problem_responses(&problem),
            "headers": {
                "RequestId": {
                    "description": "Names this exchange in the server's log.",
                    "schema": { "type": "string" },
                },
                "ETag": {
                    "description": "Send it as `If-None-Match`: 304 says that nothing has changed.",
                    "schema": { "type": "string" },
                },
                "RetryAfter": { "description": "Seconds to wait.", "schema": { "type": "integer", "minimum": 1 } },
            },
            "securitySchemes": operations::security_schemes(),
        },
    })
}

fn operation_object(route: &Route, operation: &Operation) -> Value {
    let mut object = json!({
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": operation.parameters,
        "responses": responses(route, operation),
    });
    if let Some(body) = &operation.body {
        object["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": body } } });
    }
    if let Some(scheme) = operation.security {
        object["security"] = json!([{ scheme: [] }]);
    }
    if let Some((sent, received)) = &operation.messages {
        object["x-websocket"] = json!({ "client": sent, "server": received });
    }
    object["x-codeSamples"] = json!([{ "lang": "Shell", "label": "curl", "source": operation.example }]);
    object
}

fn responses(route: &Route, operation: &Operation) -> Value {
    let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
    if route.cache != Cache::NoStore {
        headers["etag"] = json!({ "$ref": "#/components/headers/ETag" });
    }
    let mut responses = Map::new();
    let mut success =
        json!({ "description": operation.answer, "headers": headers, "content": operation.content });
    if !operation.links.is_null() {
        success["links"] = operation.links.clone();
    }
    responses.insert(operation.status.to_string(), success);
    if route.cache != Cache::NoStore {
        responses.insert("304".into(), json!({ "description": "What `If-None-Match` names still holds." }));
    }
    for status in operation.problems.iter().chain(&[429, 500]) {
        let reference = format!("#/components/responses/Problem{status}");
        responses.insert(status.to_string(), json!({ "$ref": reference }));
    }
    Value::Object(responses)
}

fn problem_responses(problem: &Value) -> Value {
    let response = |(status, meaning): &(u16, &str)| {
        let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
        if *status == 429 {
            headers["retry-after"] = json!({ "$ref": "#/components/headers/RetryAfter" });
        }
        let content = json!({ "application/problem+json": { "schema": problem } });
        (
            format!("Problem{status}"),
            json!({ "description": meaning, "headers": headers, "content": content }),
        )
    };
    PROBLEMS.iter().map(response).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use super::*;

    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
        }
    }

    #[test]
    fn path_parameters_are_those_of_the_path_and_names_are_unique() {
        let document = document();
        let mut ids = std::collections::BTreeSet::new();
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{}", operation["operationId"]);
            let described: Vec<String> = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| format!("{{{}}}", parameter["name"].as_str().unwrap()))
                .collect();
            let expected: Vec<&str> = route.path.split('/').filter(|s| s.starts_with('{')).collect();
            assert_eq!(described, expected, "{}", route.path);
        }
    }

    #[test]
    fn the_page_has_a_section_for_every_operation() {
        let document = document();
        let page = page(&document);
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
            assert!(page.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())));
        }
        assert!(!page.contains("<script") && !page.contains(" style="), "the policy would forbid them");
    }
}
