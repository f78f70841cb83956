//! Recorded daily bars, and the stream of ticks made from them.
//!
//! A recording knows a day's open, high, low, close and volume, not what
//! happened in between. [`day_path`] simulates a path through exactly those
//! numbers, and [`ReplayClock`] says which moment of which recorded day a
//! moment of wall time plays. Both are pure functions of their arguments: every
//! part of the system, now or after a restart, sees the same ticks.

pub mod arrow_file;
mod catalogue;
mod clock;
mod path;
mod recording;

pub use catalogue::{Catalogue, CatalogueEntry};
pub use clock::{Moment, Position, ReplayClock};
pub use path::{TICKS_PER_MINUTE, day_path};
pub use recording::{RecordedDay, Recording, RecordingError, Split};
