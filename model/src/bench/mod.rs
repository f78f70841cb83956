//! Measurements of speed.

mod passes;

pub mod forecast;
pub mod indicators;
