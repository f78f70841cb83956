//! Quantile forecasts of daily returns: features, network, manifest.
//!
//! The forecast for the days after the last given bar depends on nothing but
//! the last [`LOOKBACK_BARS`] bars, so nothing after them can leak in. Training,
//! the edge and the browser run this same code.

mod distribution;
#[cfg(feature = "network")]
mod error;
mod features;
#[cfg(feature = "network")]
mod forecaster;
pub mod layers;
mod manifest;
#[cfg(feature = "network")]
mod network;

pub use distribution::Distribution;
pub use features::{FEATURES, Features, LOOKBACK_BARS};
pub use manifest::{Baseline, DataSource, Golden, HorizonMetrics, Manifest};
#[cfg(feature = "network")]
pub use {
    error::{ForecastError, LoadError},
    forecaster::{Forecaster, QuantileForecast},
    network::{Network, QUANTILES},
};

/// The longest horizon, in trading days.
pub const HORIZONS: usize = 20;

/// Probabilities of the quantiles, in order.
pub const LEVELS: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];
