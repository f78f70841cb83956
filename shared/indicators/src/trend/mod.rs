//! Trend.

mod adx;
mod aroon;
mod directional;
mod dmi;
mod ichimoku;
mod linreg;
mod macd;
mod sar;
mod supertrend;
mod vortex;

pub use adx::Adx;
pub use aroon::Aroon;
pub use dmi::Dmi;
pub use ichimoku::Ichimoku;
pub use linreg::LinearRegression;
pub use macd::Macd;
pub use sar::ParabolicSar;
pub use supertrend::Supertrend;
pub use vortex::Vortex;
