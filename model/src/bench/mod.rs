//! Measurements of speed.

mod passes;

pub mod indicators;
