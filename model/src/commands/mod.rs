//! One module a command.

pub mod export;
pub mod indicators;
pub mod predict;
pub mod train;
