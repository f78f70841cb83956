//! Risk and reward.

mod drawdown;
mod pair;
mod ratios;
mod zscore;

pub use drawdown::Drawdown;
pub use pair::{Beta, Correlation};
pub use ratios::{Sharpe, Sortino};
pub use zscore::ZScore;
