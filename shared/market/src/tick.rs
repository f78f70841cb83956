use serde::{Deserialize, Serialize};

/// One trade, or one observed last price with the volume since the previous.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    /// Exchange time.
    pub time_ms: i64,
    /// Price.
    pub price: f64,
    /// Units traded.
    pub size: f64,
}
