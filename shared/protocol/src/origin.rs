use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Where a price comes from; part of everything that shows one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Origin {
    /// Real-time prices.
    Live,
    /// Real prices, delayed by a known number of minutes.
    Delayed {
        /// The delay.
        minutes: u32,
    },
    /// Closing prices of a past session.
    EndOfDay {
        /// The session.
        #[serde(with = "tickwise_market::iso_date")]
        #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
        date: Date,
    },
    /// A recorded day played again. The day's open, high, low, close and volume
    /// are recorded; the path between them is simulated.
    Replay {
        /// The recorded day.
        #[serde(with = "tickwise_market::iso_date")]
        #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
        date: Date,
        /// How often the recording has been played before, so that the same
        /// instant of a later lap is a different event.
        lap: u64,
    },
}

impl Origin {
    /// Whether intraday prices of this origin follow a simulated path.
    pub fn is_simulated(&self) -> bool {
        matches!(self, Self::Replay { .. })
    }
}
