use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;

use crate::Origin;

/// A last price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quote {
    /// Symbol.
    pub symbol: Symbol,
    /// Number of this quote among all quotes of the symbol; no gaps.
    pub seq: u64,
    /// For a reader that has fallen behind: this quote stands for all from this number to `seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_seq: Option<u64>,
    /// Last price.
    pub price: f64,
    /// Units traded since the previous quote (with `from_seq`, since the one before that).
    pub size: f64,
    /// Units traded in the session so far.
    pub volume: f64,
    /// Close of the session before.
    pub previous_close: Option<f64>,
    /// When the exchange (or the recording) says it happened.
    pub exchange_time_ms: i64,
    /// When the edge learned of it.
    pub receive_time_ms: i64,
    /// The price lies on a simulated path between recorded prices.
    pub simulated: bool,
    /// Live, delayed or replayed.
    pub origin: Origin,
}
