//! The two reference networks of `reference_models.py` from the layers of
//! `tickwise-forecast`, to be timed by `../inference.mjs` in Node.

mod gru;
mod mixer;
mod weights;

use gru::GruNetwork;
use mixer::MixerNetwork;
use wasm_bindgen::prelude::wasm_bindgen;
use weights::Weights;

/// Steps of an input.
const STEPS: usize = 64;

/// Features of a step.
const FEATURES: usize = 16;

/// Numbers of an output: 20 horizons of 7 quantiles.
const OUTPUTS: usize = 140;

/// A network ready to run.
#[wasm_bindgen]
pub struct Network(Kind);

enum Kind {
    Mixer(MixerNetwork),
    Gru(GruNetwork),
}

#[wasm_bindgen]
impl Network {
    /// From the bytes of a safetensors file; which network it is, its tensors tell.
    ///
    /// # Errors
    /// Names the tensor that is missing or has another shape.
    #[wasm_bindgen(constructor)]
    pub fn new(safetensors: &[u8]) -> Result<Self, String> {
        let weights = Weights::read(safetensors)?;
        let is_gru = weights.has("gru.w");
        Ok(Self(if is_gru {
            Kind::Gru(GruNetwork::new(&weights)?)
        } else {
            Kind::Mixer(MixerNetwork::new(&weights)?)
        }))
    }

    /// Maps `[step, feature]` to `[horizon, level]`.
    pub fn forward(&mut self, x: &[f32]) -> Vec<f32> {
        match &mut self.0 {
            Kind::Mixer(network) => network.forward(x),
            Kind::Gru(network) => network.forward(x),
        }
    }
}
