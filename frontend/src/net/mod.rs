//! Talks to the edge, and to nothing else.

pub mod rest;
pub mod session;
mod stream;

pub use stream::Stream;
