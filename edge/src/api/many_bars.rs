use futures_util::future::join_all;
use serde_json::json;
use tickwise_market::Symbol;
use tickwise_protocol::rest::{MAX_BARS_SYMBOLS, MAX_BARS_TOTAL};
use worker::{Env, Headers, Request, Response, Url};

use super::{
    bars_query::BarsQuery,
    query::{bad, values},
    stocks::ask_known_feed,
};
use crate::{error::EdgeError, source::Served};

/// `GET /api/v1/bars?symbols=`: the bars of several symbols; where there are none, why.
pub async fn answer(request: &Request, env: &Env) -> Result<Response, EdgeError> {
    let url = request.url()?;
    let (symbols, query) = parse(&url)?;
    let served = Served::load(env).await?;
    let answers = join_all(symbols.iter().map(|symbol| one(env, &served, symbol, &query))).await;
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let body = format!("{{\"bars\":[{}]}}", answers.join(","));
    Ok(Response::from_bytes(body.into_bytes())?.with_headers(headers))
}

/// A [`tickwise_protocol::rest::SymbolBars`]. What a Feed has written is not read again.
async fn one(env: &Env, served: &Served, symbol: &str, query: &BarsQuery) -> String {
    let (member, text) = match bars_or_problem(env, served, symbol, query).await {
        Ok((200, bars)) => ("bars", bars),
        Ok((_, problem)) => ("problem", problem),
        Err(error) => ("problem", json!(error.problem()).to_string()),
    };
    format!("{{\"symbol\":{},\"{member}\":{text}}}", json!(symbol))
}

async fn bars_or_problem(
    env: &Env,
    served: &Served,
    symbol: &str,
    query: &BarsQuery,
) -> Result<(u16, String), EdgeError> {
    let parsed: Symbol = symbol.parse().map_err(|_| EdgeError::UnknownSymbol(symbol.to_owned()))?;
    served.expect(env, &parsed).await?;
    let mut response = ask_known_feed(env, &parsed, "bars", query).await?;
    Ok((response.status_code(), response.text().await?))
}

/// One to [`MAX_BARS_SYMBOLS`] different symbols, in one value separated by commas or in
/// several, and what is wanted of each.
fn parse(url: &Url) -> Result<(Vec<String>, BarsQuery), EdgeError> {
    let lists: Vec<_> = values(url, "symbols").collect();
    let symbols: Vec<String> = lists.iter().flat_map(|list| list.split(',')).map(str::to_owned).collect();
    if !(1..=MAX_BARS_SYMBOLS).contains(&symbols.len()) || symbols.iter().any(String::is_empty) {
        return Err(bad("symbols", format!("expected 1 to {MAX_BARS_SYMBOLS} symbols, such as AAPL,IBM")));
    }
    let mut sorted: Vec<&String> = symbols.iter().collect();
    sorted.sort();
    if let Some((symbol, _)) = sorted.iter().zip(sorted.iter().skip(1)).find(|(symbol, next)| symbol == next)
    {
        return Err(bad("symbols", format!("{symbol:?} is there more than once")));
    }
    let query = BarsQuery::parse(url, None)?;
    if symbols.len() * query.limit > MAX_BARS_TOTAL {
        let detail = format!(
            "expected at most {MAX_BARS_TOTAL} bars in all, {} a symbol",
            MAX_BARS_TOTAL / symbols.len()
        );
        return Err(bad("limit", detail));
    }
    Ok((symbols, query))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> Result<Vec<String>, Option<String>> {
        let url = Url::parse(&format!("https://x.invalid/?{query}")).unwrap();
        parse(&url).map(|(symbols, _)| symbols).map_err(|error| error.problem().parameter)
    }

    #[test]
    fn symbols_keep_their_order_in_either_spelling() {
        assert_eq!(parsed("symbols=MSFT,aapl&limit=1").unwrap(), ["MSFT", "aapl"]);
        assert_eq!(parsed("symbols=MSFT&symbols=aapl,%5EGSPC").unwrap(), ["MSFT", "aapl", "^GSPC"]);
    }

    #[test]
    fn too_many_and_none_are_refused_by_name() {
        let many = (0..=MAX_BARS_SYMBOLS).map(|i| format!("S{i}")).collect::<Vec<_>>();
        let (most, too_many) = (many[1..].join(","), many.join(","));
        assert_eq!(parsed(&format!("symbols={most}&limit=1000")).unwrap().len(), MAX_BARS_SYMBOLS);
        for (query, parameter) in [
            (String::new(), "symbols"),
            ("symbols=".into(), "symbols"),
            ("symbols=AAPL,".into(), "symbols"),
            ("symbols=AAPL,IBM,AAPL".into(), "symbols"),
            (format!("symbols={too_many}"), "symbols"),
            (format!("symbols={most}&limit=1001"), "limit"),
            ("symbols=AAPL&from=x".into(), "from"),
        ] {
            assert_eq!(parsed(&query), Err(Some(parameter.into())), "{query}");
        }
    }
}
