use candle_core::{Device, Tensor};
use sha2::{Digest, Sha256};
use tickwise_market::Bar;

use crate::{
    Distribution, FEATURES, Features, HORIZONS, LOOKBACK_BARS, Manifest, Network,
    error::{ForecastError, LoadError},
};

/// A model ready to forecast.
#[derive(Clone, Debug)]
pub struct Forecaster {
    manifest: Manifest,
    network: Network,
}

/// The distribution of the log return over the next trading days.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileForecast {
    /// `[horizon][level]`: quantiles of the log return from the last close to the
    /// close 1, 2, … trading days later, at [`crate::LEVELS`].
    pub quantiles: Vec<[f64; 7]>,
}

impl QuantileForecast {
    /// The distribution so many trading days ahead, 1 being the next.
    pub fn distribution(&self, horizon: usize) -> Option<Distribution> {
        Some(Distribution::from_quantiles(*self.quantiles.get(horizon.checked_sub(1)?)?))
    }
}

impl Forecaster {
    /// Reads `manifest.json` and `model.safetensors`.
    ///
    /// # Errors
    /// Whatever does not fit together.
    pub fn load(manifest_json: &[u8], weights: &[u8]) -> Result<Self, LoadError> {
        let manifest: Manifest = serde_json::from_slice(manifest_json)?;
        check(&manifest, weights)?;
        let tensors = candle_core::safetensors::load_buffer(weights, &Device::Cpu)?;
        Ok(Self { network: Network::from_tensors(&tensors)?, manifest })
    }

    /// What the model is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Forecasts from closed daily bars, oldest first, adjusted for splits and
    /// dividends. Only the last [`LOOKBACK_BARS`] are read.
    ///
    /// # Errors
    /// When there are too few bars, or a price is not positive.
    pub fn forecast(&self, bars: &[Bar]) -> Result<QuantileForecast, ForecastError> {
        if bars.len() < LOOKBACK_BARS {
            return Err(ForecastError::NotEnoughBars { needed: LOOKBACK_BARS, have: bars.len() });
        }
        let features = Features::of(bars).ok_or(ForecastError::NotPositive)?;
        let values: Vec<f32> = features.values.iter().map(|value| *value as f32).collect();
        let input = Tensor::from_vec(values, (1, FEATURES.len()), &Device::Cpu)?;
        let output = self.network.forward(&input)?.squeeze(0)?.to_vec2::<f32>()?;
        Ok(QuantileForecast { quantiles: scaled(&output, features.volatility) })
    }
}

/// From units of `volatility * sqrt(horizon)` to log returns.
fn scaled(output: &[Vec<f32>], volatility: f64) -> Vec<[f64; 7]> {
    let row = |(index, row): (usize, &Vec<f32>)| {
        let unit = volatility * (index as f64 + 1.0).sqrt();
        let mut quantiles = [0.0; 7];
        for (quantile, value) in quantiles.iter_mut().zip(row) {
            *quantile = f64::from(*value) * unit;
        }
        quantiles
    };
    output.iter().enumerate().map(row).collect()
}

fn check(manifest: &Manifest, weights: &[u8]) -> Result<(), LoadError> {
    let unsupported = |what, found: String, expected: String| {
        if found == expected { Ok(()) } else { Err(LoadError::Unsupported { what, found, expected }) }
    };
    unsupported("architecture", manifest.architecture.clone(), Network::ARCHITECTURE.to_owned())?;
    unsupported("features", manifest.features.join(","), FEATURES.join(","))?;
    unsupported("horizons", manifest.horizons.to_string(), HORIZONS.to_string())?;
    let found: String = Sha256::digest(weights).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != manifest.weights_sha256 {
        return Err(LoadError::Checksum { found, expected: manifest.weights_sha256.clone() });
    }
    Ok(())
}
