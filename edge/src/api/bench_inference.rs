//! `/api/bench/{task}?count=N`, only with `TICKWISE_BENCH`: the same work N times in one
//! request. A Worker's clock stands still while it computes, so it is timed from outside:
//! the difference of two requests is N - 1 times the work.

use std::hint::black_box;

use jiff::civil::Date;
use tickwise_market::Bar;
use worker::{Env, Request, Response};

use crate::{error::EdgeError, inference, source::ReplaySource};

/// Whose recorded bars are worked on.
const SYMBOL: &str = "IBM";

/// The most repetitions of one request.
const MAX_COUNT: u32 = 10_000;

/// Works and tells on how many bars.
///
/// # Errors
/// Unknown task, bad count, or whatever the work fails with.
pub async fn run(task: &str, request: &Request, env: &Env) -> Result<Response, EdgeError> {
    let count = count(request)?;
    let model = inference::current(env).await?;
    let bars = bars(env).await?;
    let refused = |error: tickwise_forecast::ForecastError| EdgeError::Model(error.to_string());
    match task {
        // Features, network and simulation, at all horizons.
        "forecast" => {
            let fitted = model.fit(&bars).map_err(refused)?;
            for _ in 0..count {
                black_box(model.forecast_fitted(black_box(&bars), &fitted).map_err(refused)?);
            }
        }
        // What is done once a quarter.
        "fit" => {
            for _ in 0..count {
                black_box(model.fit(black_box(&bars)).map_err(refused)?);
            }
        }
        _ => return Err(EdgeError::UnknownPath(request.path())),
    }
    Ok(Response::from_json(&serde_json::json!({ "count": count, "bars": bars.len() }))?)
}

fn count(request: &Request) -> Result<u32, EdgeError> {
    let url = request.url()?;
    let given = url.query_pairs().find(|(name, _)| name == "count").map(|(_, value)| value.into_owned());
    let count = given.as_deref().unwrap_or("1").parse().ok().filter(|count| *count <= MAX_COUNT);
    let detail = || format!("expected a whole number up to {MAX_COUNT}");
    count.ok_or_else(|| EdgeError::BadParameter { parameter: "count", detail: detail() })
}

async fn bars(env: &Env) -> Result<Vec<Bar>, EdgeError> {
    let symbol = SYMBOL.parse().map_err(|_| EdgeError::UnknownSymbol(SYMBOL.into()))?;
    Ok(ReplaySource::load(env, &symbol).await?.total_return_bars_before(Date::MAX))
}
