//! `/api/bench/{task}?count=N`, only with `TICKWISE_BENCH`: the same work N times in one
//! request. A Worker's clock stands still while it computes, so it is timed from outside:
//! the difference of two requests is N - 1 times the work.
//!
//! `POST /api/bench/start` with an [`Input`], as `/api/bench/input` gives one: a forecast
//! from bars and fit in the request. To a fresh isolate it costs what the model's
//! beginning costs; neither recording nor refit is in it.

use std::hint::black_box;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_forecast::{Fitted, WINDOW_BARS};
use tickwise_market::Bar;
use worker::{Env, Request, Response};

use crate::{error::EdgeError, inference, source::ReplaySource};

/// Whose recorded bars are worked on.
const SYMBOL: &str = "IBM";

/// The most repetitions of one request.
const MAX_COUNT: u32 = 10_000;

/// What a forecast is from.
#[derive(Serialize, Deserialize)]
struct Input {
    bars: Vec<Bar>,
    fitted: Fitted,
}

/// What was done.
#[derive(Serialize)]
struct Done {
    count: u32,
    bars: usize,
    memory_bytes: u32,
}

/// Works and tells on how many bars.
///
/// # Errors
/// Unknown task, bad count, or whatever the work fails with.
pub async fn run(task: &str, mut request: Request, env: &Env) -> Result<Response, EdgeError> {
    let refused = |error: tickwise_forecast::ForecastError| EdgeError::Model(error.to_string());
    if task == "start" {
        let Input { bars, fitted } = serde_json::from_str(&request.text().await?)?;
        let model = inference::current(env).await?;
        black_box(model.forecast_fitted(&bars, &fitted).map_err(refused)?);
        return Ok(Response::from_json(&Done { count: 1, bars: bars.len(), memory_bytes: memory_bytes() })?);
    }
    let count = count(&request)?;
    let model = inference::current(env).await?;
    let bars = bars(env).await?;
    match task {
        "input" => {
            let fitted = model.fit(&bars).map_err(refused)?;
            let bars = bars.get(bars.len().saturating_sub(WINDOW_BARS)..).unwrap_or_default().to_vec();
            return Ok(Response::from_json(&Input { bars, fitted })?);
        }
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
    Ok(Response::from_json(&Done { count, bars: bars.len(), memory_bytes: memory_bytes() })?)
}

/// Linear memory of the isolate's module; it never shrinks.
fn memory_bytes() -> u32 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().into();
    js_sys::ArrayBuffer::from(memory.buffer()).byte_length()
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
