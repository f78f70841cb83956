//! Support and resistance from the trading day before: `[pivot, r1, r2, r3, s1,
//! s2, s3]`. On daily and longer bars every bar is a day of its own.

mod pivots;

pub use pivots::{CamarillaPivots, ClassicPivots, FibonacciPivots, Pivots};
