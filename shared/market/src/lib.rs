//! The market's vocabulary: symbols, bars, ticks, intervals and trading sessions.
//!
//! Pure: no I/O and no clock. Instants are `i64` milliseconds since the Unix
//! epoch, UTC (`_ms`); prices are in the instrument's quote currency; volumes
//! are in shares or units.

mod adjust;
mod bar;
mod calendar;
pub mod decimals;
pub mod events;
mod interval;
pub mod iso_date;
mod resample;
mod symbol;
mod tick;

pub use adjust::{ActionKind, CorporateAction, adjusted, adjusted_to};
pub use bar::{Bar, InvalidBar};
pub use calendar::{Calendar, Session};
pub use interval::{Interval, UnknownInterval};
pub use resample::BarBuilder;
pub use symbol::{InvalidSymbol, Symbol};
pub use tick::Tick;
