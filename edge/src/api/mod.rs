//! The public HTTP API, `/api/v1`.

mod bars_query;
mod indicators_query;
mod models;
mod respond;
mod stocks;
mod stream;

pub use bars_query::BarsQuery;
pub use indicators_query::IndicatorsQuery;
pub use respond::respond;
pub use stream::client_address;

use tickwise_protocol::routes::{self, Endpoint, NoRoute};
use worker::{Env, Headers, Request, Response};

use crate::{assets, error::EdgeError};

/// Answers a request.
///
/// # Errors
/// Only when the platform cannot even build a response.
pub async fn handle(request: Request, env: &Env) -> worker::Result<Response> {
    respond(answer(request, env).await)
}

async fn answer(request: Request, env: &Env) -> Result<Response, EdgeError> {
    // The crate's own `Method` takes methods that it does not know for GET.
    let (method, path) = (request.inner().method(), request.path());
    let (route, parameters) = routes::find(&method, &path).map_err(|reason| match reason {
        NoRoute::UnknownPath => EdgeError::UnknownPath(path.clone()),
        NoRoute::MethodNotAllowed => EdgeError::MethodNotAllowed { allow: routes::allowed(&path) },
    })?;
    call(route.endpoint, &parameters, request, env).await
}

/// The handler of each endpoint.
async fn call(
    endpoint: Endpoint,
    parameters: &[String],
    request: Request,
    env: &Env,
) -> Result<Response, EdgeError> {
    // A route's path has as many parameters as its handler takes.
    let parameter = parameters.first().map_or("", String::as_str);
    match endpoint {
        Endpoint::Health => models::health(env).await,
        Endpoint::Description => description(env).await,
        Endpoint::Stocks => stocks::list(env).await,
        Endpoint::Stock => stocks::one(env, parameter).await,
        Endpoint::Bars => {
            BarsQuery::parse(&request.url()?)?;
            stocks::ask_feed(env, parameter, "bars", request.url()?.query()).await
        }
        Endpoint::Indicators => {
            IndicatorsQuery::parse(&request.url()?)?;
            stocks::ask_feed(env, parameter, "indicators", request.url()?.query()).await
        }
        Endpoint::IndicatorList => Ok(Response::from_json(&tickwise_indicators::REGISTRY)?),
        Endpoint::Prediction => stocks::ask_feed(env, parameter, "prediction", None).await,
        Endpoint::Model => models::manifest(env, parameter).await,
        Endpoint::Golden => models::golden(env, parameter).await,
        Endpoint::Stream => stream::open(request, env).await,
    }
}

/// `GET /api/v1/openapi.json`: made by `cargo xtask build` from the same types.
async fn description(env: &Env) -> Result<Response, EdgeError> {
    let bytes = assets::read(env, "/api/v1/openapi.json").await?;
    let bytes = bytes.ok_or_else(|| EdgeError::UnknownPath("/api/v1/openapi.json".into()))?;
    let headers = Headers::new();
    headers.set("content-type", "application/vnd.oai.openapi+json;version=3.1")?;
    Ok(Response::from_bytes(bytes)?.with_headers(headers))
}
