//! `cargo xtask bench`: measurements side by side with peers, in one run.

pub mod edge_inference;
pub mod files;
pub mod forecast;
pub mod indicators;
pub mod inference;
mod report;
pub mod setup;
pub mod stream;
