//! What each endpoint takes and gives, in words and schemas.

use serde_json::{Value, json};
use tickwise_forecast::{Manifest, ModelSummary};
use tickwise_indicators::Definition;
use tickwise_market::{Interval, Symbol};
use tickwise_protocol::{
    alerts::{
        ALERT_DAYS, AlertCreated, AlertRequest, Alerts, MAX_ALERTS_PER_SYMBOL, MAX_ALERTS_PER_TOKEN,
        TOKEN_HEADER,
    },
    rest::{
        Bars, Forecast, GoldenCheck, Health, Indicators, MAX_BARS, MAX_BARS_SYMBOLS, MAX_BARS_TOTAL,
        MAX_INDICATORS, MAX_PREDICTIONS, ManyBars, Predictions, PredictionsRequest, Stock,
    },
    routes::Endpoint,
    service::{Article, Fetched, Found, MarketHours, Movers, Overview, ServiceStatus},
    stream::{CLOSE_SLOW_READER, ClientMessage, ServerMessage, UNACKNOWLEDGED_WINDOW},
};
use tickwise_record::{MAX_ENTRIES, Record};

use crate::schemas::Schemas;

const MARKET: &str = "Market";
const FORECASTS: &str = "Forecasts";
const SERVER: &str = "Server";

/// Groups of operations, in the order of the page.
pub const TAGS: [(&str, &str); 3] = [
    (MARKET, "Quotes, bars and indicators."),
    (FORECASTS, "Distributions of returns, the models behind them and their record."),
    (SERVER, "The server itself."),
];

const ON_DEMAND: &str =
    "Fetched from the vendor within the key's budget and kept; a replay has no such source.";

/// One method of one path.
pub struct Operation {
    pub id: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub description: String,
    pub parameters: Vec<Value>,
    /// Schema of the JSON that is read.
    pub body: Option<Value>,
    /// Status of success.
    pub status: u16,
    /// What success means.
    pub answer: &'static str,
    /// Media types with their schemas.
    pub content: Value,
    /// Statuses of problems beside those of every path.
    pub problems: &'static [u16],
    /// A security scheme that is demanded.
    pub security: Option<&'static str>,
    /// Where values of the answer lead: operations by their names.
    pub links: Value,
    /// Its answers are tables, of which ranges of bytes can be asked for.
    pub is_table: bool,
    /// What client and server send on a WebSocket.
    pub messages: Option<(Value, Value)>,
    /// For a terminal.
    pub example: &'static str,
}

/// Ways to prove a right.
pub fn security_schemes() -> Value {
    json!({
        METRICS_TOKEN: { "type": "http", "scheme": "bearer", "description": "The setting `METRICS_TOKEN`." },
        ALERT_TOKEN: { "type": "apiKey", "in": "header", "name": TOKEN_HEADER, "description": "Made with the first alert." },
    })
}

const METRICS_TOKEN: &str = "metricsToken";
const ALERT_TOKEN: &str = "alertToken";

/// The description of an endpoint.
pub fn operation(endpoint: Endpoint, schemas: &mut Schemas) -> Operation {
    match endpoint {
        Endpoint::Health => Operation {
            example: "curl localhost:8787/api/v1/health",
            ..get(SERVER, "health", "Whether the server works", json_of(schemas.answer::<Health>()))
        }
        .about("`degraded` when forecasts are missing; everything else then works."),
        Endpoint::Description => Operation {
            content: json!({ "application/vnd.oai.openapi+json;version=3.1": { "schema": { "type": "object" } } }),
            problems: &[404],
            example: "curl localhost:8787/api/v1/openapi.json",
            ..get(SERVER, "description", "This description, as OpenAPI 3.1", Value::Null)
        },
        Endpoint::StreamDescription => Operation {
            content: json!({ "application/vnd.aai.asyncapi+json;version=3.0.0": { "schema": { "type": "object" } } }),
            problems: &[404],
            example: "curl localhost:8787/api/v1/asyncapi.json",
            ..get(SERVER, "streamDescription", "The description of the stream, as AsyncAPI 3.0", Value::Null)
        },
        Endpoint::Stocks => Operation {
            example: "curl localhost:8787/api/v1/stocks",
            ..get(MARKET, "stocks", "All symbols with their last quotes", json_of(schemas.answer::<Vec<Stock>>()))
        },
        Endpoint::Stock => Operation {
            parameters: vec![symbol()],
            problems: &[404],
            example: "curl localhost:8787/api/v1/stocks/AAPL",
            ..get(MARKET, "stock", "A symbol's last quote", json_of(schemas.answer::<Stock>()))
        },
        Endpoint::Bars => Operation {
            parameters: [vec![symbol()], range(), vec![format_parameter()]].concat(),
            content: tables(schemas.answer::<Bars>()),
            is_table: true,
            problems: &[404, 406],
            example: "curl 'localhost:8787/api/v1/stocks/AAPL/bars?interval=5m&limit=100'\n\
                curl -H 'Accept: text/csv' 'localhost:8787/api/v1/stocks/IBM/bars?from=2012-01-01&to=2012-07-01'\n\
                curl -o ibm.arrows 'localhost:8787/api/v1/stocks/IBM/bars?limit=5000&format=arrow'",
            ..get(MARKET, "bars", "Open, high, low, close and volume", Value::Null)
        }
        .about(format!(
            "Ascending in time, adjusted for splits known at the date played. The last bar may be forming and \
             says so. `seq` joins history and stream: subscribe with it as `since`. {TABLES}"
        )),
        Endpoint::ManyBars => Operation {
            parameters: [vec![symbols()], range()].concat(),
            example: "curl 'localhost:8787/api/v1/bars?symbols=AAPL,IBM&from=2012-01-01&to=2012-07-01'",
            ..get(MARKET, "manyBars", "Bars of several symbols", json_of(schemas.answer::<ManyBars>()))
        }
        .about(format!(
            "Up to {MAX_BARS_SYMBOLS} different symbols in one call, and up to {MAX_BARS_TOTAL} bars of all together. \
             Each has its bars or the problem that stands in their way; the call succeeds either way."
        )),
        Endpoint::Indicators => Operation {
            parameters: [vec![symbol(), names()], range(), vec![format_parameter()]].concat(),
            content: tables(schemas.answer::<Indicators>()),
            is_table: true,
            problems: &[404, 406],
            example: "curl -g 'localhost:8787/api/v1/stocks/IBM/indicators?name=rsi(14)&name=bollinger(20,2)&limit=5'",
            ..get(MARKET, "indicators", "Indicators of a symbol's bars", Value::Null)
        }
        .about(format!(
            "They have seen at least 1000 bars before the first one asked for, where there are that many, and are \
             `null` where they are not defined. {TABLES}"
        )),
        Endpoint::IndicatorList => Operation {
            example: "curl localhost:8787/api/v1/indicators",
            ..get(
                MARKET,
                "indicatorList",
                "Which indicators there are",
                json_of(schemas.answer::<Vec<Definition>>()),
            )
        }
        .about("With their parameters, bounds, defaults and outputs."),
        Endpoint::Prediction => Operation {
            parameters: vec![symbol()],
            problems: &[404, 409, 503],
            example: "curl localhost:8787/api/v1/predictions/AAPL",
            ..get(FORECASTS, "prediction", "A symbol's forecast", json_of(schemas.answer::<Forecast>()))
        }
        .about(
            "Quantiles of the log return from the last closed day to each of the next 1 to 20 trading days. \
             Not investment advice.",
        ),
        Endpoint::Predictions => Operation {
            body: Some(schemas.request::<PredictionsRequest>()),
            problems: &[400, 413],
            example: "curl localhost:8787/api/v1/predictions -H 'content-type: application/json' \\\n  -d '{\"symbols\":[\"AAPL\",\"IBM\"]}'",
            ..get(FORECASTS, "predictions", "Forecasts of several symbols", json_of(schemas.answer::<Predictions>()))
        }
        .about(format!(
            "Up to {MAX_PREDICTIONS} different symbols in one call. Each has a forecast or the problem that stands in \
             its way; the call succeeds either way. Not investment advice."
        )),
        Endpoint::Record => Operation {
            parameters: vec![
                symbol(),
                in_query(
                    "limit",
                    "The newest so many entries; 0 for the summaries alone.",
                    json!({ "type": "integer", "minimum": 0, "maximum": MAX_ENTRIES, "default": 30 }),
                ),
                in_query("format", "Instead of an `Accept` header.", json!({ "type": "string", "enum": ["json", "csv", "text"] })),
            ],
            content: json!({
                "application/json": { "schema": schemas.answer::<Record>() },
                "text/csv": { "schema": { "type": "string" } },
                "text/plain": { "schema": { "type": "string" } },
            }),
            is_table: true,
            problems: &[404, 406],
            example: "curl 'localhost:8787/api/v1/predictions/AAPL/record?format=text'\n\
                curl 'localhost:8787/api/v1/predictions/AAPL/record?limit=520' | tickwise verify-record -",
            ..get(FORECASTS, "record", "How a symbol's forecasts have done", Value::Null)
        }
        .about(
            "Every forecast is written, with that of a random walk, before it is sent, and carries the SHA-256 of the \
             one before. As days close it is scored. `live` and `replayed` sum up the forecasts that count: a replayed \
             day counts once, however often it is played. A line of CSV is one entry at one horizon; `text` is a sentence.",
        ),
        Endpoint::CreateAlert => Operation {
            parameters: vec![json!({
                "name": TOKEN_HEADER, "in": "header",
                "description": "The token of earlier alerts; without it a new one is made.",
                "schema": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            })],
            body: Some(schemas.request::<AlertRequest>()),
            status: 201,
            answer: "Made; keep the token.",
            problems: &[401, 404, 409, 413],
            example: "curl localhost:8787/api/v1/alerts -d '{\"symbol\":\"AAPL\",\"condition\":{\"measure\":\"price\",\"is\":\"above\",\"value\":700}}'\n\
                curl localhost:8787/api/v1/alerts -H \"x-alert-token: $TOKEN\" \\\n  -d '{\"symbol\":\"AAPL\",\"condition\":{\"measure\":\"rsi(14)\",\"interval\":\"5m\",\"is\":\"below\",\"value\":30}}'",
            links: json!({ "delete": { "operationId": "deleteAlert", "parameters": { "id": "$response.body#/alert/id" } } }),
            ..get(MARKET, "createAlert", "Be told once when a condition is met", json_of(schemas.answer::<AlertCreated>()))
        }
        .about(format!(
            "A price or a day's change meets it with any quote, an indicator when it crosses the value at the close of \
             a bar. It fires once, in the symbol's sequence, and is sent through the stream to sockets that have sent \
             `authenticate` with the token and subscribe to the symbol. It expires after {ALERT_DAYS} days. A token has \
             up to {MAX_ALERTS_PER_TOKEN}, a symbol up to {MAX_ALERTS_PER_SYMBOL} alerts."
        )),
        Endpoint::Alerts => Operation {
            problems: &[401],
            security: Some(ALERT_TOKEN),
            example: "curl localhost:8787/api/v1/alerts -H \"x-alert-token: $TOKEN\"",
            ..get(MARKET, "alerts", "A token's alerts", json_of(schemas.answer::<Alerts>()))
        }
        .about("Waiting and fired, oldest first."),
        Endpoint::DeleteAlert => Operation {
            parameters: vec![in_path("id", "An alert of the token.", json!({ "type": "string", "minLength": 1 }), "0123456789abcdef-AAPL")],
            status: 204,
            answer: "Deleted.",
            content: json!({}),
            problems: &[401, 404],
            security: Some(ALERT_TOKEN),
            example: "curl -X DELETE localhost:8787/api/v1/alerts/$ID -H \"x-alert-token: $TOKEN\"",
            ..get(MARKET, "deleteAlert", "Forget an alert", Value::Null)
        },
        Endpoint::Models => Operation {
            problems: &[503],
            example: "curl localhost:8787/api/v1/models",
            ..get(FORECASTS, "models", "The models that are published", json_of(schemas.answer::<Vec<ModelSummary>>()))
        }
        .about("The one in use says so. Weights are at `/models/{id}/model.safetensors` and never change under an id."),
        Endpoint::Model => Operation {
            parameters: vec![model()],
            problems: &[404, 503],
            example: "curl localhost:8787/api/v1/models/current",
            ..get(FORECASTS, "model", "A model's manifest", json_of(schemas.answer::<Manifest>()))
        }
        .about("What it is, what it was trained on, and its record on days it had never seen."),
        Endpoint::Golden => Operation {
            parameters: vec![model()],
            problems: &[404, 503],
            example: "curl localhost:8787/api/v1/models/current/golden",
            ..get(
                FORECASTS,
                "golden",
                "Recomputes a model's exported forecast",
                json_of(schemas.answer::<GoldenCheck>()),
            )
        }
        .about("Shows that the server computes what was exported, to 1e-5."),
        Endpoint::Metrics => Operation {
            content: json!({ "text/plain; version=0.0.4; charset=utf-8": { "schema": { "type": "string" } } }),
            problems: &[401, 404],
            security: Some(METRICS_TOKEN),
            example: "curl -H \"Authorization: Bearer $METRICS_TOKEN\" localhost:8787/metrics",
            ..get(SERVER, "metrics", "Counters for Prometheus", Value::Null)
        }
        .about("Only where the setting `METRICS_TOKEN` is made. Each isolate counts for itself and has a label."),
        Endpoint::Status => Operation {
            example: "curl localhost:8787/api/v1/status",
            ..get(SERVER, "status", "What the live source spends and knows", json_of(schemas.answer::<ServiceStatus>()))
        }
        .about("The budget left, the next request, failures, and the age of every symbol's price."),
        Endpoint::Market => Operation {
            example: "curl localhost:8787/api/v1/market",
            ..get(MARKET, "market", "Whether the exchange trades", json_of(schemas.answer::<MarketHours>()))
        },
        Endpoint::Movers => Operation {
            problems: &[409, 503],
            example: "curl localhost:8787/api/v1/movers",
            ..get(MARKET, "movers", "The largest moves of the market", json_of(schemas.answer::<Fetched<Movers>>()))
        }
        .about(ON_DEMAND),
        Endpoint::Search => Operation {
            parameters: vec![json!({
                "name": "q", "in": "query", "required": true,
                "description": "Words of a name, or the beginning of a symbol.",
                "schema": { "type": "string", "minLength": 1, "maxLength": 100 },
            })],
            problems: &[409, 503],
            example: "curl 'localhost:8787/api/v1/search?q=apple'",
            ..get(MARKET, "search", "Symbols by name", json_of(schemas.answer::<Fetched<Vec<Found>>>()))
        }
        .about(ON_DEMAND),
        Endpoint::Overview => Operation {
            parameters: vec![symbol()],
            problems: &[404, 409, 503],
            example: "curl localhost:8787/api/v1/stocks/IBM/overview",
            ..get(MARKET, "overview", "A company's key figures", json_of(schemas.answer::<Fetched<Overview>>()))
        }
        .about(ON_DEMAND),
        Endpoint::News => Operation {
            parameters: vec![symbol()],
            problems: &[404, 409, 503],
            example: "curl localhost:8787/api/v1/stocks/IBM/news",
            ..get(MARKET, "news", "News of a symbol", json_of(schemas.answer::<Fetched<Vec<Article>>>()))
        }
        .about(ON_DEMAND),
        Endpoint::Stream => Operation {
            status: 101,
            answer: "The connection is a WebSocket now.",
            problems: &[403, 426],
            messages: Some((schemas.request::<ClientMessage>(), schemas.answer::<ServerMessage>())),
            example: "npx wscat -c ws://localhost:8787/api/v1/stream\n\
                > {\"type\":\"subscribe\",\"symbols\":[\"AAPL\"]}\n\
                > {\"type\":\"subscribe\",\"symbols\":[\"AAPL\"],\"since\":{\"AAPL\":1042}}\n\
                > {\"type\":\"ack\",\"seqs\":{\"AAPL\":1123}}",
            ..get(MARKET, "stream", "Quotes, bars and forecasts as they come", json!({}))
        }
        .about(format!(
            "A WebSocket with JSON messages: the client sends `ClientMessage`, the server `ServerMessage`. \
             Quotes of a symbol are numbered without gaps; `since` names the last number seen and brings exactly what \
             was missed, or a snapshot when that is too long ago. About once a second the client sends `ack` with the \
             highest number it has used of each symbol, unless nothing is new. Beyond {UNACKNOWLEDGED_WINDOW} events \
             without one it is sent every bar but only the latest quotes, whose `from_seq` says from which number on \
             they stand for all; where none comes for minutes, the connection is closed with {CLOSE_SLOW_READER}. Pages of \
             other origins need to be allowed by `CORS_ORIGINS`. `ping` is answered with `pong`. What cannot be \
             understood is answered with an `error` message; the connection lives on.",
        )),
    }
}

const TABLES: &str = "CSV and Arrow answers say in the header `x-about` what JSON says beside its columns: origin, \
     whether simulated, `seq`; an Arrow stream says it in the metadata `about` of its schema too.";

/// A GET that takes nothing and is answered with 200.
fn get(tag: &'static str, id: &'static str, summary: &'static str, content: Value) -> Operation {
    Operation {
        id,
        tag,
        summary,
        description: String::new(),
        parameters: Vec::new(),
        body: None,
        status: 200,
        answer: "Success.",
        content,
        problems: &[],
        is_table: false,
        security: None,
        links: Value::Null,
        messages: None,
        example: "",
    }
}

impl Operation {
    fn about(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }
}

fn json_of(schema: Value) -> Value {
    json!({ "application/json": { "schema": schema } })
}

/// The formats of a table.
fn tables(schema: Value) -> Value {
    json!({
        "application/json": { "schema": schema },
        "text/csv": { "schema": { "type": "string" } },
        "application/vnd.apache.arrow.stream": { "schema": { "type": "string", "contentMediaType": "application/vnd.apache.arrow.stream" } },
    })
}

fn in_path(name: &str, description: &str, schema: Value, example: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema, "example": example })
}

fn in_query(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "query", "description": description, "schema": schema })
}

const SYMBOL: &str = "^[A-Za-z0-9.^=&_-]+$";

fn symbol() -> Value {
    let schema = json!({ "type": "string", "pattern": SYMBOL, "minLength": 1, "maxLength": Symbol::MAX_LEN });
    in_path("symbol", "A symbol of `/api/v1/stocks`, in any case.", schema, "AAPL")
}

fn model() -> Value {
    let schema = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]+$", "minLength": 1 });
    in_path("id", "A model; `current` is the one in use.", schema, "current")
}

/// What `from` and `to` take.
pub fn instant() -> Value {
    json!({ "description": "A moment. Dates, and times without an offset, are New York's.", "anyOf": [
        { "type": "integer", "format": "int64", "description": "Milliseconds since 1970; seconds, micro- and nanoseconds by their magnitude." },
        { "type": "string", "format": "date-time", "description": "RFC 3339; without an offset New York's." },
        { "type": "string", "format": "date", "description": "Midnight in New York." },
    ] })
}

fn range() -> Vec<Value> {
    let instant = json!({ "$ref": "#/components/schemas/Instant" });
    let intervals: Vec<&str> = Interval::ALL.into_iter().map(Interval::as_str).collect();
    vec![
        in_query(
            "interval",
            "Length of a bar.",
            json!({ "type": "string", "enum": intervals, "default": "1d" }),
        ),
        in_query("from", "First instant, inclusive.", instant.clone()),
        in_query("to", "Last instant, exclusive; later than `from`.", instant),
        in_query(
            "limit",
            "The newest so many bars.",
            json!({ "type": "integer", "minimum": 1, "maximum": MAX_BARS, "default": 500 }),
        ),
    ]
}

fn symbols() -> Value {
    let schema = json!({ "type": "string", "pattern": SYMBOL, "minLength": 1, "maxLength": Symbol::MAX_LEN });
    json!({
        "name": "symbols", "in": "query", "required": true, "style": "form", "explode": true,
        "description": "Symbols of `/api/v1/stocks`, in any case; also in one value, separated by commas.",
        "schema": { "type": "array", "minItems": 1, "maxItems": MAX_BARS_SYMBOLS, "uniqueItems": true, "items": schema },
    })
}

fn names() -> Value {
    json!({
        "name": "name", "in": "query", "required": true, "style": "form", "explode": true,
        "description": "Indicators of `/api/v1/indicators`, with or without parameters.",
        "schema": {
            "type": "array", "minItems": 1, "maxItems": MAX_INDICATORS,
            "items": tickwise_protocol::schema::indicator(),
        },
    })
}

fn format_parameter() -> Value {
    let schema = json!({ "type": "string", "enum": ["json", "csv", "arrow"] });
    in_query("format", "Instead of an `Accept` header.", schema)
}
