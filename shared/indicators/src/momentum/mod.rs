//! Momentum.

mod cci;
mod change;
mod roc;
mod rsi;
mod stochastic;
mod stochastic_rsi;
mod trix;
mod williams;

pub use cci::Cci;
pub use change::Momentum;
pub use roc::Roc;
pub use rsi::Rsi;
pub(crate) use rsi::{gain_and_loss, share_of_gains};
pub use stochastic::Stochastic;
pub(crate) use stochastic::position;
pub use stochastic_rsi::StochasticRsi;
pub use trix::Trix;
pub use williams::WilliamsR;
