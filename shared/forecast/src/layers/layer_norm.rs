/// Layer normalisation (Ba, Kiros and Hinton 2016, arXiv:1607.06450) over the
/// features of a row.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    gain: Vec<f32>,
    bias: Vec<f32>,
}

impl LayerNorm {
    /// Added to the variance.
    const EPSILON: f32 = 1e-5;

    /// From gain and bias; `None` when their lengths differ or are zero.
    pub fn new(gain: &[f32], bias: &[f32]) -> Option<Self> {
        let fits = !gain.is_empty() && gain.len() == bias.len();
        fits.then(|| Self { gain: gain.to_vec(), bias: bias.to_vec() })
    }

    /// Maps `[row, feature]` to the same shape.
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        let width = self.gain.len();
        for (row, target) in x.chunks_exact(width).zip(y.chunks_exact_mut(width)) {
            let mean = sum(row, |value| value) / width as f32;
            let variance = sum(row, |value| (value - mean) * (value - mean)) / width as f32;
            let scale = 1.0 / (variance + Self::EPSILON).sqrt();
            let parameters = self.gain.iter().zip(&self.bias);
            for ((target, value), (gain, bias)) in target.iter_mut().zip(row).zip(parameters) {
                *target = (value - mean) * scale * gain + bias;
            }
        }
    }
}

/// Four sums at a time, so that they fit a vector.
fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (fours, rest) = row.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for four in fours {
        sums.iter_mut().zip(four).for_each(|(sum, value)| *sum += of(*value));
    }
    let [a, b, c, d] = sums;
    (a + b) + (c + d) + rest.iter().map(|value| of(*value)).sum::<f32>()
}
