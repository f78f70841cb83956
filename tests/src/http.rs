//! Requests to a server that runs under `wrangler dev`.
//!
//! Its proxy keeps connections to workerd. Where one of them closes just as a
//! request is handed to it, the proxy holds a GET until the next request comes,
//! which in a test may be never, and refuses everything else with 503.

use std::{future::Future, pin::pin, time::Duration};

use anyhow::{Context, Result};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use tokio::time::timeout;

use crate::{PATIENCE, within};

/// After so long without an answer another request frees the one that the proxy may hold.
const NUDGE: Duration = Duration::from_secs(3);

/// A client that gives up on an answer after [`PATIENCE`].
pub fn http() -> Client {
    // Fails only where the platform has no TLS; the tests speak plain HTTP.
    Client::builder().timeout(PATIENCE).build().unwrap_or_default()
}

/// The answer to a GET.
///
/// # Errors
/// When there is none.
pub async fn get(url: impl AsRef<str>) -> Result<Response> {
    send(http().get(url.as_ref())).await
}

/// The answer to any request.
///
/// # Errors
/// When there is none, or its body cannot be sent again.
pub async fn send(request: RequestBuilder) -> Result<Response> {
    let request = request.build()?;
    loop {
        let again = request.try_clone().context("a body that can be sent once only")?;
        let response = nudged(request.url().as_str(), http().execute(again)).await??;
        let is_ours =
            response.headers().get("content-type").is_some_and(|kind| kind == "application/problem+json");
        if response.status() != StatusCode::SERVICE_UNAVAILABLE || is_ours {
            return Ok(response);
        }
    }
}

/// Waits for the answer to a request for `url`, and sends others meanwhile.
///
/// # Errors
/// After [`PATIENCE`].
pub async fn nudged<T>(url: &str, waiting: impl Future<Output = T>) -> Result<T> {
    let mut other = Url::parse(&url.replacen("ws:", "http:", 1))?;
    other.set_path("/");
    other.set_query(None);
    let mut waiting = pin!(waiting);
    let nudging = async {
        loop {
            match timeout(NUDGE, &mut waiting).await {
                Ok(answer) => return answer,
                Err(_) => drop(tokio::spawn(http().head(other.clone()).send())),
            }
        }
    };
    within(url, nudging).await
}
