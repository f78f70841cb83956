use futures_util::future::join_all;
use tickwise_market::Symbol;
use tickwise_protocol::{
    Problem,
    rest::{MAX_PREDICTIONS, Prediction, Predictions, PredictionsRequest},
};
use worker::{Env, Request, Response};

use super::{body, stocks::ask_known_feed};
use crate::{error::EdgeError, source::Served};

/// A hundred symbols of the greatest length need a third of this.
const MAX_BODY_BYTES: usize = 8_192;

/// `POST /api/v1/predictions`: the forecasts of several symbols; where there is
/// none, why.
pub async fn many(request: Request, env: &Env) -> Result<Response, EdgeError> {
    let symbols = parse(&body::read(request, MAX_BODY_BYTES).await?)?;
    let served = Served::load(env).await?;
    let predictions = join_all(symbols.into_iter().map(|symbol| one(env, &served, symbol))).await;
    Ok(Response::from_json(&Predictions { predictions })?)
}

async fn one(env: &Env, served: &Served, symbol: String) -> Prediction {
    match forecast_or_problem(env, served, &symbol).await {
        Ok(prediction) => Prediction { symbol, ..prediction },
        Err(error) => Prediction { symbol, forecast: None, problem: Some(error.problem()) },
    }
}

async fn forecast_or_problem(env: &Env, served: &Served, symbol: &str) -> Result<Prediction, EdgeError> {
    let parsed: Symbol = symbol.parse().map_err(|_| EdgeError::UnknownSymbol(symbol.to_owned()))?;
    served.expect(env, &parsed).await?;
    let mut response = ask_known_feed(env, &parsed, "prediction", &()).await?;
    let is_forecast = response.status_code() == 200;
    let bytes = response.bytes().await?;
    let forecast = is_forecast.then(|| serde_json::from_slice(&bytes)).transpose()?;
    let problem = (!is_forecast).then(|| serde_json::from_slice::<Problem>(&bytes)).transpose()?;
    Ok(Prediction { symbol: String::new(), forecast, problem })
}

/// One to [`MAX_PREDICTIONS`] different symbols.
fn parse(body: &[u8]) -> Result<Vec<String>, EdgeError> {
    let malformed = |error: serde_json::Error| EdgeError::BadBody(error.to_string());
    let PredictionsRequest { symbols } = serde_json::from_slice(body).map_err(malformed)?;
    let bad = |detail| EdgeError::BadParameter { parameter: "symbols", detail };
    if !(1..=MAX_PREDICTIONS).contains(&symbols.len()) {
        return Err(bad(format!("expected 1 to {MAX_PREDICTIONS} symbols, not {}", symbols.len())));
    }
    let mut sorted: Vec<&String> = symbols.iter().collect();
    sorted.sort();
    let twice = sorted.iter().zip(sorted.iter().skip(1)).find(|(symbol, next)| symbol == next);
    if let Some((symbol, _)) = twice {
        return Err(bad(format!("{symbol:?} is there more than once")));
    }
    Ok(symbols)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> (u16, Option<String>) {
        let problem = parse(body.as_bytes()).unwrap_err().problem();
        (problem.status, problem.parameter)
    }

    #[test]
    fn symbols_keep_their_order() {
        assert_eq!(parse(br#"{"symbols":["MSFT","AAPL"]}"#).unwrap(), ["MSFT", "AAPL"]);
    }

    #[test]
    fn what_is_no_list_of_different_symbols_is_refused() {
        for body in ["", "{", "[]", "{}", r#"{"symbols":"AAPL"}"#, r#"{"symbols":[1]}"#] {
            assert_eq!(refusal(body), (400, None), "{body}");
        }
        assert_eq!(
            refusal(r#"{"symbols":["A"],"horizon":3}"#),
            (400, None),
            "what is not known is no option"
        );
        let many: Vec<String> = (0..=MAX_PREDICTIONS).map(|i| format!("S{i}")).collect();
        let many = serde_json::json!({ "symbols": many }).to_string();
        for body in [r#"{"symbols":[]}"#, r#"{"symbols":["A","B","A"]}"#, &many] {
            assert_eq!(refusal(body), (400, Some("symbols".into())), "{body}");
        }
    }
}
