//! The Worker in the real workerd: its HTTP API, its stream, its faults.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

mod alerts;
mod archive;
mod bench;
mod description;
mod examples;
mod fanout;
mod faults;
mod indicators;
mod joins;
mod kills;
mod live;
mod live_feed;
mod queries;
mod ranges;
mod record;
mod rest;
mod resume;
mod runtime;
mod stream;
mod transport;
