//! What the live source tells beyond prices.

use tickwise_market::Symbol;
use tickwise_scheduler::Request as Wanted;
use worker::{Env, Request, Response};

use super::query::{bad, value};
use crate::{error::EdgeError, live::scheduler};

/// The longest search, in characters.
const MAX_SEARCH_LEN: usize = 100;

/// `GET /api/v1/search?q=`.
pub async fn search(request: &Request, env: &Env) -> Result<Response, EdgeError> {
    let url = request.url()?;
    let keywords = value(&url, "q").map(|text| text.trim().to_owned());
    match keywords {
        Some(keywords) if (1..=MAX_SEARCH_LEN).contains(&keywords.chars().count()) => {
            // Searches do not depend on case: one answer serves all spellings.
            scheduler::ask(env, &Wanted::Search { keywords: keywords.to_lowercase() }).await
        }
        _ => Err(bad("q", format!("expected 1 to {MAX_SEARCH_LEN} characters to search for"))),
    }
}

/// `GET /api/v1/stocks/{symbol}/overview`.
pub async fn overview(env: &Env, symbol: &str) -> Result<Response, EdgeError> {
    scheduler::ask(env, &Wanted::Overview { symbol: parsed(symbol)? }).await
}

/// `GET /api/v1/stocks/{symbol}/news`.
pub async fn news(env: &Env, symbol: &str) -> Result<Response, EdgeError> {
    scheduler::ask(env, &Wanted::News { symbol: Some(parsed(symbol)?) }).await
}

fn parsed(symbol: &str) -> Result<Symbol, EdgeError> {
    symbol.parse().map_err(|_| EdgeError::UnknownSymbol(symbol.to_owned()))
}
