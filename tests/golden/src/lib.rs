//! The forecaster as a module of its own: the test of the page loads it into Chromium.

use tickwise_forecast::{Forecaster, Golden};
use wasm_bindgen::prelude::wasm_bindgen;

/// The forecast from the bars of `golden.json`: quantiles of all horizons, one after another.
///
/// # Errors
/// Says which file cannot be used.
#[wasm_bindgen]
pub fn forecast(manifest: &[u8], weights: &[u8], golden: &[u8]) -> Result<Vec<f64>, String> {
    let model = Forecaster::load(manifest, weights).map_err(|error| error.to_string())?;
    let golden: Golden = serde_json::from_slice(golden).map_err(|error| format!("golden.json: {error}"))?;
    let forecast = model.forecast(&golden.bars).map_err(|error| error.to_string())?;
    Ok(forecast.quantiles.into_flattened())
}
