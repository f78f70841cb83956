//! Volatility.

mod atr;
mod bollinger;

pub use atr::Atr;
pub use bollinger::Bollinger;
