//! The passes of `tickwise bench indicators`, to be timed by `run.mjs` in Node.

#[path = "../../../../model/src/bench/passes.rs"]
mod passes;

use passes::{Bars, INDICATORS, Mode, pass};
use wasm_bindgen::prelude::wasm_bindgen;

/// Bars to measure with.
#[wasm_bindgen]
pub struct Bench(Bars);

#[wasm_bindgen]
impl Bench {
    /// From columns of one length.
    #[wasm_bindgen(constructor)]
    pub fn new(high: Vec<f64>, low: Vec<f64>, close: Vec<f64>) -> Self {
        Self(Bars::new(high, low, close))
    }

    /// Number of bars.
    pub fn bars(&self) -> usize {
        self.0.len()
    }

    /// One pass, in batch or streaming; the last outputs.
    pub fn pass(&self, indicator: &str, is_batch: bool) -> Vec<f64> {
        pass(indicator, if is_batch { Mode::Batch } else { Mode::Stream }, &self.0)
    }
}

/// What can be measured.
#[wasm_bindgen]
pub fn indicators() -> Vec<String> {
    INDICATORS.map(String::from).to_vec()
}
