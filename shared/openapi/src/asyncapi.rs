//! The description of the stream: AsyncAPI 3.0 made from the types of its messages.
//! `docs/stream.md` is the same contract for people.

use serde_json::{Map, Value, json};
use tickwise_protocol::stream::{
    CLOSE_SLOW_READER, CLOSE_TOO_MANY_MESSAGES, ClientMessage, MAX_CLIENT_MESSAGE_BYTES,
    MAX_SYMBOLS_PER_SOCKET, MESSAGE_BURST, MESSAGES_PER_SECOND, PING, PONG, ServerMessage,
    UNACKNOWLEDGED_WINDOW,
};

use crate::schemas::Schemas;

const ADDRESS: &str = "/api/v1/stream";

/// The AsyncAPI 3.0 document.
pub fn asyncapi() -> Value {
    let mut schemas = Schemas::new();
    schemas.request::<ClientMessage>();
    schemas.answer::<ServerMessage>();
    let mut definitions = schemas.into_definitions();
    let mut messages = keep_alive();
    let sent = take_messages(&mut definitions, "ClientMessage", &mut messages, &[PING]);
    let received = take_messages(&mut definitions, "ServerMessage", &mut messages, &[PONG]);
    // Here it would have to name schemas by the values of the field.
    definitions.values_mut().filter_map(Value::as_object_mut).for_each(|schema| {
        schema.remove("discriminator");
    });
    let of_channel: Map<String, Value> = messages
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") })))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "The Tickwise stream",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": { "local": { "host": "localhost:8787", "protocol": "ws" } },
        "channels": { "stream": {
            "address": ADDRESS,
            "title": "Quotes, bars, forecasts and alerts as they come",
            "messages": of_channel,
            "bindings": { "ws": { "method": "GET", "bindingVersion": "0.1.0" } },
        } },
        "operations": {
            "receive": {
                "action": "receive",
                "summary": "What a client sends.",
                "channel": { "$ref": "#/channels/stream" },
                "messages": references(&sent),
            },
            "send": {
                "action": "send",
                "summary": "What the server sends.",
                "channel": { "$ref": "#/channels/stream" },
                "messages": references(&received),
            },
        },
        "components": { "messages": messages, "schemas": definitions },
        "x-limits": {
            "clientMessageBytes": MAX_CLIENT_MESSAGE_BYTES,
            "messageBurst": MESSAGE_BURST,
            "messagesPerSecond": MESSAGES_PER_SECOND,
            "symbolsPerSocket": MAX_SYMBOLS_PER_SOCKET,
            "unacknowledgedEvents": UNACKNOWLEDGED_WINDOW,
        },
        "x-close-codes": [
            close_code(1000, "The server answers a client's close.", "resume"),
            close_code(1001, "The server goes away.", "resume"),
            close_code(1009, "A frame beyond the platform's limit of 32 MiB.", "send less"),
            close_code(1011, "The server failed.", "resume after a wait"),
            close_code(CLOSE_SLOW_READER, "Nothing was acknowledged for minutes.", "resume, and acknowledge"),
            close_code(CLOSE_TOO_MANY_MESSAGES, "Too many messages, after refusals.", "resume, and send less"),
        ],
    })
}

const ABOUT: &str = "Each message is one JSON object in one text frame; times are milliseconds since 1970.\n\n\
    Order: the quotes of a symbol are numbered 1, 2, 3 … within an epoch, without gaps, and each is sent once, in \
    that order. A bar comes just before the quote that closed it and has its number. A snapshot replaces all \
    before it. Forecasts, alerts, status, pong and errors stand outside the numbers.\n\n\
    Resuming: `since` names, for each symbol, the number of the last quote or snapshot seen (a bar does not \
    count: its quote is still to come), alone or with its epoch. It brings exactly what was missed, or a snapshot \
    where that is too long ago, the number was never given, or the epoch is not the present one. A number alone \
    means the present epoch.\n\n\
    Acknowledging: about once a second, if anything is new, a client sends the highest number used of each \
    symbol. With more than the window unacknowledged it gets every bar but only the latest quotes, whose \
    `from_seq` says from which number on they stand for all.\n\n\
    Version 1 may gain fields and message types, which clients ignore; what it has keeps its name, its meaning, \
    its order, and one message a frame.";

/// The two frames that are no JSON: the platform answers them without waking the server.
fn keep_alive() -> Map<String, Value> {
    let frame = |text: &str, summary: &str| {
        let payload = json!({ "type": "string", "const": text });
        json!({ "name": text, "summary": summary, "contentType": "text/plain", "payload": payload })
    };
    [
        ("pingText".into(), frame(PING, "Asks whether the connection lives.")),
        ("pongText".into(), frame(PONG, "The answer to the text `ping`.")),
    ]
    .into_iter()
    .collect()
}

/// Makes a message of each variant of a type, by its tag; their names.
fn take_messages(
    definitions: &mut Map<String, Value>,
    kind: &str,
    messages: &mut Map<String, Value>,
    texts: &[&str],
) -> Vec<String> {
    let mut names: Vec<String> = texts.iter().map(|text| format!("{text}Text")).collect();
    let union = definitions.remove(kind).unwrap_or_default();
    for (tag, schema) in union["discriminator"]["mapping"].as_object().into_iter().flatten() {
        let name = schema.as_str().and_then(|schema| schema.rsplit('/').next()).unwrap_or_default();
        let summary = definitions.get(name).map(|schema| schema["description"].clone());
        let message = json!({ "name": tag, "title": tag, "summary": summary, "payload": { "$ref": schema } });
        messages.insert(tag.clone(), message);
        names.push(tag.clone());
    }
    names
}

fn references(names: &[String]) -> Vec<Value> {
    let reference = |name: &String| json!({ "$ref": format!("#/channels/stream/messages/{name}") });
    names.iter().map(reference).collect()
}

fn close_code(code: u16, meaning: &str, advice: &str) -> Value {
    json!({ "code": code, "meaning": meaning, "advice": advice })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use super::*;

    /// The words of the contract for people.
    const CONTRACT: &str = include_str!("../../../docs/stream.md");

    #[test]
    fn every_reference_leads_somewhere() {
        crate::tests::check_references(&asyncapi());
    }

    #[test]
    fn both_contracts_have_the_same_messages() {
        let document = asyncapi();
        let messages = document["components"]["messages"].as_object().unwrap();
        assert_eq!(messages.len(), 15, "{:?}", messages.keys());
        for (name, message) in messages {
            assert!(message["summary"].is_string(), "{name}");
            let told = message["name"].as_str().unwrap();
            assert!(
                CONTRACT.contains(&format!("\"type\":\"{told}\"")) || CONTRACT.contains(&format!("`{told}`")),
                "{name}"
            );
        }
        let listed =
            |operation: &str| document["operations"][operation]["messages"].as_array().unwrap().len();
        assert_eq!(listed("send") + listed("receive"), messages.len());
    }

    #[test]
    fn both_contracts_have_the_same_codes_and_limits() {
        let document = asyncapi();
        for code in document["x-close-codes"].as_array().unwrap() {
            assert!(CONTRACT.contains(&code["code"].to_string()), "{code}");
        }
        for code in document["components"]["schemas"]["StreamErrorCode"]["enum"].as_array().unwrap() {
            assert!(CONTRACT.contains(&format!("`{}`", code.as_str().unwrap())), "{code}");
        }
        for limit in document["x-limits"].as_object().unwrap().values() {
            let digits = limit.to_string();
            let (thousands, rest) = digits.split_at(digits.len().saturating_sub(3));
            let told = if thousands.is_empty() { rest.to_owned() } else { format!("{thousands},{rest}") };
            assert!(CONTRACT.contains(&told), "{told}");
        }
    }
}
