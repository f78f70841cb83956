//! Moving averages.

mod dema;
mod ema;
mod hma;
mod kama;
mod sma;
mod tema;
mod vwma;
mod wma;
mod zlema;

pub use dema::Dema;
pub use ema::Ema;
pub use hma::Hma;
pub use kama::Kama;
pub use sma::Sma;
pub use tema::Tema;
pub use vwma::Vwma;
pub use wma::Wma;
pub use zlema::Zlema;
