//! What a Feed plays: a symbol's events in order, whatever they come from.

use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, Interval, Symbol};
use tickwise_protocol::{
    Origin, Quote,
    stream::{ServerMessage, Snapshot, SourceState},
};

use crate::api::BarsQuery;

/// Intervals whose bars are announced as they close.
pub const LIVE_INTERVALS: [Interval; 3] = [Interval::Minute, Interval::FiveMinutes, Interval::Day];

/// What happens under one sequence number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Sequence number.
    pub seq: u64,
    /// Closed bars, then the quote; or, where the tape jumped or its history
    /// was corrected, a snapshot.
    pub messages: Vec<ServerMessage>,
}

/// A symbol's events and bars, as of the last event.
pub trait Tape {
    /// The symbol.
    fn symbol(&self) -> &Symbol;

    /// Sequence number of the last event; 0 before the first.
    fn seq(&self) -> u64;

    /// Clients that have seen less than this cannot resume: the tape jumped here.
    fn resumable_from(&self) -> u64;

    /// The last quote.
    fn quote(&self) -> Option<&Quote>;

    /// What the source does at a moment of wall time, and where it is.
    fn state(&self, now_ms: i64) -> (SourceState, Origin);

    /// Everything a client needs to go on from here. `None` before the first quote.
    /// A tape knows no epoch: the Feed writes it in.
    fn snapshot(&self) -> Option<Snapshot>;

    /// Whether nothing more is to come of the current day.
    fn is_day_closed(&self) -> bool;

    /// What the source does by itself up to `now_ms`, but at most to the end of the
    /// current day; nothing, when all of it was told.
    fn advance(&mut self, now_ms: i64) -> Vec<Event>;

    /// Wall time of the next event that comes by itself.
    fn next_event_wall_ms(&self) -> Option<i64>;

    /// What has to be stored after an event, as JSON. `None` before the first.
    ///
    /// # Errors
    /// None in practice.
    fn checkpoint(&self) -> Result<Option<String>, serde_json::Error>;

    /// Closed daily bars before the current day, adjusted for the splits known by now.
    fn days_before(&self) -> Vec<Bar>;

    /// Start of the last of [`Self::days_before`], without making the others.
    fn last_day_before_ms(&self) -> Option<i64>;

    /// The same days with prices whose returns include dividends: what the model reads.
    fn total_return_days_before(&self) -> Vec<Bar>;

    /// Intraday bars before the current day: at least those that a query can ask for.
    fn intraday_before(&self, query: &BarsQuery) -> Vec<Bar>;

    /// Bars of the current day, the last of which may be forming.
    fn today(&self, interval: Interval) -> Vec<Bar>;

    /// Where the current day is from. `None` before the first day.
    fn day_origin(&self) -> Option<Origin>;

    /// Changes whenever bars of an interval that were closed before are rewritten, as
    /// by a split or a correction.
    fn revision(&self, interval: Interval) -> u64;
}
