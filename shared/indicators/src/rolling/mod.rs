//! What indicators keep of the last values.

mod blocks;
mod moments;
mod window;

pub use blocks::{RollingMax, RollingSum};
pub use moments::Moments;
pub use window::Window;
