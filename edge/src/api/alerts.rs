//! Alerts over HTTP; `live/alerts.rs` keeps and evaluates them.

use futures_util::future::try_join_all;
use sha2::{Digest, Sha256};
use tickwise_market::Symbol;
use tickwise_protocol::alerts::{
    ALERT_DAYS, Alert, AlertCreated, AlertRequest, Alerts, MAX_ALERTS_PER_TOKEN, TOKEN_HEADER,
};
use worker::{Date, Env, Request, Response};

use super::{body, stocks::ask_known_feed};
use crate::{error::EdgeError, live::AlertsCall, source::Served};

/// The longest condition needs a third of this.
const MAX_BODY_BYTES: usize = 1_024;

const DAY_MS: i64 = 86_400_000;

/// `POST /api/v1/alerts`: an alert, and with the first of them a token.
pub async fn create(request: Request, env: &Env) -> Result<Response, EdgeError> {
    let given = token(&request)?;
    let malformed = |error: serde_json::Error| EdgeError::BadBody(error.to_string());
    let body = body::read(request, MAX_BODY_BYTES).await?;
    let AlertRequest { symbol, condition } = serde_json::from_slice(&body).map_err(malformed)?;
    condition
        .watch()
        .map_err(|error| EdgeError::BadParameter { parameter: "condition", detail: error.to_string() })?;
    Served::load(env).await?.expect(env, &symbol).await?;
    if let Some(token) = &given
        && all(env, &owner(token)).await?.len() >= MAX_ALERTS_PER_TOKEN
    {
        return Err(EdgeError::TooManyAlerts { allowed: MAX_ALERTS_PER_TOKEN, of: "token" });
    }
    let token = given.map_or_else(random_hex::<32>, Ok)?;
    let created_ms = i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX);
    let alert = Alert {
        // Tells which Feed has it.
        id: format!("{}-{symbol}", random_hex::<8>()?),
        symbol: symbol.clone(),
        condition,
        created_ms,
        expires_ms: created_ms + i64::from(ALERT_DAYS) * DAY_MS,
        fired: None,
    };
    let call = AlertsCall::Create { owner: owner(&token), alert };
    match ask(env, &symbol, &call).await? {
        Ok(alerts) => {
            let alert = alerts.into_iter().next().ok_or_else(|| EdgeError::BadBody("no alert".into()))?;
            Ok(Response::from_json(&AlertCreated { token, alert })?.with_status(201))
        }
        Err(refusal) => Ok(refusal),
    }
}

/// `GET /api/v1/alerts`: all of a token.
pub async fn list(request: &Request, env: &Env) -> Result<Response, EdgeError> {
    let token = token(request)?.ok_or(EdgeError::NoAlertToken)?;
    Ok(Response::from_json(&Alerts { alerts: all(env, &owner(&token)).await? })?)
}

/// `DELETE /api/v1/alerts/{id}`.
pub async fn delete(request: &Request, env: &Env, id: &str) -> Result<Response, EdgeError> {
    let token = token(request)?.ok_or(EdgeError::NoAlertToken)?;
    let unknown = || EdgeError::UnknownAlert(id.to_owned());
    let (_, symbol) = id.split_once('-').ok_or_else(unknown)?;
    let symbol: Symbol = symbol.parse().map_err(|_| unknown())?;
    Served::load(env).await?.expect(env, &symbol).await.map_err(|_| unknown())?;
    let call = AlertsCall::Delete { owner: owner(&token), id: id.to_owned() };
    match ask(env, &symbol, &call).await? {
        Ok(_) => Ok(Response::empty()?.with_status(204)),
        Err(refusal) => Ok(refusal),
    }
}

/// What is kept instead of a token: nobody can use what is stored.
pub fn owner(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Whether a text has the form of a token.
pub fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn token(request: &Request) -> Result<Option<String>, EdgeError> {
    match request.headers().get(TOKEN_HEADER)? {
        Some(token) if is_token(&token) => Ok(Some(token)),
        Some(_) => Err(EdgeError::NoAlertToken),
        None => Ok(None),
    }
}

/// The alerts of an owner on all symbols, oldest first.
async fn all(env: &Env, owner: &str) -> Result<Vec<Alert>, EdgeError> {
    let call = AlertsCall::List { owner: owner.to_owned() };
    let served = Served::load(env).await?.all(env).await?;
    let asked = served.iter().map(|named| ask(env, &named.symbol, &call));
    let mut alerts: Vec<Alert> = try_join_all(asked).await?.into_iter().flatten().flatten().collect();
    alerts.sort_by_key(|alert| alert.created_ms);
    Ok(alerts)
}

/// A Feed's alerts, or its refusal.
async fn ask(
    env: &Env,
    symbol: &Symbol,
    call: &AlertsCall,
) -> Result<Result<Vec<Alert>, Response>, EdgeError> {
    let mut response = ask_known_feed(env, symbol, "alerts", call).await?;
    if response.status_code() == 200 { Ok(Ok(response.json().await?)) } else { Ok(Err(response)) }
}

fn random_hex<const BYTES: usize>() -> Result<String, EdgeError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| worker::Error::RustError(error.to_string()))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
