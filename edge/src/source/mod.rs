//! Where prices come from. Nothing outside this module knows whether they are
//! live or recorded.

mod replay;
mod served;

pub use replay::{PlayedDay, ReplaySource, load_catalogue};
pub use served::Served;
