//! Forecasts by Candle, from weights in static assets.

use std::{cell::RefCell, rc::Rc};

use futures_util::future::try_join;
use jiff::civil::Date;
use tickwise_forecast::{Fitted, ForecastError, Forecaster, Golden, knows_decisions};
use tickwise_market::{
    Bar, Calendar, Symbol,
    events::{FOMC_FROM, FOMC_UNTIL},
};
use tickwise_protocol::{
    DISCLAIMER, Origin, QUANTILE_LEVELS,
    rest::{Forecast, GoldenCheck},
};
use tickwise_record::rounded;
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
    let (manifest, weights) =
        try_join(file(env, id, "manifest.json"), file(env, id, "model.safetensors")).await?;
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
    fitted: &Fitted,
    close: f64,
    origin: Origin,
) -> Result<Forecast, EdgeError> {
    let computed = model.forecast_fitted(bars, fitted).map_err(|error| refused(&symbol, error))?;
    let last = bars.last().copied();
    let date = last.and_then(|bar| Calendar::Nyse.date_at(bar.time_ms)).unwrap_or_default();
    Ok(Forecast {
        symbol,
        model: model.manifest().id.clone(),
        origin_date: date,
        origin_time_ms: last.map_or(0, |bar| bar.time_ms),
        origin_close: close,
        levels: QUANTILE_LEVELS.to_vec(),
        // What is issued is what goes on the record.
        quantiles: computed.quantiles.iter().map(|row| row.map(rounded).to_vec()).collect(),
        bars: bars.len(),
        has_short_history: computed.has_short_history,
        in_sample: date <= model.manifest().trained_until,
        origin,
        disclaimer: disclaimer(date),
    })
}

/// The disclaimer, and what is not known of the days that are forecast.
fn disclaimer(origin: Date) -> String {
    if knows_decisions(origin) {
        return DISCLAIMER.into();
    }
    format!(
        "{DISCLAIMER} The dates of the Federal Reserve's decisions are known from {FOMC_FROM} to {FOMC_UNTIL} alone: beyond, no day counts as one."
    )
}

/// Why a symbol has no forecast.
pub fn refused(symbol: &Symbol, error: ForecastError) -> EdgeError {
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
    let max_abs_error = largest_difference(&quantiles, &golden.quantiles);
    Ok(GoldenCheck {
        model: id.to_owned(),
        ok: max_abs_error <= GOLDEN_TOLERANCE,
        quantiles,
        expected: golden.quantiles,
        max_abs_error,
    })
}

/// Over all horizons and levels; infinite where one is missing or no number.
fn largest_difference(ours: &[Vec<f64>], theirs: &[Vec<f64>]) -> f64 {
    if !ours.iter().map(Vec::len).eq(theirs.iter().map(Vec::len)) {
        return f64::INFINITY;
    }
    let pairs = ours.iter().flatten().zip(theirs.iter().flatten());
    let differences = pairs.map(|(ours, theirs)| (ours - theirs).abs());
    differences
        .map(|difference| if difference.is_nan() { f64::INFINITY } else { difference })
        .fold(0.0, f64::max)
}

fn rows(quantiles: &[[f64; 7]]) -> Vec<Vec<f64>> {
    quantiles.iter().map(|row| row.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_difference_is_found_at_every_horizon_and_level() {
        let golden = vec![vec![0.5; 7]; 20];
        assert_eq!(largest_difference(&golden, &golden), 0.0);
        for horizon in 0..20 {
            for level in 0..7 {
                let with = |value: f64| {
                    let mut other = golden.clone();
                    if let Some(quantile) = other.get_mut(horizon).and_then(|row| row.get_mut(level)) {
                        *quantile = value;
                    }
                    largest_difference(&other, &golden)
                };
                assert!((with(0.501) - 0.001).abs() < 1e-12);
                assert!(with(f64::NAN).is_infinite());
            }
        }
        let shorter = vec![vec![0.5; 6]; 20];
        assert!(largest_difference(&golden, &shorter).is_infinite());
        assert!(largest_difference(&golden[..19], &golden).is_infinite());
    }
}
