//! Forecasts by Candle, from weights in static assets.

use std::{cell::RefCell, rc::Rc};

use tickwise_forecast::{ForecastError, Forecaster, Golden};
use tickwise_market::{Bar, Calendar, Symbol};
use tickwise_protocol::{
    DISCLAIMER, Origin, QUANTILE_LEVELS,
    rest::{Forecast, GoldenCheck},
};
use worker::Env;

use crate::{assets, error::EdgeError};

/// The largest difference between an exported forecast and its recomputation.
const GOLDEN_TOLERANCE: f64 = 1e-5;

thread_local! {
    /// The model in use; every object of this isolate shares it. Assets only
    /// change with a deployment, which starts new isolates.
    static CURRENT: RefCell<Option<Rc<Forecaster>>> = const { RefCell::new(None) };
}

/// The model that `public/models/current` names.
///
/// # Errors
/// When its files are missing or damaged.
pub async fn current(env: &Env) -> Result<Rc<Forecaster>, EdgeError> {
    if let Some(model) = CURRENT.with_borrow(Clone::clone) {
        return Ok(model);
    }
    let id = resolve(env, "current").await?;
    let model = Rc::new(load(env, &id).await?);
    CURRENT.set(Some(Rc::clone(&model)));
    Ok(model)
}

/// Replaces `current` by the id of the model in use; refuses what is no id.
///
/// # Errors
/// [`EdgeError::UnknownModel`], or [`EdgeError::Model`] when none is in use.
pub async fn resolve(env: &Env, id: &str) -> Result<String, EdgeError> {
    let is_id =
        |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !is_id(id) {
        return Err(EdgeError::UnknownModel(id.to_owned()));
    }
    if id != "current" {
        return Ok(id.to_owned());
    }
    let bytes = assets::read(env, "/models/current").await?;
    let current = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(|text| text.trim().to_owned());
    current
        .filter(|id| is_id(id))
        .ok_or_else(|| EdgeError::Model("public/models/current names no model".into()))
}

async fn load(env: &Env, id: &str) -> Result<Forecaster, EdgeError> {
    let manifest = file(env, id, "manifest.json").await?;
    let weights = file(env, id, "model.safetensors").await?;
    Forecaster::load(&manifest, &weights).map_err(|error| EdgeError::Model(format!("model {id}: {error}")))
}

async fn file(env: &Env, id: &str, name: &str) -> Result<Vec<u8>, EdgeError> {
    let path = format!("/models/{id}/{name}");
    assets::read(env, &path).await?.ok_or_else(|| EdgeError::Model(format!("{path} is missing")))
}

/// The forecast from the last of `bars` (closed days, adjusted for splits and
/// dividends), whose close as traded is `close`.
///
/// # Errors
/// When there are too few bars, or the network fails.
pub fn forecast(
    model: &Forecaster,
    symbol: Symbol,
    bars: &[Bar],
    close: f64,
    origin: Origin,
) -> Result<Forecast, EdgeError> {
    let computed = model.forecast(bars).map_err(|error| refused(&symbol, error))?;
    let last = bars.last().copied();
    let date = last.and_then(|bar| Calendar::Nyse.date_at(bar.time_ms)).unwrap_or_default();
    Ok(Forecast {
        symbol,
        model: model.manifest().id.clone(),
        origin_date: date,
        origin_time_ms: last.map_or(0, |bar| bar.time_ms),
        origin_close: close,
        levels: QUANTILE_LEVELS.to_vec(),
        quantiles: rows(&computed.quantiles),
        in_sample: date <= model.manifest().trained_until,
        origin,
        disclaimer: DISCLAIMER.into(),
    })
}

fn refused(symbol: &Symbol, error: ForecastError) -> EdgeError {
    match error {
        ForecastError::NotEnoughBars { needed, have } => {
            EdgeError::NotEnoughBars { symbol: symbol.to_string(), needed, have }
        }
        other => EdgeError::Model(other.to_string()),
    }
}

/// Recomputes a model's golden forecast.
///
/// # Errors
/// When the model's files are missing or damaged.
pub async fn golden(env: &Env, id: &str) -> Result<GoldenCheck, EdgeError> {
    let model = load(env, id).await?;
    let golden: Golden = serde_json::from_slice(&file(env, id, "golden.json").await?)?;
    let computed = model.forecast(&golden.bars).map_err(|error| EdgeError::Model(error.to_string()))?;
    let quantiles = rows(&computed.quantiles);
    let pairs = quantiles.iter().flatten().zip(golden.quantiles.iter().flatten());
    let max_abs_error = pairs.map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f64::max);
    let same_shape = quantiles.len() == golden.quantiles.len();
    Ok(GoldenCheck {
        model: id.to_owned(),
        ok: same_shape && max_abs_error <= GOLDEN_TOLERANCE,
        quantiles,
        expected: golden.quantiles,
        max_abs_error,
    })
}

fn rows(quantiles: &[[f64; 7]]) -> Vec<Vec<f64>> {
    quantiles.iter().map(|row| row.to_vec()).collect()
}
