//! What indicators keep of the last values.

mod max;
mod moments;
mod sum;
mod window;

pub use max::RollingMax;
pub use moments::Moments;
pub use sum::RollingSum;
pub use window::Window;
