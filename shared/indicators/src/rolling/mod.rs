//! What indicators keep of the last values.

mod fold;
mod line;
mod max;
mod moments;
mod pairs;
mod sum;
mod window;

pub use fold::{Rolling, Run};
pub use line::RollingLine;
pub use max::RollingMax;
pub use moments::RollingMoments;
pub use pairs::RollingPairs;
pub use sum::{RollingSum, RollingWeighted};
pub use window::Window;
