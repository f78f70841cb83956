//! The public HTTP API: [`tickwise_protocol::routes`] says what there is.

pub mod alerts;
mod bars_query;
mod bench;
mod bench_inference;
mod body;
mod cors;
mod exchange;
mod format;
mod indicators_query;
mod instant;
mod live;
mod many_bars;
mod metrics;
mod models;
mod negotiation;
mod predictions;
mod query;
mod range;
mod rate_limit;
mod record_query;
mod respond;
mod stocks;
mod stream;
mod table;

pub use bars_query::BarsQuery;
pub use format::Format;
pub use indicators_query::IndicatorsQuery;
pub use record_query::RecordQuery;
pub use respond::{respond, respond_in};
pub use stocks::poke_feeds;
pub use stream::client_network;
pub use table::{Table, Tabular};

use tickwise_protocol::routes::{self, Endpoint, NoRoute, Route};
use worker::{Date, Env, Headers, Request, Response};

use crate::{assets, config, error::EdgeError, live::scheduler};
use cors::Cors;
use exchange::Exchange;

/// Answers a request.
///
/// # Errors
/// Only when the platform cannot even build a response.
pub async fn handle(request: Request, env: &Env) -> worker::Result<Response> {
    let exchange = Exchange::begin(&request, config::access_token(env).is_some())?;
    if let (Some(task), true) = (exchange.path.strip_prefix("/api/bench/"), config::is_bench(env)) {
        return respond(bench_inference::run(task, request, env).await);
    }
    let cors = Cors::from_env(env);
    let allow = routes::allowed(&exchange.path);
    if exchange.method == "OPTIONS" && !allow.is_empty() {
        return exchange.end(None, exchange.options(&allow)?, &cors).await;
    }
    let found = routes::find(&exchange.method, &exchange.path).map_err(|reason| match reason {
        NoRoute::UnknownPath => EdgeError::UnknownPath(exchange.path.clone()),
        NoRoute::MethodNotAllowed => EdgeError::MethodNotAllowed { allow },
    });
    if exchange.path == bench::PATH && config::is_bench(env) {
        return exchange.end(None, respond(bench::publish(request, env).await)?, &cors).await;
    }
    let route = found.as_ref().ok().map(|(route, _)| *route);
    let allowed = limit(&exchange, env).and_then(|()| authorize(&request, env));
    let outcome = match (allowed, found) {
        (Err(error), _) | (_, Err(error)) => Err(error),
        (Ok(()), Ok((route, parameters))) => call(route, &parameters, request, env, &cors).await,
    };
    exchange.end(route, respond(outcome)?, &cors).await
}

/// Refuses whoever does not know `ACCESS_TOKEN`, where that setting is made: the
/// vendor's prices may not be shown to everybody.
fn authorize(request: &Request, env: &Env) -> Result<(), EdgeError> {
    match config::access_token(env) {
        // Health tells nothing of prices, and metrics have a token of their own.
        Some(token) if !["/api/v1/health", "/metrics"].contains(&request.path().as_str()) => {
            metrics::expect_bearer(request, &token)
        }
        _ => Ok(()),
    }
}

/// Refuses an address that asks too often.
fn limit(exchange: &Exchange, env: &Env) -> Result<(), EdgeError> {
    let per_minute = config::rate_limit_per_minute(env)?;
    match &exchange.address {
        Some(address) if per_minute > 0 => rate_limit::check(address, per_minute, Date::now().as_millis()),
        _ => Ok(()),
    }
}

/// The handler of each endpoint.
async fn call(
    route: &Route,
    parameters: &[String],
    request: Request,
    env: &Env,
    cors: &Cors,
) -> Result<Response, EdgeError> {
    query::check(route, &request.url()?)?;
    // A route's path has as many parameters as its handler takes.
    let parameter = parameters.first().map_or("", String::as_str);
    match route.endpoint {
        Endpoint::Health => models::health(env).await,
        Endpoint::Description => {
            description(env, route.path, "application/vnd.oai.openapi+json;version=3.1").await
        }
        Endpoint::StreamDescription => {
            description(env, route.path, "application/vnd.aai.asyncapi+json;version=3.0.0").await
        }
        Endpoint::Stocks => stocks::list(env).await,
        Endpoint::Stock => stocks::one(env, parameter).await,
        Endpoint::Bars => {
            let query = BarsQuery::parse(&request.url()?, request.headers().get("accept")?.as_deref())?;
            stocks::ask_feed(env, parameter, "bars", &query).await
        }
        Endpoint::Indicators => {
            let query = IndicatorsQuery::parse(&request.url()?, request.headers().get("accept")?.as_deref())?;
            stocks::ask_feed(env, parameter, "indicators", &query).await
        }
        Endpoint::ManyBars => many_bars::answer(&request, env).await,
        Endpoint::IndicatorList => Ok(Response::from_json(&tickwise_indicators::REGISTRY)?),
        Endpoint::Prediction => stocks::ask_feed(env, parameter, "prediction", &()).await,
        Endpoint::Predictions => predictions::many(request, env).await,
        Endpoint::Record => {
            let query = RecordQuery::parse(&request.url()?, request.headers().get("accept")?.as_deref())?;
            stocks::ask_feed(env, parameter, "record", &query).await
        }
        Endpoint::CreateAlert => alerts::create(request, env).await,
        Endpoint::Alerts => alerts::list(&request, env).await,
        Endpoint::DeleteAlert => alerts::delete(&request, env, parameter).await,
        Endpoint::Models => models::list(env).await,
        Endpoint::Model => models::manifest(env, parameter).await,
        Endpoint::Golden => models::golden(env, parameter).await,
        Endpoint::Metrics => metrics::answer(&request, env).await,
        Endpoint::Status => scheduler::status(env).await,
        Endpoint::Market => Ok(Response::from_json(&scheduler::market_hours(scheduler::now_ms()))?),
        Endpoint::Movers => scheduler::ask(env, &tickwise_scheduler::Request::Movers).await,
        Endpoint::Search => live::search(&request, env).await,
        Endpoint::Overview => live::overview(env, parameter).await,
        Endpoint::News => live::news(env, parameter).await,
        Endpoint::Stream => stream::open(request, env, cors).await,
    }
}

/// A description of the API: made by `cargo xtask build` from the same types.
async fn description(env: &Env, path: &str, content_type: &str) -> Result<Response, EdgeError> {
    let bytes = assets::read(env, path).await?.ok_or_else(|| EdgeError::UnknownPath(path.into()))?;
    let headers = Headers::new();
    headers.set("content-type", content_type)?;
    Ok(Response::from_bytes(bytes)?.with_headers(headers))
}
