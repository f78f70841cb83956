use tickwise_forecast::layers::{
    Linear,
    activation::{relu, sigmoid, tanh},
};

use crate::{
    FEATURES, OUTPUTS, STEPS,
    weights::{Weights, transposed},
};

const UNITS: usize = 128;
const GATES: usize = 3 * UNITS;

/// A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078) in ONNX's form:
/// gates `z r h`, the reset after the product (`linear_before_reset`).
pub struct GruNetwork {
    /// `[feature] -> [gate, unit]`.
    input: Linear,
    /// `[unit] -> [gate, unit]`.
    state: Linear,
    head: [Linear; 2],
    /// `[step, gate, unit]`: what the inputs contribute.
    from_input: Vec<f32>,
}

impl GruNetwork {
    pub fn new(weights: &Weights) -> Result<Self, String> {
        let bias = weights.tensor("gru.b", &[1, 2 * GATES])?;
        let (input_bias, state_bias) = bias.split_at(GATES);
        let linear = |name: &str, inputs, bias: &[f32]| {
            let matrix = weights.tensor(name, &[1, GATES, inputs])?;
            Linear::new(&transposed(&matrix, inputs), bias).ok_or_else(|| format!("{name} is empty"))
        };
        Ok(Self {
            input: linear("gru.w", FEATURES, input_bias)?,
            state: linear("gru.r", UNITS, state_bias)?,
            head: [weights.linear("h1", UNITS, UNITS)?, weights.linear("h2", UNITS, OUTPUTS)?],
            from_input: vec![0.0; STEPS * GATES],
        })
    }

    pub fn forward(&mut self, x: &[f32]) -> Vec<f32> {
        self.input.forward(x, &mut self.from_input);
        let mut state = [0.0; UNITS];
        let mut from_state = [0.0; GATES];
        for from_input in self.from_input.as_chunks::<GATES>().0 {
            self.state.forward(&state, &mut from_state);
            step(&mut state, from_input, &from_state);
        }
        let [first, last] = &self.head;
        let mut hidden = [0.0; UNITS];
        first.forward(&state, &mut hidden);
        let mut output = vec![0.0; OUTPUTS];
        last.forward(&hidden.map(relu), &mut output);
        output
    }
}

/// One step of the recurrence.
fn step(state: &mut [f32; UNITS], from_input: &[f32; GATES], from_state: &[f32; GATES]) {
    let ([zi, ri, hi], []) = from_input.as_chunks::<UNITS>() else { return };
    let ([zs, rs, hs], []) = from_state.as_chunks::<UNITS>() else { return };
    let update = zi.iter().zip(zs);
    let reset = ri.iter().zip(rs);
    let candidate = hi.iter().zip(hs);
    for (((state, update), reset), candidate) in state.iter_mut().zip(update).zip(reset).zip(candidate) {
        let update = sigmoid(update.0 + update.1);
        let reset = sigmoid(reset.0 + reset.1);
        let candidate = tanh(candidate.0 + reset * candidate.1);
        *state = (1.0 - update) * candidate + update * *state;
    }
}
