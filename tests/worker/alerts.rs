//! Alerts fire once, whatever happens to the server, and only their token sees them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tickwise_protocol::{
    Problem,
    alerts::{Alert, AlertCreated, Alerts, Fired, MAX_ALERTS_PER_TOKEN, TOKEN_HEADER},
    stream::{ServerMessage, StreamErrorCode},
};
use tickwise_tests::{Client, Server, http, send, until};

/// Minutes close every 100 ms.
const FAST: [(&str, &str); 1] = [("REPLAY_SPEED", "600")];

async fn ask(
    server: &Server,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Value,
) -> Result<(StatusCode, Value)> {
    let mut request = http().request(method, server.url(path)).body(body.to_string());
    if let Some(token) = token {
        request = request.header(TOKEN_HEADER, token);
    }
    let response = send(request).await?;
    let status = response.status();
    let text = response.text().await?;
    Ok((status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).context(text)? }))
}

pub(crate) fn body(symbol: &str, condition: Value) -> Value {
    json!({ "symbol": symbol, "condition": condition })
}

fn price_above(value: f64) -> Value {
    json!({ "measure": "price", "is": "above", "value": value })
}

pub(crate) async fn create(server: &Server, token: Option<&str>, body: Value) -> Result<AlertCreated> {
    let (status, answer) = ask(server, Method::POST, "/api/v1/alerts", token, body).await?;
    assert_eq!(status, 201, "{answer}");
    Ok(serde_json::from_value(answer)?)
}

pub(crate) async fn list(server: &Server, token: &str) -> Result<Vec<Alert>> {
    let (status, answer) = ask(server, Method::GET, "/api/v1/alerts", Some(token), Value::Null).await?;
    assert_eq!(status, 200, "{answer}");
    Ok(serde_json::from_value::<Alerts>(answer)?.alerts)
}

async fn refusal(
    server: &Server,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Value,
) -> Result<(u16, String)> {
    let (status, answer) = ask(server, method, path, token, body).await?;
    let problem: Problem = serde_json::from_value(answer)?;
    Ok((status.as_u16(), problem.kind.trim_start_matches("/docs/problems#").to_owned()))
}

async fn listening(server: &Server, token: &str) -> Result<Client> {
    let mut client = Client::connect(server).await?;
    client.send(&json!({ "type": "authenticate", "token": token }).to_string()).await?;
    client.subscribe(&["IBM"], &[]).await?;
    Ok(client)
}

/// Alerts that come with the next quotes, so many at least of both.
async fn alerts_with(client: &mut Client, quotes: usize, least: usize) -> Result<Vec<Alert>> {
    let (mut seen, mut alerts) = (0, Vec::new());
    while seen < quotes || alerts.len() < least {
        match client.message().await? {
            ServerMessage::Alert(alert) => alerts.push(*alert),
            ServerMessage::Quote(_) => seen += 1,
            _ => {}
        }
    }
    Ok(alerts)
}

#[tokio::test]
async fn an_alert_belongs_to_its_token() -> Result<()> {
    let server = Server::start(&[]).await?;
    let made = create(&server, None, body("ibm", price_above(1e6))).await?;
    let second = create(&server, Some(&made.token), body("AAPL", price_above(1e6))).await?;
    assert_eq!(second.token, made.token);
    assert!(made.alert.expires_ms > made.alert.created_ms && made.alert.fired.is_none());
    assert_eq!(list(&server, &made.token).await?, [made.alert.clone(), second.alert.clone()]);

    let stranger = "0".repeat(64);
    assert_eq!(list(&server, &stranger).await?, []);
    let path = format!("/api/v1/alerts/{}", made.alert.id);
    let refused = refusal(&server, Method::DELETE, &path, Some(&stranger), Value::Null).await?;
    assert_eq!(refused, (404, "unknown-alert".into()));
    for token in [None, Some("secret")] {
        let refused = refusal(&server, Method::GET, "/api/v1/alerts", token, Value::Null).await?;
        assert_eq!(refused, (401, "no-alert-token".into()));
    }
    let (status, _) = ask(&server, Method::DELETE, &path, Some(&made.token), Value::Null).await?;
    assert_eq!(status, 204);
    assert_eq!(list(&server, &made.token).await?, [second.alert]);
    Ok(())
}

#[tokio::test]
async fn while_an_alert_waits_its_symbol_plays_on_though_nobody_listens() -> Result<()> {
    let server = Server::start(&FAST).await?;
    create(&server, None, body("IBM", price_above(1e6))).await?;
    // Nothing asks the Feed from here on: what is archived it has played by itself.
    let played = until("events of IBM in the archive", || async {
        let stored = server.archived("IBM").await.ok()?;
        stored.last().filter(|stored| stored.segment.last >= 300).map(|stored| stored.segment.last)
    });
    assert!(played.await? >= 300);
    Ok(())
}

#[tokio::test]
async fn what_nothing_can_meet_is_refused_and_numbers_are_limited() -> Result<()> {
    let server = Server::start(&[]).await?;
    for (body, kind) in [
        (body("NOPE", price_above(1.0)), (404, "unknown-symbol")),
        (body("IBM", price_above(-1.0)), (400, "bad-parameter")),
        (body("IBM", json!({ "measure": "luck", "is": "above", "value": 1 })), (400, "bad-parameter")),
        (body("IBM", json!({ "measure": "price", "is": "near", "value": 1 })), (400, "bad-body")),
        (body("IBM", json!({ "measure": "price" })), (400, "bad-body")),
        (json!({ "symbol": "x".repeat(2_000) }), (413, "body-too-large")),
    ] {
        let refused = refusal(&server, Method::POST, "/api/v1/alerts", None, body).await?;
        assert_eq!((refused.0, refused.1.as_str()), kind);
    }
    let first = create(&server, None, body("IBM", price_above(1e6))).await?;
    for number in 1..MAX_ALERTS_PER_TOKEN {
        let symbol = if number % 2 == 0 { "IBM" } else { "AAPL" };
        create(&server, Some(&first.token), body(symbol, price_above(1e6))).await?;
    }
    let more = body("GOOG", price_above(1e6));
    let refused = refusal(&server, Method::POST, "/api/v1/alerts", Some(&first.token), more).await?;
    assert_eq!(refused, (409, "too-many-alerts".into()));

    let mut client = Client::connect(&server).await?;
    client.send(&json!({ "type": "authenticate", "token": "mine" }).to_string()).await?;
    assert_eq!(client.error().await?.code, StreamErrorCode::BadToken);
    Ok(())
}

#[tokio::test]
async fn an_alert_fires_once_though_the_server_is_killed() -> Result<()> {
    let mut server = Server::start(&FAST).await?;
    let never = create(&server, None, body("IBM", price_above(1e6))).await?;
    let token = never.token.clone();
    // Both listen before there is anything to hear: alerts may fire sooner than a connection opens.
    let mut client = listening(&server, &token).await?;
    let mut stranger = listening(&server, &"0".repeat(64)).await?;
    client.quote().await?;
    let rsi = |is: &str| json!({ "measure": "rsi(2)", "interval": "1m", "is": is, "value": 50 });
    let day_change = json!({ "measure": "day_change", "is": "above", "value": -99 });
    for condition in [price_above(1.0), day_change, rsi("above"), rsi("below")] {
        create(&server, Some(&token), body("IBM", condition)).await?;
    }
    let mut told: BTreeMap<String, Fired> = BTreeMap::new();
    for round in 0..4 {
        // Price and change of the day are met by any quote.
        let least = if round == 0 { 2 } else { 0 };
        for alert in alerts_with(&mut client, 40, least).await? {
            let fired = alert.fired.unwrap();
            let before = told.insert(alert.id.clone(), fired.clone());
            assert!(before.is_none_or(|before| before == fired), "round {round}: {} fired again", alert.id);
        }
        server.kill();
        server.restart().await?;
        client = listening(&server, &token).await?;
    }
    let fired = until("all to have fired", || async {
        let alerts = list(&server, &token).await.ok()?;
        (alerts.iter().filter(|alert| alert.fired.is_some()).count() == 4).then_some(alerts)
    });
    for alert in fired.await? {
        match (alert.fired, told.get(&alert.id)) {
            (Some(fired), Some(told)) => assert_eq!(&fired, told),
            (fired, told) => assert!(told.is_none() && (fired.is_some() || alert.id == never.alert.id)),
        }
    }
    assert!(told.len() >= 2, "{told:?}");
    // A connection of before the first kill: it ends, and has seen no alert of another token.
    while let Ok(message) = stranger.message().await {
        assert!(!matches!(message, ServerMessage::Alert(_)));
    }
    Ok(())
}
