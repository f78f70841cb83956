//! Layers of a network as plain loops over `f32`, for networks too large for the few
//! tensor operations of `Network`: candle trains and serves that one. Tests
//! hold both to the same numbers.
//!
//! Rows are contiguous: a batch `[row, feature]` is one slice. Nothing here
//! allocates after construction, and no loop depends on the target: the same
//! inputs give the same bits natively and in WebAssembly.

pub mod activation;
mod layer_norm;
mod linear;
pub mod panel;

pub use layer_norm::LayerNorm;
pub use linear::Linear;
