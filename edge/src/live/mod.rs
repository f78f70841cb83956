//! The stateful parts: Durable Objects.

mod alerts;
mod archive;
mod bench;
mod conflation;
mod fan_out;
#[allow(missing_docs, reason = "the attribute macro generates undocumented methods")]
mod feed;
mod fit;
#[allow(missing_docs, reason = "the attribute macro generates undocumented methods")]
mod gateway;
mod history;
mod ingest;
mod limits;
mod link;
mod live_tape;
mod log;
mod outbox;
mod publication;
mod record;
mod replay_tape;
mod rolling;
#[allow(missing_docs, reason = "the attribute macro generates undocumented methods")]
pub mod scheduler;
mod subscriptions;
mod tape;

pub use alerts::AlertsCall;
pub use archive::Archived;
pub use feed::Feed;
pub use gateway::Gateway;
pub use ingest::{Ingest, Ingested, SourceDay, SourceQuote};
pub use live_tape::{LiveCheckpoint, LiveTape};
pub use publication::call;
pub use replay_tape::{Checkpoint, ReplayTape};
pub use scheduler::Scheduler;
pub use tape::{Event, Tape};

/// Milliseconds since 1970, by the platform's clock.
fn now_ms() -> i64 {
    i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX)
}
