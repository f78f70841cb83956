//! The record of past forecasts: what was said, before its outcome was known,
//! and how it turned out.
//!
//! An [`Entry`] is a forecast as issued, with the closes that became known since
//! the entry before it and that entry's hash. Every [`Outcome`] follows from
//! entries alone, so one chain vouches for forecasts and outcomes, and
//! [`verify`] recomputes all of it. Nothing here reads a clock or a database.

mod bytes;
mod entry;
mod hash;
mod naive;
mod outcome;
mod record;
mod summary;
mod verify;

pub use bytes::Damaged;
pub use entry::{DayReturn, Entry};
pub use hash::Hash;
pub use naive::{NAIVE_BARS, naive_quantiles};
pub use outcome::{Outcome, outcomes};
pub use record::{Anchor, Exclusion, Record, ScoredEntry};
pub use summary::{HorizonScore, Summary};
pub use verify::{Fault, verify};

/// Entries kept of a symbol: two years of trading days.
pub const MAX_ENTRIES: usize = 520;

/// A number to nine decimals. What an entry holds is rounded so: fifteen digits
/// are read back from JSON as the same number by every parser, exact or not, and
/// hashes are of these numbers.
pub fn rounded(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}
