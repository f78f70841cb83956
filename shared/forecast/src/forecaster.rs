use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tickwise_market::Bar;

use crate::{
    ANCHORS, Distribution, FEATURES, Features, HORIZONS, MIN_BARS, Manifest, Network, SEASONED_BARS, blend,
    econometrics::{Econometrics, Simulation, fit_bars},
    error::{ForecastError, LoadError},
    feature_names,
};

/// Seed of the simulated paths: part of the features' definition.
const PATHS_SEED: u64 = 20;

/// Bars of a symbol's own record.
const RECORD_BARS: usize = 1200;

/// A model ready to forecast.
#[derive(Clone, Debug)]
pub struct Forecaster {
    manifest: Manifest,
    network: Network,
    simulation: Simulation,
}

/// The distribution of the log return over the next trading days.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileForecast {
    /// `[horizon][level]`: quantiles of the log return from the last close to the
    /// close 1, 2, … trading days later, at [`crate::LEVELS`].
    pub quantiles: Vec<[f64; 7]>,
    /// Whether fewer than [`SEASONED_BARS`] were known, and the spread is wider for it.
    pub has_short_history: bool,
}

impl QuantileForecast {
    /// The distribution so many trading days ahead, 1 being the next.
    pub fn distribution(&self, horizon: usize) -> Option<Distribution> {
        Some(Distribution::from_quantiles(*self.quantiles.get(horizon.checked_sub(1)?)?))
    }
}

/// What is fitted to one symbol, at the beginning of a quarter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// The classic models.
    pub econometrics: Econometrics,
    /// Mean size of the symbol's returns at each of [`ANCHORS`], in the deviations
    /// that the network predicted.
    pub sizes: [f64; ANCHORS.len()],
}

impl Fitted {
    /// Whether it is what [`Forecaster::fit`] would find for these bars, if it was
    /// fitted to the same ones: the same quarter, and numbers that can be used.
    pub fn serves(&self, bars: &[Bar]) -> bool {
        Forecaster::fit_ms(bars) == Some(self.econometrics.fitted_ms)
            && self.econometrics.is_usable()
            && self.sizes.iter().all(|size| size.is_finite() && *size > 0.0)
    }
}

/// The paths of the features' simulation.
pub fn simulation() -> Simulation {
    Simulation::new(PATHS_SEED)
}

impl Forecaster {
    /// Reads `manifest.json` and `model.safetensors`.
    ///
    /// # Errors
    /// Whatever does not fit together.
    pub fn load(manifest_json: &[u8], weights: &[u8]) -> Result<Self, LoadError> {
        let manifest: Manifest = serde_json::from_slice(manifest_json)?;
        check(&manifest, weights)?;
        Ok(Self { network: Network::load(weights)?, manifest, simulation: simulation() })
    }

    /// What the model is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Fits what a forecast from the last of closed daily bars needs. It serves
    /// until its `fitted_ms` differs from [`Self::fit_ms`], for a quarter as a
    /// rule; it takes some milliseconds, the forecast does not.
    ///
    /// # Errors
    /// When there are too few bars, or a price is not positive.
    pub fn fit(&self, bars: &[Bar]) -> Result<Fitted, ForecastError> {
        check_bars(bars)?;
        let bars = bars.get(..fit_bars(bars)).unwrap_or(bars);
        Ok(Fitted { econometrics: Econometrics::fit(bars), sizes: self.sizes(bars)? })
    }

    /// Start of the last bar that the fit for a forecast from these bars reads.
    pub fn fit_ms(bars: &[Bar]) -> Option<i64> {
        Some(bars.get(fit_bars(bars).checked_sub(1)?)?.time_ms)
    }

    /// Forecasts from closed daily bars, oldest first, adjusted for splits and
    /// dividends: fits and forecasts.
    ///
    /// # Errors
    /// When there are too few bars, or a price is not positive.
    pub fn forecast(&self, bars: &[Bar]) -> Result<QuantileForecast, ForecastError> {
        self.forecast_fitted(bars, &self.fit(bars)?)
    }

    /// The same with what has been fitted before by [`Self::fit`].
    ///
    /// # Errors
    /// When there are too few bars, or a price is not positive.
    pub fn forecast_fitted(&self, bars: &[Bar], fitted: &Fitted) -> Result<QuantileForecast, ForecastError> {
        check_bars(bars)?;
        let has_short_history = bars.len() < SEASONED_BARS;
        let features = Features::of(bars).ok_or(ForecastError::NotPositive)?;
        let input = Tensor::from_slice(&features.values, (1, FEATURES), &Device::Cpu)?;
        let output = self.network.forward(&input)?.flatten_all()?.to_vec1::<f32>()?;
        let deviations = blend::deviations(&output, features.log_level);
        let mut anchors = blend::shaped(self.network.shape(), &deviations, &fitted.sizes);
        if !has_short_history {
            let gjr = fitted.econometrics.gjr_quantiles(bars, &self.simulation);
            anchors = blend::blended(&anchors, &gjr, self.manifest.blend);
        }
        Ok(QuantileForecast { quantiles: blend::all_horizons(&anchors, bars.len()), has_short_history })
    }

    /// Mean sizes of a symbol's own past returns in predicted deviations.
    fn sizes(&self, bars: &[Bar]) -> Result<[f64; ANCHORS.len()], ForecastError> {
        let bars = bars.get(bars.len().saturating_sub(RECORD_BARS)..).unwrap_or(bars);
        let features = Features::all(bars);
        let (skipped, pooled) = (MIN_BARS - 1, self.network.shape().size);
        let known: Vec<&Features> = features.iter().skip(skipped).collect();
        if known.is_empty() {
            return Ok(pooled);
        }
        let values: Vec<f32> = known.iter().flat_map(|row| row.values).collect();
        let input = Tensor::from_vec(values, (known.len(), FEATURES), &Device::Cpu)?;
        let outputs = self.network.forward(&input)?.to_vec2::<f32>()?;
        let deviations: Vec<[f64; ANCHORS.len()]> =
            outputs.iter().zip(&known).map(|(row, known)| blend::deviations(row, known.log_level)).collect();
        let mut sizes = pooled;
        for (anchor, (size, horizon)) in sizes.iter_mut().zip(ANCHORS).enumerate() {
            let closes = bars.iter().skip(skipped + 1);
            let pairs = closes.clone().zip(closes.skip(horizon)).zip(&deviations);
            let outcome = |((from, to), deviations): ((&Bar, &Bar), &[f64; ANCHORS.len()])| {
                libm::log(to.close / from.close) / deviations.get(anchor).copied().unwrap_or(f64::INFINITY)
            };
            *size = blend::own_size(pairs.map(outcome), *size);
        }
        Ok(sizes)
    }
}

fn check_bars(bars: &[Bar]) -> Result<(), ForecastError> {
    if bars.len() < MIN_BARS {
        return Err(ForecastError::NotEnoughBars { needed: MIN_BARS, have: bars.len() });
    }
    let positive = |price: f64| price.is_finite() && price > 0.0;
    let all = |bar: &Bar| [bar.open, bar.high, bar.low, bar.close].into_iter().all(positive);
    if bars.iter().all(all) { Ok(()) } else { Err(ForecastError::NotPositive) }
}

fn check(manifest: &Manifest, weights: &[u8]) -> Result<(), LoadError> {
    let unsupported = |what, found: String, expected: String| {
        if found == expected { Ok(()) } else { Err(LoadError::Unsupported { what, found, expected }) }
    };
    unsupported("architecture", manifest.architecture.clone(), Network::ARCHITECTURE.to_owned())?;
    unsupported("features", manifest.features.join(","), feature_names().join(","))?;
    unsupported("horizons", manifest.horizons.to_string(), HORIZONS.to_string())?;
    unsupported("anchors", format!("{:?}", manifest.anchors), format!("{ANCHORS:?}"))?;
    let found: String = Sha256::digest(weights).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != manifest.weights_sha256 {
        return Err(LoadError::Checksum { found, expected: manifest.weights_sha256.clone() });
    }
    Ok(())
}
