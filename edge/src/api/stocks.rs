use futures_util::future::try_join_all;
use serde::Serialize;
use tickwise_market::Symbol;
use tickwise_protocol::rest::Stock;
use worker::{Env, Response};

use crate::{
    console,
    error::EdgeError,
    live::{call, scheduler::Named},
    source::Served,
};

/// `GET /api/v1/stocks`.
pub async fn list(env: &Env) -> Result<Response, EdgeError> {
    let served = Served::load(env).await?.all(env).await?;
    let stocks = try_join_all(served.into_iter().map(|named| stock(env, named))).await?;
    Ok(Response::from_json(&stocks)?)
}

/// `GET /api/v1/stocks/{symbol}`.
pub async fn one(env: &Env, symbol: &str) -> Result<Response, EdgeError> {
    let parsed: Symbol = symbol.parse().map_err(|_| EdgeError::UnknownSymbol(symbol.to_owned()))?;
    let served = Served::load(env).await?;
    served.expect(env, &parsed).await?;
    let named = served.all(env).await?.into_iter().find(|named| named.symbol == parsed);
    let named = named.unwrap_or(Named { symbol: parsed, name: String::new() });
    Ok(Response::from_json(&stock(env, named).await?)?)
}

async fn stock(env: &Env, Named { symbol, name }: Named) -> Result<Stock, EdgeError> {
    let mut response = ask_known_feed(env, &symbol, "stock", &()).await?;
    let stock: Stock = response.json().await?;
    Ok(Stock { name, ..stock })
}

/// Lets every Feed do what is due, also where nobody listens: days close, are
/// scored, and bring forecasts.
///
/// # Errors
/// When the symbols are not known; a Feed that fails is logged.
pub async fn poke_feeds(env: &Env) -> Result<(), EdgeError> {
    for Named { symbol, .. } in Served::load(env).await?.all(env).await? {
        if let Err(error) = poke_feed(env, &symbol).await {
            console::error(format_args!("{symbol}: {error}"));
        }
    }
    Ok(())
}

async fn poke_feed(env: &Env, symbol: &Symbol) -> Result<(), EdgeError> {
    let mut response = ask_known_feed(env, symbol, "prediction", &()).await?;
    // An answer that nobody reads keeps the event open.
    let text = response.text().await?;
    if response.status_code() >= 500 {
        console::error(format_args!("{symbol}: {text}"));
    }
    Ok(())
}

/// Lets a symbol's Feed answer a question.
///
/// # Errors
/// [`EdgeError::UnknownSymbol`], or when the platform fails; what the Feed
/// refuses is its answer.
pub async fn ask_feed(
    env: &Env,
    symbol: &str,
    resource: &str,
    question: &impl Serialize,
) -> Result<Response, EdgeError> {
    let symbol: Symbol = symbol.parse().map_err(|_| EdgeError::UnknownSymbol(symbol.to_owned()))?;
    Served::load(env).await?.expect(env, &symbol).await?;
    ask_known_feed(env, &symbol, resource, question).await
}

/// The same for a symbol that is known to be served.
pub async fn ask_known_feed(
    env: &Env,
    symbol: &Symbol,
    resource: &str,
    question: &impl Serialize,
) -> Result<Response, EdgeError> {
    let stub = env.durable_object("FEED")?.id_from_name(symbol.as_str())?.get_stub()?;
    call(&stub, &format!("/{symbol}/{resource}"), question).await
}
