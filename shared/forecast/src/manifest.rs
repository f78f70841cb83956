use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

/// `manifest.json`: what a model is, what it was trained on, and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Manifest {
    /// Name of the model's folder.
    pub id: String,
    /// Kind and size of the network.
    pub architecture: String,
    /// Number of weights.
    pub parameters: usize,
    /// Names of the features, in order.
    pub features: Vec<String>,
    /// Number of closed daily bars that a forecast needs.
    pub lookback_bars: usize,
    /// Longest horizon, in trading days.
    pub horizons: usize,
    /// Horizons that are forecast; what lies between is interpolated.
    pub anchors: Vec<usize>,
    /// Weight of the network's quantiles beside the econometric models', 0 to 1.
    pub blend: f64,
    /// Probabilities of the quantiles.
    pub levels: Vec<f64>,
    /// No bar after this day was used, neither to fit nor to choose.
    #[serde(with = "tickwise_market::iso_date")]
    #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
    pub trained_until: Date,
    /// What it was trained on.
    pub data: Vec<DataSource>,
    /// Seed of all randomness.
    pub seed: u64,
    /// SHA-256 of `model.safetensors`, hexadecimal.
    pub weights_sha256: String,
    /// First and last forecast origin of the metrics: all after `trained_until`.
    #[serde(with = "tickwise_market::iso_date::pair")]
    #[cfg_attr(feature = "schema", schemars(with = "[tickwise_market::iso_date::IsoDate; 2]"))]
    pub evaluated: [Date; 2],
    /// Metrics on held-out days.
    pub metrics: Vec<HorizonMetrics>,
    /// What the model cannot do.
    pub limits: Vec<String>,
}

/// One row of `GET /api/v1/models`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelSummary {
    /// Name, as `GET /api/v1/models/{id}` takes it.
    pub id: String,
    /// The model in use.
    pub current: bool,
    /// Kind and size of the network.
    pub architecture: String,
    /// Number of weights.
    pub parameters: usize,
    /// No bar after this day was used, neither to fit nor to choose.
    #[serde(with = "tickwise_market::iso_date")]
    #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
    pub trained_until: Date,
    /// First and last forecast origin of the metrics.
    #[serde(with = "tickwise_market::iso_date::pair")]
    #[cfg_attr(feature = "schema", schemars(with = "[tickwise_market::iso_date::IsoDate; 2]"))]
    pub evaluated: [Date; 2],
    /// Metrics on held-out days.
    pub metrics: Vec<HorizonMetrics>,
}

impl ModelSummary {
    /// What a list says of a model.
    pub fn new(manifest: Manifest, current: bool) -> Self {
        let Manifest { id, architecture, parameters, trained_until, evaluated, metrics, .. } = manifest;
        Self { id, current, architecture, parameters, trained_until, evaluated, metrics }
    }
}

/// A file that was trained on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DataSource {
    /// Name of the file.
    pub file: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Where it comes from.
    pub source: String,
    /// First and last day used.
    #[serde(with = "tickwise_market::iso_date::pair")]
    #[cfg_attr(feature = "schema", schemars(with = "[tickwise_market::iso_date::IsoDate; 2]"))]
    pub days: [Date; 2],
}

/// How good the forecasts at one horizon were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HorizonMetrics {
    /// Trading days.
    pub horizon: usize,
    /// Number of forecasts.
    pub forecasts: usize,
    /// Mean pinball loss over the quantiles, in basis points of log return.
    pub pinball_bp: f64,
    /// Share of outcomes inside the central 50, 80 and 90 % intervals.
    pub coverage: [f64; 3],
    /// The same forecasts by simple methods.
    pub baselines: Vec<Baseline>,
}

/// A simple method's loss on the same outcomes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Baseline {
    /// Method.
    pub name: String,
    /// Mean pinball loss, in basis points.
    pub pinball_bp: f64,
    /// `1 - model / baseline`, and its 90 % block-bootstrap interval: above 0 the
    /// model is better.
    pub skill: [f64; 3],
}

/// `golden.json`: a forecast that every build has to reproduce.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Golden {
    /// The input.
    pub bars: Vec<Bar>,
    /// `[horizon][level]`: log returns.
    pub quantiles: Vec<Vec<f64>>,
}
