//! The REST API.

use std::fmt;

use gloo_net::http::Request;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use tickwise_forecast::Manifest;
use tickwise_market::{Interval, Symbol};
use tickwise_protocol::{
    Problem,
    rest::{Bars, Forecast, Stock},
    service::ServiceStatus,
};

/// Why a request gave nothing, in words for people.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchError(pub String);

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a request gave: nothing until it is answered, then the newest answer.
pub type Answer<T> = RwSignal<Option<Result<T, FetchError>>>;

/// Sends a request, whose answer nobody needs once the page has been left. A
/// `LocalResource` does the same in many times the bytes.
pub fn ask<T: Send + Sync + 'static>(
    answer: Answer<T>,
    request: impl Future<Output = Result<T, FetchError>> + 'static,
) {
    leptos::task::spawn_local(async move {
        let told = request.await;
        let _ = answer.try_set(Some(told));
    });
}

/// All symbols.
pub async fn stocks() -> Result<Vec<Stock>, FetchError> {
    get("/api/v1/stocks").await
}

/// The newest bars of a symbol.
pub async fn bars(symbol: &Symbol, interval: Interval, limit: usize) -> Result<Bars, FetchError> {
    get(&format!("/api/v1/stocks/{symbol}/bars?interval={interval}&limit={limit}")).await
}

/// The forecast of a symbol.
pub async fn forecast(symbol: &Symbol) -> Result<Forecast, FetchError> {
    get(&format!("/api/v1/predictions/{symbol}")).await
}

/// How the forecasts of a symbol have done, in words.
pub async fn record(symbol: &Symbol) -> Result<String, FetchError> {
    get_text(&format!("/api/v1/predictions/{symbol}/record?format=text")).await
}

/// The manifest of the model in use.
pub async fn model() -> Result<Manifest, FetchError> {
    get("/api/v1/models/current").await
}

/// What the live source spends and knows.
pub async fn status() -> Result<ServiceStatus, FetchError> {
    get("/api/v1/status").await
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, FetchError> {
    let text = get_text(path).await?;
    serde_json::from_str(&text).map_err(|error| FetchError(format!("The answer cannot be read: {error}.")))
}

/// One body for all types, since each would be downloaded by everyone.
async fn get_text(path: &str) -> Result<String, FetchError> {
    let offline = |_| FetchError("The server cannot be reached.".into());
    let response = Request::get(path).send().await.map_err(offline)?;
    let text = response.text().await.map_err(offline)?;
    if !response.ok() {
        let problem = serde_json::from_str::<Problem>(&text).ok();
        let detail = problem.and_then(|problem| problem.detail.or(Some(problem.title)));
        return Err(FetchError(
            detail.unwrap_or_else(|| format!("The server answered {}.", response.status())),
        ));
    }
    Ok(text)
}
