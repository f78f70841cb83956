//! Momentum.

mod cci;
mod change;
mod coppock;
mod percentage;
mod roc;
mod rsi;
mod stochastic;
mod stochastic_rsi;
mod trix;
mod tsi;
mod williams;

pub use cci::Cci;
pub use change::Momentum;
pub use coppock::Coppock;
pub use percentage::{Ppo, Pvo};
pub use roc::Roc;
pub use rsi::Rsi;
pub(crate) use rsi::{gain_and_loss, share_of_gains};
pub use stochastic::Stochastic;
pub(crate) use stochastic::position;
pub use stochastic_rsi::StochasticRsi;
pub use trix::Trix;
pub use tsi::TrueStrength;
pub use williams::WilliamsR;
