use futures_util::future::try_join_all;
use serde::Serialize;
use tickwise_market::Symbol;
use tickwise_protocol::rest::Stock;
use tickwise_replay::CatalogueEntry;
use worker::{Env, Response};

use crate::{error::EdgeError, live::call, source::load_catalogue};

/// `GET /api/v1/stocks`.
pub async fn list(env: &Env) -> Result<Response, EdgeError> {
    let catalogue = load_catalogue(env).await?;
    let stocks = try_join_all(catalogue.recordings.iter().map(|entry| stock(env, entry))).await?;
    Ok(Response::from_json(&stocks)?)
}

/// `GET /api/v1/stocks/{symbol}`.
pub async fn one(env: &Env, symbol: &str) -> Result<Response, EdgeError> {
    let unknown = || EdgeError::UnknownSymbol(symbol.to_owned());
    let parsed: Symbol = symbol.parse().map_err(|_| unknown())?;
    let catalogue = load_catalogue(env).await?;
    let entry = catalogue.entry(&parsed).ok_or_else(unknown)?;
    Ok(Response::from_json(&stock(env, entry).await?)?)
}

async fn stock(env: &Env, entry: &CatalogueEntry) -> Result<Stock, EdgeError> {
    let mut response = ask_feed(env, entry.symbol.as_str(), "stock", &()).await?;
    let stock: Stock = response.json().await?;
    Ok(Stock { name: entry.name.clone(), ..stock })
}

/// Lets every Feed do what is due, also where nobody listens: days close, are
/// scored, and bring forecasts.
///
/// # Errors
/// When the symbols are not known; a Feed that fails is logged.
pub async fn poke_feeds(env: &Env) -> Result<(), EdgeError> {
    for entry in load_catalogue(env).await?.recordings {
        match ask_known_feed(env, &entry.symbol, "prediction", &()).await {
            Ok(response) if response.status_code() < 500 => {}
            Ok(response) => worker::console_error!("{}: {}", entry.symbol, response.status_code()),
            Err(error) => worker::console_error!("{}: {error}", entry.symbol),
        }
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
    // Asked first, so that no Feed is ever created for a symbol that does not exist.
    if load_catalogue(env).await?.entry(&symbol).is_none() {
        return Err(EdgeError::UnknownSymbol(symbol.to_string()));
    }
    ask_known_feed(env, &symbol, resource, question).await
}

/// The same for a symbol that is known to be in the catalogue.
pub async fn ask_known_feed(
    env: &Env,
    symbol: &Symbol,
    resource: &str,
    question: &impl Serialize,
) -> Result<Response, EdgeError> {
    let stub = env.durable_object("FEED")?.id_from_name(symbol.as_str())?.get_stub()?;
    call(&stub, &format!("/{symbol}/{resource}"), question).await
}
