//! Measurements of speed.

mod passes;

pub mod files;
pub mod forecast;
pub mod indicators;
