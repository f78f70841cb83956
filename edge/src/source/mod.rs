//! Where prices come from. Nothing outside this module knows whether they are
//! live or recorded.

mod replay;

pub use replay::{PlayedDay, ReplaySource, load_catalogue};
