//! The public HTTP API, `/api/v1`.

mod bars_query;
mod indicators_query;
mod models;
mod respond;
mod stocks;
mod stream;

pub use bars_query::{BarsQuery, MAX_BARS};
pub use indicators_query::IndicatorsQuery;
pub use respond::respond;

use worker::{Env, Method, Request, Response};

use crate::error::EdgeError;

/// Answers a request.
///
/// # Errors
/// Only when the platform cannot even build a response.
pub async fn handle(request: Request, env: &Env) -> worker::Result<Response> {
    respond(route(request, env).await)
}

async fn route(request: Request, env: &Env) -> Result<Response, EdgeError> {
    if request.method() != Method::Get {
        return Err(EdgeError::MethodNotAllowed);
    }
    let path = request.path();
    let unknown = || EdgeError::UnknownPath(path.clone());
    let resource = path.strip_prefix("/api/v1/").ok_or_else(unknown)?;
    let segments: Vec<&str> = resource.split('/').collect();
    match segments.as_slice() {
        ["health"] => models::health(env).await,
        ["stocks"] => stocks::list(env).await,
        ["stocks", symbol, "bars"] => {
            BarsQuery::parse(&request.url()?)?;
            stocks::ask_feed(env, symbol, "bars", request.url()?.query()).await
        }
        ["stocks", symbol, "indicators"] => {
            IndicatorsQuery::parse(&request.url()?)?;
            stocks::ask_feed(env, symbol, "indicators", request.url()?.query()).await
        }
        ["indicators"] => Ok(Response::from_json(&tickwise_indicators::REGISTRY)?),
        ["predictions", symbol] => stocks::ask_feed(env, symbol, "prediction", None).await,
        ["models", id] => models::manifest(env, id).await,
        ["models", id, "golden"] => models::golden(env, id).await,
        ["stream"] => stream::open(request, env).await,
        _ => Err(unknown()),
    }
}
