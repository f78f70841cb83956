use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::{Calendar, Symbol};
use tickwise_protocol::{HORIZON_DAYS, Origin};

use crate::Hash;

/// A forecast as it was issued. Its byte layout is documented in `bytes.rs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// From 1, without gaps.
    pub number: u64,
    /// SHA-256 of the entry before; zeros for the first.
    pub previous: Hash,
    /// Symbol.
    pub symbol: Symbol,
    /// Wall time at which it was written, before anybody was told.
    pub issued_ms: i64,
    /// Live, delayed, end of day or a replay, and of which lap.
    pub origin: Origin,
    /// The last closed day, all that the forecast knows.
    #[serde(with = "tickwise_market::iso_date")]
    #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
    pub origin_date: Date,
    /// Its close, the price from which returns are counted.
    pub origin_close: f64,
    /// Model.
    pub model: String,
    /// The origin lies inside the model's training data: no evidence of skill.
    pub in_sample: bool,
    /// Probabilities of the quantiles.
    pub levels: Vec<f64>,
    /// `[horizon][level]`: quantiles of the log return at 1, 2, … trading days.
    pub quantiles: Vec<Vec<f64>>,
    /// The same from a random walk: empirical quantiles of the past returns known then.
    pub naive: Vec<Vec<f64>>,
    /// The days that have closed since the entry before it in the same run, up to
    /// the origin: at most the 20 oldest of them.
    pub closes: Vec<DayReturn>,
}

/// A day's log return, dividends included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayReturn {
    /// Trading day.
    #[serde(with = "tickwise_market::iso_date")]
    #[cfg_attr(feature = "schema", schemars(with = "tickwise_market::iso_date::IsoDate"))]
    pub date: Date,
    /// From the close of the trading day before.
    pub log_return: f64,
}

impl Entry {
    /// The entry's hash, which the next one carries.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.to_bytes())
    }

    /// Whether its prices are replayed.
    pub fn is_replayed(&self) -> bool {
        self.lap().is_some()
    }

    /// Whether another entry, later in the chain, goes on in the same run: the
    /// same lap of a replay, or real prices, and no earlier day.
    pub fn is_followed_by(&self, later: &Self) -> bool {
        self.lap() == later.lap() && self.origin_date <= later.origin_date
    }

    /// Whether it says the same as another.
    pub fn repeats(&self, other: &Self) -> bool {
        (self.lap(), self.origin_date, &self.model, &self.quantiles)
            == (other.lap(), other.origin_date, &other.model, &other.quantiles)
    }

    /// Takes its place in the chain: number, hash of the one before, and the
    /// closes since the last entry of the same run. `days` are the returns of all
    /// days known, ascending up to the origin.
    #[must_use]
    pub fn after(mut self, chain: &[Self], (number, hash): (u64, Hash), days: &[DayReturn]) -> Self {
        let last = chain.iter().rev().find(|entry| entry.lap() == self.lap());
        let last = last.filter(|entry| entry.is_followed_by(&self));
        let since = |day: &&DayReturn| last.is_some_and(|last| day.date > last.origin_date);
        self.closes = days.iter().filter(since).take(HORIZON_DAYS).copied().collect();
        (self.number, self.previous) = (number + 1, hash);
        self
    }

    /// Issued when the first day that it is about had closed: no forecast of it.
    /// A replayed day is known to all but the model, which is why it counts apart.
    pub(crate) fn is_late(&self) -> bool {
        let next = self.origin_date.tomorrow().ok().and_then(|date| Calendar::Nyse.first_session(date));
        !self.is_replayed() && next.is_some_and(|session| self.issued_ms >= session.close_ms)
    }

    fn lap(&self) -> Option<u64> {
        match self.origin {
            Origin::Replay { lap, .. } => Some(lap),
            _ => None,
        }
    }
}
