//! Moving averages.

mod ema;
mod sma;
mod window;

pub use ema::Ema;
pub use sma::Sma;
pub(crate) use window::Window;
