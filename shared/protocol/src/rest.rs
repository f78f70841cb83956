//! Bodies of the REST API.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_indicators::Unit;
use tickwise_market::{Bar, Interval, Symbol};

use crate::{Origin, Problem, Quote, stream::SourceState};

/// The most bars in one answer.
pub const MAX_BARS: usize = 5_000;

/// The most symbols in one call for bars.
pub const MAX_BARS_SYMBOLS: usize = 50;

/// The most bars that such a call may ask for, of all symbols together.
pub const MAX_BARS_TOTAL: usize = 50_000;

/// The most indicators in one answer.
pub const MAX_INDICATORS: usize = 16;

/// The most symbols in one call for predictions.
pub const MAX_PREDICTIONS: usize = 100;

/// `GET /api/v1/health`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// `ok`, or `degraded` when forecasts are missing.
    pub status: String,
    /// Version of the edge.
    pub version: String,
    /// `replay` or `live`; else the setting that leaves it open.
    pub source: String,
    /// The model in use, if its weights could be read.
    pub model: Option<String>,
    /// Why there are no forecasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_error: Option<String>,
}

/// One row of `GET /api/v1/stocks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stock {
    /// Symbol.
    pub symbol: Symbol,
    /// Company or fund.
    pub name: String,
    /// What its source does now.
    pub state: SourceState,
    /// The last quote, if there has been any.
    pub quote: Option<Quote>,
    /// Live, delayed or replayed.
    pub origin: Origin,
}

/// `GET /api/v1/stocks/{symbol}/bars`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BarSeries"))]
pub struct Bars {
    /// Symbol.
    pub symbol: Symbol,
    /// Interval.
    pub interval: Interval,
    /// Ascending in time. Only closed bars, except that the last may be forming
    /// when `forming` says so.
    pub bars: Vec<Bar>,
    /// The last bar is still forming.
    pub forming: bool,
    /// The numbering that `seq` belongs to, as the stream's `since` takes it.
    #[serde(default)]
    pub epoch: u64,
    /// Sequence number of the last quote that these bars contain: continue with
    /// the stream after it. 0 where they end before the current quote: then no
    /// quote that comes changes them.
    pub seq: u64,
    /// That quote; none where `seq` is 0.
    pub quote: Option<Quote>,
    /// Prices are adjusted for splits (not for dividends).
    pub split_adjusted: bool,
    /// The bars follow a simulated path (intraday bars of a replay).
    pub simulated: bool,
    /// Live, delayed or replayed.
    pub origin: Origin,
}

/// `GET /api/v1/bars`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ManyBars {
    /// One for each symbol, in the order asked for.
    pub bars: Vec<SymbolBars>,
}

/// A symbol's bars, or why there are none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SymbolBars {
    /// As asked for.
    pub symbol: String,
    /// What `GET /api/v1/stocks/{symbol}/bars` answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bars: Option<Bars>,
    /// What it answers when there are no bars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// `GET /api/v1/stocks/{symbol}/indicators`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "IndicatorSeries"))]
pub struct Indicators {
    /// Symbol.
    pub symbol: Symbol,
    /// Interval of the bars.
    pub interval: Interval,
    /// Starts of the bars, ascending.
    pub times_ms: Vec<i64>,
    /// In the order of the query.
    pub indicators: Vec<IndicatorValues>,
    /// The last bar is still forming: its values are those if it closed now.
    pub forming: bool,
    /// The numbering that `seq` belongs to.
    #[serde(default)]
    pub epoch: u64,
    /// Sequence number of the last quote that the bars contain; 0 where they end
    /// before the current quote.
    pub seq: u64,
    /// Prices are adjusted for splits (not for dividends).
    pub split_adjusted: bool,
    /// The bars follow a simulated path (intraday bars of a replay).
    pub simulated: bool,
    /// Live, delayed or replayed.
    pub origin: Origin,
}

/// One indicator of [`Indicators`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IndicatorValues {
    /// Its specification with all parameters: `rsi(14)`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its outputs.
    pub outputs: Vec<OutputValues>,
}

/// One output of an indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OutputValues {
    /// Name.
    pub name: String,
    /// What it measures.
    pub unit: Unit,
    /// One a bar; none while warming up and where the indicator is not defined.
    pub values: Vec<Option<f64>>,
}

/// `GET /api/v1/predictions/{symbol}`: the distribution of the log return from
/// the last closed day to each of the next trading days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forecast {
    /// Symbol.
    pub symbol: Symbol,
    /// Model.
    pub model: String,
    /// The last closed day, all that the forecast knows.
    #[serde(with = "tickwise_market::iso_date")]
    #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
    pub origin_date: Date,
    /// Its bar's start.
    pub origin_time_ms: i64,
    /// Its close, the price from which returns are counted.
    pub origin_close: f64,
    /// Probabilities of the quantiles.
    pub levels: Vec<f64>,
    /// `[horizon][level]`: quantiles of the log return at 1, 2, … trading days.
    pub quantiles: Vec<Vec<f64>>,
    /// Closed daily bars that it stands on.
    pub bars: usize,
    /// These are few: the distributions are wider for it.
    pub has_short_history: bool,
    /// The origin lies inside the model's training data: no evidence of skill.
    pub in_sample: bool,
    /// Live, delayed or replayed.
    pub origin: Origin,
    /// [`crate::DISCLAIMER`].
    pub disclaimer: String,
}

/// The body of `POST /api/v1/predictions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PredictionsRequest {
    /// One to [`MAX_PREDICTIONS`] different symbols.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 100), extend("uniqueItems" = true)))]
    pub symbols: Vec<String>,
}

/// The answer of `POST /api/v1/predictions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PredictionList"))]
pub struct Predictions {
    /// One for each symbol, in the order asked for.
    pub predictions: Vec<Prediction>,
}

/// A symbol's forecast, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prediction {
    /// As asked for.
    pub symbol: String,
    /// What `GET /api/v1/predictions/{symbol}` answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// What it answers when there is no forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// `GET /api/v1/models/{id}/golden`: the exported forecast recomputed here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GoldenCheck {
    /// Model.
    pub model: String,
    /// `[horizon][level]`, computed now.
    pub quantiles: Vec<Vec<f64>>,
    /// `[horizon][level]`, as exported.
    pub expected: Vec<Vec<f64>>,
    /// Largest absolute difference.
    pub max_abs_error: f64,
    /// Whether it is at most 1e-5.
    pub ok: bool,
}
