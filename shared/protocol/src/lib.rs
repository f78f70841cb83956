//! What travels between edge, browser and programs: WebSocket messages
//! ([`stream`]), REST bodies ([`rest`]) and what is kept of them ([`archive`]).
//!
//! Pure data; the JSON of these types is the public API `/api/v1`.

pub mod alerts;
pub mod archive;
mod origin;
mod problem;
mod quote;
pub mod rest;
pub mod routes;
#[cfg(feature = "schema")]
pub mod schema;
pub mod service;
pub mod stream;

pub use origin::Origin;
pub use problem::Problem;
pub use quote::Quote;

/// The probabilities of the forecast quantiles, in order.
pub const QUANTILE_LEVELS: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// The longest forecast horizon, in trading days; forecasts cover `1..=HORIZON_DAYS`.
pub const HORIZON_DAYS: usize = 20;

/// Shown wherever a forecast is.
pub const DISCLAIMER: &str = "Not investment advice.";
