//! Volatility.

mod atr;
mod bands;
mod bollinger;
mod close_to_close;
mod donchian;
mod ewma;
mod keltner;
mod range;
mod relative;
mod yang_zhang;

pub use atr::Atr;
pub(crate) use atr::true_range;
pub use bands::{BollingerWidth, PercentB};
pub use bollinger::Bollinger;
pub use close_to_close::CloseToClose;
pub use donchian::Donchian;
pub use ewma::EwmaVariance;
pub use keltner::Keltner;
pub use range::{GarmanKlass, Parkinson, RogersSatchell};
pub use relative::RelativeVolatility;
pub use yang_zhang::YangZhang;
