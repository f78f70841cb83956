//! The description of the HTTP API: OpenAPI 3.1 made from the table of routes
//! and the types of requests and answers, AsyncAPI 3.0 made from the messages of its
//! stream, and a page for people.
#![allow(
    clippy::indexing_slicing,
    reason = "a JSON value without the field named is null; written are only objects"
)]

mod asyncapi;
mod operations;
mod page;
mod schemas;
mod simplified;

pub use asyncapi::asyncapi;
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
    (416, "The range asked for begins behind the end; `Content-Range` says how many bytes there are."),
    (426, "The path speaks WebSocket: send an Upgrade request."),
    (429, "Too many requests from this address: wait `Retry-After` seconds."),
    (500, "The server or its platform failed. Trying again may help."),
    (503, "Not available now, such as a forecast without its model: wait `Retry-After` seconds."),
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
    let mut definitions = schemas.into_definitions();
    definitions.insert("Instant".into(), operations::instant());
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
            "schemas": definitions,
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
                "RetryAfter": { "description": "Seconds to wait.", "required": true, "schema": { "type": "integer", "minimum": 1 } },
                "AcceptRanges": {
                    "description": "`bytes`: a single `Range` is answered with 206.",
                    "schema": { "type": "string" },
                },
                "ContentRange": {
                    "description": "Which bytes these are, and of how many.",
                    "required": true,
                    "schema": { "type": "string", "pattern": "^bytes [0-9]+-[0-9]+/[0-9]+$" },
                },
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
    if operation.is_table {
        success["headers"]["accept-ranges"] = json!({ "$ref": "#/components/headers/AcceptRanges" });
        let mut part = success.clone();
        part["description"] = "The bytes that `Range` asks for.".into();
        part["headers"]["content-range"] = json!({ "$ref": "#/components/headers/ContentRange" });
        responses.insert("206".into(), part);
        responses.insert("416".into(), json!({ "$ref": "#/components/responses/Problem416" }));
    }
    responses.insert(operation.status.to_string(), success);
    if route.cache != Cache::NoStore {
        responses.insert("304".into(), json!({ "description": "What `If-None-Match` names still holds." }));
    }
    for status in operation.problems.iter().chain(&[400, 429, 500]) {
        let reference = format!("#/components/responses/Problem{status}");
        responses.insert(status.to_string(), json!({ "$ref": reference }));
    }
    Value::Object(responses)
}

fn problem_responses(problem: &Value) -> Value {
    let response = |(status, meaning): &(u16, &str)| {
        let mut headers = json!({ "x-request-id": { "$ref": "#/components/headers/RequestId" } });
        if [429, 503].contains(status) {
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

    /// Every `$ref` leads somewhere, and has only descriptions beside it.
    pub fn check_references(document: &Value) {
        let mut found = Vec::new();
        references(document, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
        }
        check_neighbours(document);
    }

    fn check_neighbours(value: &Value) {
        if let Some(fields) = value.as_object().filter(|fields| fields.contains_key("$ref")) {
            let counting = fields.keys().filter(|name| !["$ref", "description"].contains(&name.as_str()));
            assert_eq!(counting.count(), 0, "{value}");
        }
        match value {
            Value::Object(fields) => fields.values().for_each(check_neighbours),
            Value::Array(values) => values.iter().for_each(check_neighbours),
            _ => {}
        }
    }

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
        check_references(&document());
    }

    /// What generators of clients have been seen to refuse or to misread.
    fn check_generators_understand(value: &Value, at: &str) {
        match value {
            Value::Object(fields) => {
                let choices = fields.get("oneOf").and_then(Value::as_array).into_iter().flatten();
                assert!(
                    choices.clone().count() == 0 || choices.into_iter().any(|c| c.get("const").is_none()),
                    "{at}"
                );
                assert_ne!(fields.get("const"), Some(&Value::Null), "{at}");
                assert_ne!(fields.get("items"), Some(&Value::Bool(false)), "{at}");
                fields
                    .iter()
                    .for_each(|(name, value)| check_generators_understand(value, &format!("{at}/{name}")));
            }
            Value::Array(values) => values.iter().for_each(|value| check_generators_understand(value, at)),
            _ => {}
        }
    }

    #[test]
    fn generators_of_clients_understand_every_schema() {
        let document = document();
        check_generators_understand(&document, "");
        let schemas = &document["components"]["schemas"];
        assert!(schemas["Record"].is_null(), "it would hide TypeScript's");
        // In Python a field of a class's name would hide what is made of the class.
        for (name, schema) in schemas.as_object().unwrap() {
            assert!(schema["properties"][name.to_lowercase()].is_null(), "{name}");
        }
        let condition = &schemas["Condition"];
        assert_eq!(condition["type"], "object");
        let names: Vec<&String> = condition["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["interval", "is", "measure", "value"]);
        for name in ["Exclusion", "Input", "Pane", "Side", "SourceState", "StreamErrorCode", "Unit"] {
            assert!(schemas[name]["enum"].is_array() && schemas[name]["type"] == "string", "{name}");
        }
    }

    #[test]
    fn the_query_of_a_route_is_what_its_description_says() {
        let document = document();
        for route in ROUTES {
            let operation = &document["paths"][route.path][route.method.as_str().to_ascii_lowercase()];
            let parameters = operation["parameters"].as_array().unwrap().iter();
            let described = parameters.filter(|parameter| parameter["in"] == "query");
            let described: Vec<&str> =
                described.map(|parameter| parameter["name"].as_str().unwrap()).collect();
            assert_eq!(described, route.query, "{}", route.path);
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
