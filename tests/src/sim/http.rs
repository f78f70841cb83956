//! The server: `/query` for clients, `/admin` for tests and people.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Query, State as Shared},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, DATE},
    },
    middleware::map_response_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Inner, Logged, Scripted, Settings, State,
    answers::{Answer, Question},
    doc::Doc,
    fault::{self, Fault},
    limits::Broken,
    notices,
};

/// Says that nothing here is real; the Worker marks every price with it.
const SIMULATED: &str = "x-simulated-vendor";

/// All routes.
pub fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/query", get(query).fallback(not_allowed))
        .route("/admin/settings", get(settings).patch(change_settings))
        .route("/admin/faults", post(add_fault).delete(clear_faults))
        .route("/admin/clock", get(clock).post(set_clock))
        .route("/admin/log", get(log).delete(clear_log))
        .layer(map_response_with_state(Arc::clone(&state), stamp))
        .with_state(state)
}

/// The market's time as the `Date` of every answer, also of those to unknown
/// paths: clients set their clocks by it.
async fn stamp(Shared(state): Shared<Arc<State>>, mut response: Response) -> Response {
    let market = Timestamp::from_millisecond(state.lock().clock.market_ms()).unwrap_or_default();
    if let Ok(date) = HeaderValue::from_str(&market.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        response.headers_mut().insert(DATE, date);
    }
    response.headers_mut().insert(SIMULATED, HeaderValue::from_static("1"));
    response
}

async fn not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({"detail": "Method \"POST\" not allowed."}))).into_response()
}

/// What is sent after the faults that concern its meaning.
struct Outgoing {
    body: Vec<u8>,
    is_csv: bool,
    fault: Option<Fault>,
    latency_ms: u64,
}

async fn query(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    if !(accept.contains("*/*") || accept.contains("json")) {
        let detail = json!({"detail": "Could not satisfy the request Accept header."});
        return (StatusCode::NOT_ACCEPTABLE, Json(detail)).into_response();
    }
    let outgoing = prepare(&state, &pairs);
    tokio::time::sleep(Duration::from_millis(outgoing.latency_ms)).await;
    send(outgoing).await
}

fn prepare(state: &State, pairs: &[(String, String)]) -> Outgoing {
    let parameters: BTreeMap<String, String> = pairs.iter().cloned().collect();
    let function = parameters.get("function").cloned().unwrap_or_default();
    let key = parameters.get("apikey").map(|key| key.trim().to_owned()).unwrap_or_default();
    let mut inner = state.lock();
    let inner = &mut *inner;
    inner.served += 1;
    let fault = fault::take(&mut inner.scripted, &function);
    let (answer, outcome) = match refusal(inner, &parameters, &function, &key, fault.as_ref()) {
        Some((doc, outcome)) => (Answer::Refusal(doc), outcome.to_owned()),
        None => answer(state, inner, &parameters, &function, fault.as_ref()),
    };
    let shown =
        pairs.iter().filter(|(name, _)| name != "apikey").map(|(name, value)| format!("{name}={value}"));
    let query = shown.collect::<Vec<_>>().join("&");
    let at_ms = inner.clock.wall_ms();
    inner.log.push(Logged { at_ms, function: function.clone(), query, key_known: !key.is_empty(), outcome });
    let wants_csv = parameters.get("datatype").is_some_and(|value| value == "csv");
    let (body, is_csv) = render(answer, &inner.settings, wants_csv, &function, fault.as_ref());
    Outgoing { body, is_csv, fault, latency_ms: inner.settings.latency_ms }
}

/// What is refused before the question is looked at.
fn refusal(
    inner: &mut Inner,
    parameters: &BTreeMap<String, String>,
    function: &str,
    key: &str,
    fault: Option<&Fault>,
) -> Option<(Doc, &'static str)> {
    let settings = &inner.settings;
    if key.is_empty() || settings.bad_keys.iter().any(|bad| bad == key) {
        return Some((notices::bad_key(), "bad_key"));
    }
    let every = settings.invalid_call_every;
    match inner.limits.count(key, inner.clock.wall_ms(), settings) {
        Some(Broken::Day) => return Some((notices::per_day(settings, key), "per_day")),
        Some(Broken::Second) => return Some((notices::per_second(settings), "per_second")),
        Some(Broken::Minute) => return Some((notices::per_minute(), "per_minute")),
        Some(Broken::Demo) => return Some((notices::demo_burst(), "per_second")),
        None => {}
    }
    let doc = match fault {
        Some(Fault::Information(text)) => notices::information(text),
        Some(Fault::Note(text)) => notices::note(text),
        Some(Fault::ErrorMessage(text)) => notices::error(text),
        Some(Fault::PerSecond) => notices::per_second(settings),
        Some(Fault::PerMinute) => notices::per_minute(),
        Some(Fault::PerDay) => notices::per_day(settings, key),
        Some(Fault::InvalidCall) => notices::invalid_call(function),
        Some(Fault::EmptyObject) => Doc::Object(vec![]),
        Some(Fault::Artificial) => notices::artificial(),
        Some(Fault::WrongTypes) => Doc::Object(vec![
            ("Global Quote".into(), Doc::List(vec![Doc::Raw("1".into())])),
            ("Meta Data".into(), Doc::Raw("7".into())),
            ("Time Series (Daily)".into(), Doc::List(vec![Doc::text("2030-01-02")])),
            ("data".into(), Doc::Raw("true".into())),
        ]),
        _ if every > 0 && inner.served.is_multiple_of(every) => notices::invalid_call(function),
        _ if key == "demo" && parameters.get("symbol").is_some_and(|symbol| symbol != "IBM") => {
            notices::demo_key()
        }
        _ => return None,
    };
    Some((doc, "fault"))
}

fn answer(
    state: &State,
    inner: &Inner,
    parameters: &BTreeMap<String, String>,
    function: &str,
    fault: Option<&Fault>,
) -> (Answer, String) {
    let mut parameters = parameters.clone();
    if fault == Some(&Fault::OtherSymbol) {
        let asked = parameters.get("symbol").cloned().unwrap_or_default();
        let other = state.market.stocks.keys().find(|symbol| **symbol != asked).cloned();
        parameters.insert("symbol".into(), other.unwrap_or_default());
    }
    let now_ms = recorded_ms(inner.clock.market_ms(), inner.settings.shift_weeks);
    let question =
        Question { market: &state.market, settings: &inner.settings, parameters: &parameters, now_ms };
    match question.answer(function) {
        Some(Answer::Refusal(doc)) => (Answer::Refusal(doc), "refused".into()),
        Some(answer) => (answer, if fault.is_some() { "fault" } else { "ok" }.into()),
        None => (Answer::Refusal(notices::no_such_function(function)), "no_function".into()),
    }
}

/// The recorded moment of a moment of the market: the same by New York's clocks, weeks before.
fn recorded_ms(market_ms: i64, shift_weeks: i64) -> i64 {
    use jiff::{Timestamp, ToSpan, tz};
    let zone = tz::get!("America/New_York");
    let moved = || {
        let local = zone.to_datetime(Timestamp::from_millisecond(market_ms).ok()?);
        let local = local.checked_sub((shift_weeks * 7).days()).ok()?;
        Some(zone.to_timestamp(local).ok()?.as_millisecond())
    };
    if shift_weeks == 0 { market_ms } else { moved().unwrap_or(market_ms) }
}

fn render(
    answer: Answer,
    settings: &Settings,
    wants_csv: bool,
    function: &str,
    fault: Option<&Fault>,
) -> (Vec<u8>, bool) {
    let is_csv_native = function == "LISTING_STATUS";
    let json = |doc: Doc| {
        let doc = settings.shuffle_seed.map_or_else(|| doc.clone(), |seed| doc.clone().shuffled(seed));
        (doc.pretty().into_bytes(), false)
    };
    let csv = |rows: Vec<Vec<String>>| {
        let end = if settings.lf { "\n" } else { "\r\n" };
        let lines = rows.iter().map(|row| format!("{}{end}", row.join(",")));
        (lines.collect::<String>().into_bytes(), true)
    };
    let letters = |header: &[String]| {
        let mut letters: Vec<String> = "Information".chars().map(String::from).collect();
        letters.resize(header.len(), String::new());
        vec![header.to_vec(), letters]
    };
    match answer {
        Answer::Rows(mut rows) => {
            if let Some(fault) = fault {
                rows.spoil(fault);
            }
            if settings.oldest_first {
                rows.rows.reverse();
            }
            match fault {
                Some(Fault::CsvLetters) => csv(letters(rows.csv().first().map_or(&[], Vec::as_slice))),
                _ if wants_csv => csv(rows.csv()),
                _ => json(rows.doc()),
            }
        }
        Answer::Table(_, rows) if fault == Some(&Fault::CsvLetters) => {
            csv(letters(rows.first().map_or(&[], Vec::as_slice)))
        }
        Answer::Table(_, rows) if wants_csv || is_csv_native => csv(rows),
        Answer::Refusal(_) if is_csv_native => {
            let header = "symbol,name,exchange,assetType,ipoDate,delistingDate,status";
            csv(letters(&header.split(',').map(str::to_owned).collect::<Vec<_>>()))
        }
        Answer::Table(doc, _) | Answer::Doc(doc) | Answer::Refusal(doc) => json(doc),
    }
}

async fn send(outgoing: Outgoing) -> Response {
    let Outgoing { mut body, is_csv, fault, .. } = outgoing;
    let mut status = StatusCode::OK;
    let mut content_type = if is_csv { "application/x-download" } else { "application/json" };
    match fault {
        Some(Fault::Html(code)) => {
            status = StatusCode::from_u16(code).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            content_type = "text/html";
            body = b"<!DOCTYPE html><html><head><title>Application Error</title></head></html>".into();
        }
        Some(Fault::Empty) => body.clear(),
        Some(Fault::Truncated(thousandths)) => body.truncate(body.len() * thousandths as usize / 1000),
        Some(Fault::Garbage) => body = (0..=255_u8).rev().cycle().take(1000).collect(),
        Some(Fault::Hang(ms)) => tokio::time::sleep(Duration::from_millis(ms)).await,
        Some(Fault::Drip(ms)) => {
            return (status, [(CONTENT_TYPE, content_type)], drip(body, ms)).into_response();
        }
        Some(Fault::Reset) => {
            body.truncate(body.len() / 2);
            let broken: [Result<Bytes, std::io::Error>; 2] =
                [Ok(body.into()), Err(std::io::ErrorKind::ConnectionReset.into())];
            // The error comes after the first part is on its way.
            let parts = stream::iter(broken).then(|part| async {
                tokio::task::yield_now().await;
                part
            });
            return (status, [(CONTENT_TYPE, content_type)], Body::from_stream(parts)).into_response();
        }
        _ => {}
    }
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}

fn drip(body: Vec<u8>, ms: u64) -> Body {
    let size = body.len().div_ceil(10).max(1);
    let pieces: Vec<Bytes> = body.chunks(size).map(Bytes::copy_from_slice).collect();
    Body::from_stream(stream::iter(pieces).then(move |piece| async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok::<_, std::io::Error>(piece)
    }))
}

async fn settings(Shared(state): Shared<Arc<State>>) -> Json<Settings> {
    Json(state.lock().settings.clone())
}

/// Changes the settings that the body names.
async fn change_settings(Shared(state): Shared<Arc<State>>, Json(change): Json<Value>) -> Response {
    let mut inner = state.lock();
    let changed = serde_json::to_value(&inner.settings).and_then(|mut all| {
        if let (Some(all), Some(change)) = (all.as_object_mut(), change.as_object()) {
            all.extend(change.clone());
        }
        serde_json::from_value::<Settings>(all)
    });
    match changed {
        Ok(settings) => {
            inner.settings = settings.clone();
            Json(settings).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn add_fault(Shared(state): Shared<Arc<State>>, Json(scripted): Json<Scripted>) -> StatusCode {
    state.lock().scripted.push(scripted);
    StatusCode::NO_CONTENT
}

async fn clear_faults(Shared(state): Shared<Arc<State>>) -> StatusCode {
    state.lock().scripted.clear();
    StatusCode::NO_CONTENT
}

/// `{"advance_ms": 60000}`, or `{"market": "2012-12-04T10:00", "speed": 60}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    #[serde(default)]
    advance_ms: i64,
    market: Option<jiff::civil::DateTime>,
    #[serde(default = "real_time")]
    speed: f64,
}

fn real_time() -> f64 {
    1.0
}

async fn clock(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    let inner = state.lock();
    Json(json!({"wall_ms": inner.clock.wall_ms(), "market_ms": inner.clock.market_ms()}))
}

async fn set_clock(state: Shared<Arc<State>>, Json(change): Json<ClockChange>) -> Json<Value> {
    {
        let clock = &mut state.lock().clock;
        clock.advance_ms(change.advance_ms);
        if let Some(market) = change.market {
            clock.set_market(market, change.speed);
        }
    }
    clock(state).await
}

async fn log(Shared(state): Shared<Arc<State>>) -> Json<Vec<Logged>> {
    Json(state.lock().log.clone())
}

async fn clear_log(Shared(state): Shared<Arc<State>>) -> StatusCode {
    state.lock().log.clear();
    StatusCode::NO_CONTENT
}
