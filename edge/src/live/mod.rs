//! The stateful parts: Durable Objects.

mod feed;
mod gateway;
mod history;
mod log;
mod publication;
mod subscriptions;
mod tape;

pub use feed::Feed;
pub use gateway::Gateway;
pub use tape::{Checkpoint, Event, Tape};
