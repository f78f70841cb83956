//! What a Feed is told by whoever fetches live prices: the body of `POST /{symbol}/ingest`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, iso_date};
use tickwise_protocol::Origin;

/// Prices of one symbol from a live source. Sending the same again, or older
/// prices than were sent before, changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ingest {
    /// Live, delayed or end of day; a replay is not ingested.
    pub origin: Origin,
    /// When the edge received the answer, by the source's clock.
    pub received_ms: i64,
    /// How far the source's clock is ahead of the edge's.
    #[serde(default)]
    pub clock_ahead_ms: i64,
    /// A simulated vendor has told this: no price of it is real.
    #[serde(default)]
    pub simulated: bool,
    /// The last price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<SourceQuote>,
    /// Closed days as traded, ascending: all that are known, or the newest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub daily: Vec<SourceDay>,
    /// Closed one-minute bars as traded, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minutes: Vec<Bar>,
}

/// A last price as its source gives it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceQuote {
    /// Price.
    pub price: f64,
    /// Units traded in the session so far, where the source tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<f64>,
    /// Close of the session before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_close: Option<f64>,
    /// When the exchange says it happened.
    pub exchange_time_ms: i64,
    /// Open, high and low of the session so far, where the source tells them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<[f64; 3]>,
}

/// A closed day as traded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceDay {
    /// Trading day.
    #[serde(with = "iso_date")]
    pub date: Date,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Units traded.
    pub volume: f64,
    /// The source's close adjusted for all later splits and dividends, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjusted_close: Option<f64>,
    /// New shares for an old one on the first day at the new terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<f64>,
}

/// The answer to an [`Ingest`], given when everything accepted is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// The symbol's sequence number after it.
    pub seq: u64,
    /// How many of the quote, days and minutes were new or corrections.
    pub accepted: usize,
}
