//! Every route of the OpenAPI description is asked, and every answer is one that it
//! describes; `cargo xtask fuzz-api` asks far more, with Schemathesis.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use boon::{Compiler, SchemaIndex, Schemas};
use reqwest::{Method, Response, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tickwise_protocol::{
    alerts::TOKEN_HEADER,
    routes::{Endpoint, ROUTES, Route},
};
use tickwise_tests::{
    Client, Server, http,
    sim::{Access, Options, Plan, Settings, Simulator},
};

const DOCUMENT: &str = "http://tickwise.invalid/openapi.json";
const METRICS_TOKEN: &str = "secret";

/// A request and the status that is expected.
struct Question {
    status: u16,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Question {
    fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }.with("content-type", "application/json")
    }

    async fn ask(self, server: &Server) -> Result<Response> {
        let mut request = http().request(self.method, server.url(&self.path));
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body.to_string());
        }
        Ok(request.send().await?)
    }
}

/// The description with its schemas.
struct Description {
    document: Value,
    schemas: Schemas,
    compiler: Compiler,
}

impl Description {
    async fn of(server: &Server) -> Result<Self> {
        Self::at(server, "/api/v1/openapi.json").await
    }

    async fn at(server: &Server, path: &str) -> Result<Self> {
        let document: Value = server.get(path).await?;
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        compiler.add_resource(DOCUMENT, document.clone()).map_err(|error| anyhow::anyhow!("{error}"))?;
        Ok(Self { document, schemas: Schemas::new(), compiler })
    }

    /// Refuses an answer that the route does not describe: status, type, headers, content.
    async fn check(&mut self, route: &Route, response: Response) -> Result<()> {
        let status = response.status().as_u16();
        let pointer = format!("/paths/{}/{}", escaped(route.path), route.method.as_str().to_lowercase());
        let at = self.followed(format!("{pointer}/responses/{status}"))?;
        let described = self.document.pointer(&at).context("not described")?.clone();
        for (name, header) in described["headers"].as_object().into_iter().flatten() {
            let is_there = response.headers().contains_key(name);
            ensure!(is_there || header["required"] != true, "{name} is missing");
        }
        let Some(kind) = response.headers().get(CONTENT_TYPE) else {
            let is_empty = described["content"].as_object().is_none_or(serde_json::Map::is_empty);
            ensure!(is_empty, "an answer of {status} has no content");
            return Ok(());
        };
        let kind = kind.to_str()?.to_owned();
        let types: Vec<&String> =
            described["content"].as_object().map(|kinds| kinds.keys().collect()).unwrap_or_default();
        let plain = kind.split("; charset").next().unwrap_or(&kind);
        let known = types.iter().find(|known| **known == &kind || **known == plain);
        let known = known.with_context(|| format!("{status} has the type {kind:?}, not of {types:?}"))?;
        if known.contains("json") {
            let schema = self.schema(&format!("{at}/content/{}/schema", escaped(known)))?;
            let content: Value = response.json().await?;
            let valid = self.schemas.validate(&content, schema);
            valid.map_err(|error| anyhow::anyhow!("{status}: {error:#}\n{content:#}"))?;
        }
        Ok(())
    }

    /// Where a pointer leads, through a reference if there is one.
    fn followed(&self, pointer: String) -> Result<String> {
        let found = self.document.pointer(&pointer).with_context(|| format!("{pointer} is not described"))?;
        Ok(found["$ref"].as_str().map_or(pointer, |reference| reference.trim_start_matches('#').into()))
    }

    fn schema(&mut self, pointer: &str) -> Result<SchemaIndex> {
        let location = format!("{DOCUMENT}#{pointer}");
        let compiled = self.compiler.compile(&location, &mut self.schemas);
        compiled.map_err(|error| anyhow::anyhow!("{location}: {error}"))
    }
}

/// A key in a JSON pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// What each route is asked: once so that it can answer, and where it can refuse, so that it does.
fn questions(route: &Route, token: &str) -> Vec<Question> {
    let ask = |status: u16, path: &str| Question {
        status,
        method: Method::from_bytes(route.method.as_str().as_bytes()).unwrap(),
        path: path.to_owned(),
        headers: Vec::new(),
        body: None,
    };
    let alert = |symbol: &str| json!({ "symbol": symbol, "condition": { "measure": "price", "is": "above", "value": 1e6 } });
    match route.endpoint {
        Endpoint::Health
        | Endpoint::Description
        | Endpoint::StreamDescription
        | Endpoint::Stocks
        | Endpoint::IndicatorList
        | Endpoint::Models
        | Endpoint::Status
        | Endpoint::Market => vec![ask(200, route.path)],
        Endpoint::Stock => vec![ask(200, "/api/v1/stocks/IBM"), ask(404, "/api/v1/stocks/NONE")],
        Endpoint::Bars => vec![
            ask(200, "/api/v1/stocks/IBM/bars?interval=5m&limit=3"),
            ask(200, "/api/v1/stocks/IBM/bars?format=csv"),
            ask(200, "/api/v1/stocks/IBM/bars").with("accept", "application/vnd.apache.arrow.stream"),
            ask(200, "/api/v1/stocks/IBM/bars?to=2001-01-01"),
            ask(304, "/api/v1/stocks/IBM/bars").with("if-none-match", "*"),
            ask(206, "/api/v1/stocks/IBM/bars?format=csv").with("range", "bytes=0-9"),
            ask(416, "/api/v1/stocks/IBM/bars?format=csv").with("range", "bytes=999999-"),
            ask(400, "/api/v1/stocks/IBM/bars?limit=0"),
            ask(404, "/api/v1/stocks/NONE/bars"),
            ask(406, "/api/v1/stocks/IBM/bars").with("accept", "image/png"),
        ],
        Endpoint::ManyBars => vec![
            ask(200, "/api/v1/bars?symbols=IBM&symbols=NONE&limit=3"),
            ask(200, "/api/v1/bars?symbols=IBM,AAPL&interval=5m&limit=3"),
            ask(400, "/api/v1/bars?symbols=IBM,IBM"),
        ],
        Endpoint::Indicators => vec![
            ask(200, "/api/v1/stocks/IBM/indicators?name=rsi(14)&name=bollinger&limit=3"),
            ask(400, "/api/v1/stocks/IBM/indicators?name=rsi(0)"),
            ask(404, "/api/v1/stocks/NONE/indicators?name=rsi"),
            ask(406, "/api/v1/stocks/IBM/indicators?name=rsi").with("accept", "image/png"),
        ],
        Endpoint::Prediction => {
            vec![ask(200, "/api/v1/predictions/IBM"), ask(404, "/api/v1/predictions/NONE")]
        }
        Endpoint::Predictions => vec![
            ask(200, route.path).body(json!({ "symbols": ["IBM", "NONE"] })),
            ask(400, route.path).body(json!({ "symbols": ["IBM", "IBM"] })),
            ask(413, route.path).body(json!({ "symbols": ["X".repeat(10_000)] })),
        ],
        Endpoint::Record => vec![
            ask(200, "/api/v1/predictions/IBM/record"),
            ask(200, "/api/v1/predictions/IBM/record?format=text"),
            ask(200, "/api/v1/predictions/IBM/record").with("accept", "text/plain"),
            ask(400, "/api/v1/predictions/IBM/record?limit=-1"),
            ask(404, "/api/v1/predictions/NONE/record"),
            ask(406, "/api/v1/predictions/IBM/record").with("accept", "image/png"),
        ],
        Endpoint::CreateAlert => vec![
            ask(201, route.path).with(TOKEN_HEADER, token).body(alert("IBM")),
            ask(400, route.path).body(json!({ "symbol": "IBM" })),
            ask(400, route.path).body(json!({
                "symbol": "IBM", "condition": { "measure": "price", "is": "above", "value": 1, "interval": "1d" },
            })),
            ask(401, route.path).with(TOKEN_HEADER, "none").body(alert("IBM")),
            ask(404, route.path).body(alert("NONE")),
            ask(413, route.path).body(json!({ "symbol": "X".repeat(10_000) })),
        ],
        Endpoint::Alerts => vec![ask(200, route.path).with(TOKEN_HEADER, token), ask(401, route.path)],
        Endpoint::DeleteAlert => vec![
            ask(404, "/api/v1/alerts/0123456789abcdef-IBM").with(TOKEN_HEADER, token),
            ask(401, "/api/v1/alerts/0123456789abcdef-IBM"),
        ],
        Endpoint::Model => vec![ask(200, "/api/v1/models/current"), ask(404, "/api/v1/models/none")],
        Endpoint::Golden => {
            vec![ask(200, "/api/v1/models/current/golden"), ask(404, "/api/v1/models/none/golden")]
        }
        // A replay has no vendor; that of the other test answers.
        Endpoint::Movers => vec![ask(409, route.path)],
        Endpoint::Search => vec![ask(409, "/api/v1/search?q=apple"), ask(400, "/api/v1/search")],
        Endpoint::Overview => vec![ask(409, "/api/v1/stocks/IBM/overview")],
        Endpoint::News => vec![ask(409, "/api/v1/stocks/IBM/news")],
        // The tests of the stream are those of 101.
        Endpoint::Stream => vec![ask(426, route.path)],
        Endpoint::Metrics => vec![
            ask(200, route.path).with("authorization", &format!("Bearer {METRICS_TOKEN}")),
            ask(401, route.path),
        ],
    }
}

#[tokio::test]
async fn every_route_answers_as_described() -> Result<()> {
    let server = Server::start(&[("METRICS_TOKEN", METRICS_TOKEN)]).await?;
    let mut description = Description::of(&server).await?;
    let token = "0123456789abcdef".repeat(4);
    let mut asked = BTreeSet::new();
    for route in ROUTES {
        for question in questions(route, &token) {
            let (status, name) = (question.status, format!("{} {}", question.method, question.path));
            let response = question.ask(&server).await?;
            assert_eq!(response.status(), status, "{name}: {}", response.text().await?);
            description.check(route, response).await.context(name)?;
        }
        asked.insert((route.method.as_str(), route.path));
    }
    let described = description.document["paths"].as_object().unwrap().iter();
    let described: usize = described.map(|(_, item)| item.as_object().unwrap().len()).sum();
    assert_eq!(asked.len(), described);

    // What was made can be forgotten, once.
    let created = Route { ..*ROUTES.iter().find(|route| route.endpoint == Endpoint::Alerts).unwrap() };
    let alerts = questions(&created, &token).remove(0).ask(&server).await?;
    let id = alerts.json::<Value>().await?["alerts"][0]["id"].as_str().unwrap().to_owned();
    let delete = ROUTES.iter().find(|route| route.endpoint == Endpoint::DeleteAlert).unwrap();
    for status in [204, 404] {
        let mut question = questions(delete, &token).remove(0);
        question.path = format!("/api/v1/alerts/{id}");
        let response = question.ask(&server).await?;
        assert_eq!(response.status(), status);
        description.check(delete, response).await?;
    }
    Ok(())
}

/// The message of AsyncAPI that a text is, held to its schema; its name.
fn check_message(stream: &mut Description, text: &str) -> Result<String> {
    let message: Value = serde_json::from_str(text)?;
    let name = message["type"].as_str().context("no type")?.to_owned();
    let schema = stream.schema(&format!("/components/messages/{name}/payload"))?;
    let valid = stream.schemas.validate(&message, schema);
    valid.map_err(|error| anyhow::anyhow!("{error:#}\n{message:#}"))?;
    Ok(name)
}

#[tokio::test]
async fn every_message_of_the_stream_is_as_described() -> Result<()> {
    let server = Server::start(&[("REPLAY_SPEED", "3000"), ("REPLAY_FROM", "2013-01-02")]).await?;
    let mut stream = Description::at(&server, "/api/v1/asyncapi.json").await?;
    let token = "0123456789abcdef".repeat(4);
    let sent = [
        json!({ "type": "subscribe", "symbols": ["AAPL"] }),
        json!({ "type": "subscribe", "symbols": ["IBM"], "since": { "IBM": 1042 } }),
        json!({ "type": "subscribe", "symbols": ["FB"], "since": { "FB": { "epoch": 3, "seq": 1042 } } }),
        json!({ "type": "unsubscribe", "symbols": ["FB"] }),
        json!({ "type": "authenticate", "token": token }),
        json!({ "type": "ping" }),
        json!({ "type": "ack", "seqs": { "AAPL": 1 } }),
    ];
    let alert = json!({ "symbol": "AAPL", "condition": { "measure": "price", "is": "above", "value": 1 } });
    let created =
        http().post(server.url("/api/v1/alerts")).header(TOKEN_HEADER, &token).body(alert.to_string());
    assert_eq!(created.send().await?.status(), 201);
    let mut client = Client::connect(&server).await?;
    for message in &sent {
        check_message(&mut stream, &message.to_string())?;
        client.send(&message.to_string()).await?;
    }
    client.send("?").await?;
    let mut awaited: BTreeSet<&str> =
        ["snapshot", "quote", "bar", "forecast", "alert", "status", "pong", "error"].into();
    let mut acknowledged = 0;
    while !awaited.is_empty() {
        let text = client.text().await?;
        awaited.remove(check_message(&mut stream, &text)?.as_str());
        let message: Value = serde_json::from_str(&text)?;
        let seq = message["seq"].as_u64().filter(|_| message["symbol"] == "AAPL").unwrap_or(0);
        if seq >= acknowledged + 100 {
            acknowledged = seq;
            client.acknowledge(&[("AAPL", seq)]).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn with_a_live_source_too() -> Result<()> {
    let settings = Settings {
        plan: Plan::Premium(1200),
        access: Access::Realtime,
        premium_per_second: 1_000,
        ..Settings::default()
    };
    let vendor = Simulator::start(Options { settings, ..Options::default() }).await?;
    let url = vendor.url();
    let server = Server::start(&[
        ("ALPHAVANTAGE_API_KEY", "SIMULATED"),
        ("ALPHAVANTAGE_URL", &url),
        ("ALPHAVANTAGE_PLAN", "premium1200"),
        ("ALPHAVANTAGE_ENTITLEMENT", "realtime"),
        ("SYMBOLS", "AAPL,IBM"),
    ])
    .await?;
    let mut description = Description::of(&server).await?;
    for (endpoint, path) in [
        (Endpoint::Stocks, "/api/v1/stocks"),
        (Endpoint::Stock, "/api/v1/stocks/IBM"),
        (Endpoint::Status, "/api/v1/status"),
        (Endpoint::Market, "/api/v1/market"),
        (Endpoint::Movers, "/api/v1/movers"),
        (Endpoint::Search, "/api/v1/search?q=apple"),
        (Endpoint::Overview, "/api/v1/stocks/IBM/overview"),
        (Endpoint::News, "/api/v1/stocks/IBM/news"),
    ] {
        let response = http().get(server.url(path)).send().await?;
        assert_eq!(response.status(), 200, "{path}: {}", response.text().await?);
        let route = ROUTES.iter().find(|route| route.endpoint == endpoint).unwrap();
        description.check(route, response).await.context(path)?;
    }
    Ok(())
}
