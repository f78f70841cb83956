//! The stateful parts: Durable Objects.

#[allow(missing_docs, reason = "the attribute macro generates undocumented methods")]
mod feed;
#[allow(missing_docs, reason = "the attribute macro generates undocumented methods")]
mod gateway;
mod history;
mod ingest;
mod log;
mod publication;
mod subscriptions;
mod tape;

pub use feed::Feed;
pub use gateway::Gateway;
pub use ingest::{Ingest, Ingested, SourceDay, SourceQuote};
pub use tape::{Checkpoint, Event, Tape};
