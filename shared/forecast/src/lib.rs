//! Quantile forecasts of daily returns: econometric models, features, network, manifest.
//!
//! The forecast for the days after the last given bar is a function of the bars
//! alone, so nothing after them can leak in. Training, the edge and the browser run
//! this same code.

#[cfg(feature = "network")]
mod average;
#[cfg(feature = "network")]
pub mod blend;
#[cfg(feature = "network")]
mod calendar;
mod distribution;
#[cfg(feature = "network")]
pub mod econometrics;
#[cfg(feature = "network")]
mod error;
#[cfg(feature = "network")]
mod features;
#[cfg(feature = "network")]
mod forecaster;
pub mod layers;
mod manifest;
#[cfg(feature = "network")]
mod network;
#[cfg(feature = "network")]
mod season;

pub use distribution::Distribution;
pub use manifest::{Baseline, DataSource, Golden, HorizonMetrics, Manifest, ModelSummary};
#[cfg(feature = "network")]
pub use {
    calendar::knows_decisions,
    error::{ForecastError, LoadError},
    features::{COMMON_FEATURES, FEATURES, Features, MIN_BARS, WINDOW_BARS, feature_names, is_read},
    forecaster::{Fitted, Forecaster, QuantileForecast, simulation},
    network::{HIDDEN, MEMBERS, Member, Network, Shape},
};

/// The longest horizon, in trading days.
pub const HORIZONS: usize = 20;

/// Horizons that are forecast; what lies between is interpolated.
pub const ANCHORS: [usize; 4] = [1, 5, 10, 20];

/// Probabilities of the quantiles, in order.
pub const LEVELS: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// Forecasts from fewer bars than this are wider, and say so.
pub const SEASONED_BARS: usize = 500;
