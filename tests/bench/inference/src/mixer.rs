use tickwise_forecast::layers::{
    LayerNorm, Linear,
    activation::relu,
    panel::{Panel, two_rows},
};

use crate::{
    FEATURES, OUTPUTS, STEPS,
    weights::{Weights, transposed},
};

const BLOCKS: usize = 3;
const HIDDEN: usize = 64;

/// An MLP-Mixer (Tolstikhin et al. 2021, arXiv:2105.01601) over time and features.
pub struct MixerNetwork {
    blocks: Vec<Block>,
    head: [Linear; 2],
    /// The residual stream, `[step, feature]`.
    x: Vec<f32>,
    /// What a layer puts out.
    output: Vec<f32>,
    normalised: Vec<f32>,
    hidden: Vec<f32>,
}

struct Block {
    before_time: LayerNorm,
    time: TimeMixing,
    before_features: LayerNorm,
    features: [Linear; 2],
}

/// A linear layer over steps, alike for every feature.
struct TimeMixing {
    /// `[step out, step in]`.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl TimeMixing {
    /// Adds `relu(W x + b)` to `x`: a step of all features is a panel's row, so
    /// that nothing needs to be transposed.
    fn add_to(&self, x: &mut [f32], normalised: &[f32]) {
        let (panel, _) = normalised.as_chunks();
        let pairs = self.weights.chunks_exact(2 * STEPS).zip(self.bias.as_chunks().0);
        let (steps, _) = x.as_chunks_mut::<FEATURES>();
        for ((weights, [first_bias, second_bias]), targets) in pairs.zip(steps.as_chunks_mut().0) {
            let (first, second) = weights.split_at(STEPS);
            let [first, second] = two_rows(first, second, panel);
            let [first_target, second_target] = targets;
            add(first_target, &first, *first_bias);
            add(second_target, &second, *second_bias);
        }
    }
}

fn add(target: &mut [f32; FEATURES], sums: &Panel, bias: f32) {
    target.iter_mut().zip(sums).for_each(|(target, sum)| *target += relu(sum + bias));
}

impl Block {
    fn new(weights: &Weights, index: usize) -> Result<Self, String> {
        let name = |part: &str| format!("b{index}.{part}");
        let time = weights.tensor(&name("time.w"), &[STEPS, STEPS])?;
        Ok(Self {
            before_time: weights.norm(&name("n1"), FEATURES)?,
            time: TimeMixing {
                weights: transposed(&time, STEPS),
                bias: weights.tensor(&name("time.b"), &[STEPS])?,
            },
            before_features: weights.norm(&name("n2"), FEATURES)?,
            features: [
                weights.linear(&name("f1"), FEATURES, HIDDEN)?,
                weights.linear(&name("f2"), HIDDEN, FEATURES)?,
            ],
        })
    }
}

impl MixerNetwork {
    pub fn new(weights: &Weights) -> Result<Self, String> {
        Ok(Self {
            blocks: (0..BLOCKS).map(|index| Block::new(weights, index)).collect::<Result<_, _>>()?,
            head: [weights.linear("h1", STEPS * FEATURES, HIDDEN)?, weights.linear("h2", HIDDEN, OUTPUTS)?],
            x: vec![0.0; STEPS * FEATURES],
            output: vec![0.0; STEPS * FEATURES],
            normalised: vec![0.0; STEPS * FEATURES],
            hidden: vec![0.0; STEPS * HIDDEN],
        })
    }

    pub fn forward(&mut self, x: &[f32]) -> Vec<f32> {
        self.x.clear();
        self.x.extend_from_slice(x);
        for Block { before_time, time, before_features, features: [widen, narrow] } in &self.blocks {
            before_time.forward(&self.x, &mut self.normalised);
            time.add_to(&mut self.x, &self.normalised);
            before_features.forward(&self.x, &mut self.normalised);
            widen.forward(&self.normalised, &mut self.hidden);
            self.hidden.iter_mut().for_each(|value| *value = relu(*value));
            narrow.forward(&self.hidden, &mut self.output);
            self.x.iter_mut().zip(&self.output).for_each(|(x, change)| *x += change);
        }
        let [first, last] = &self.head;
        let mut hidden = [0.0; HIDDEN];
        first.forward(&self.x, &mut hidden);
        let mut output = vec![0.0; OUTPUTS];
        last.forward(&hidden.map(relu), &mut output);
        output
    }
}
