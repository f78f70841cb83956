//! Spends the request budget of a market data key where it is worth most.
//!
//! Pure: [`Scheduler::next`] says what to do, the caller does it and tells what
//! came of it. [`Ledger`] counts requests before they leave and never lets more
//! leave than the [`Plan`] allows, however clocks jump and whenever the process
//! dies; [`Holding`] is what is known of a symbol and how much a refresh is worth;
//! [`Circuits`] and [`Refusals`] keep from asking in vain.

mod backoff;
mod circuit;
mod clock;
mod failure;
mod freshness;
mod holding;
mod ledger;
mod market_hours;
mod plan;
mod refusals;
mod request;
mod scheduler;
mod wanted;

pub use backoff::Backoff;
pub use circuit::{Circuit, Circuits, FailureClass};
pub use clock::Clock;
pub use failure::Failure;
pub use holding::Holding;
pub use ledger::{Ledger, Limit, Purpose, Readiness};
pub use plan::{Entitlement, Plan, UnknownEntitlement, UnknownPlan};
pub use refusals::Refusals;
pub use request::{BULK_SYMBOLS, Function, Request, Series};
pub use scheduler::{
    Answer, Config, Denied, HEARTBEAT_MS, MAX_FOLLOWED, Outlook, Priced, Reason, Scheduler, State, Step,
    WATCH_MS,
};
