//! Fuzz targets: every parser of bytes from outside, with what must hold of what it accepts.
//!
//! The same targets run three ways: thousands of mutated seeds in `cargo xtask test`; as many as one likes by the
//! program of this crate (`cargo xtask soak`); and guided by coverage under cargo-fuzz, in `libfuzzer/`.

mod mutate;
mod run;
mod targets;

pub use mutate::Mutator;
pub use run::{Finding, run};
pub use targets::{TARGETS, Target};
