use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};

use crate::{FEATURES, HORIZONS, error::LoadError};

/// Number of quantiles at each horizon.
pub const QUANTILES: usize = crate::LEVELS.len();

/// Units of each hidden layer.
const HIDDEN: usize = 32;

/// `(name, inputs, outputs)` of each linear layer.
const LAYERS: [(&str, usize, usize); 3] = [
    ("hidden_1", FEATURES.len(), HIDDEN),
    ("hidden_2", HIDDEN, HIDDEN),
    ("head", HIDDEN, HORIZONS * QUANTILES),
];

/// A multilayer perceptron whose head cannot cross: it puts out the median and,
/// from there outwards, positive steps to the other quantiles.
#[derive(Clone, Debug)]
pub struct Network {
    /// `(weight [inputs, outputs], bias [outputs])`.
    layers: Vec<(Tensor, Tensor)>,
}

impl Network {
    /// Kind and size, for the manifest.
    pub const ARCHITECTURE: &str = "mlp 11-32-32-(20x7), silu, monotone quantile head";

    /// Names and shapes of all tensors.
    pub fn shapes() -> Vec<(String, Vec<usize>)> {
        let layer = |(name, inputs, outputs): (&str, usize, usize)| {
            [(format!("{name}.weight"), vec![inputs, outputs]), (format!("{name}.bias"), vec![outputs])]
        };
        LAYERS.into_iter().flat_map(layer).collect()
    }

    /// Starting values: weights from `normal` (standard normal numbers) scaled by
    /// the number of inputs, and a head that begins as a normal distribution.
    ///
    /// # Errors
    /// When candle fails.
    pub fn initial(mut normal: impl FnMut() -> f64) -> Result<HashMap<String, Tensor>> {
        let mut tensors = HashMap::new();
        for (name, inputs, outputs) in LAYERS {
            let scale = if name == "head" { 0.01 } else { (1.0 / inputs as f64).sqrt() };
            let weight: Vec<f32> = (0..inputs * outputs).map(|_| (normal() * scale) as f32).collect();
            let bias = if name == "head" { normal_head() } else { vec![0.0; outputs] };
            tensors
                .insert(format!("{name}.weight"), Tensor::from_vec(weight, (inputs, outputs), &Device::Cpu)?);
            tensors.insert(format!("{name}.bias"), Tensor::from_vec(bias, outputs, &Device::Cpu)?);
        }
        Ok(tensors)
    }

    /// Takes tensors by name.
    ///
    /// # Errors
    /// [`LoadError::MissingTensor`] or [`LoadError::Shape`].
    pub fn from_tensors(tensors: &HashMap<String, Tensor>) -> std::result::Result<Self, LoadError> {
        let take = |name: String, expected: &[usize]| {
            let tensor = tensors.get(&name).ok_or_else(|| LoadError::MissingTensor(name.clone()))?;
            if tensor.dims() != expected {
                let (found, expected) = (tensor.dims().to_vec(), expected.to_vec());
                return Err(LoadError::Shape { name, found, expected });
            }
            Ok(tensor.to_dtype(DType::F32)?)
        };
        let layer = |(name, inputs, outputs): (&str, usize, usize)| {
            Ok((
                take(format!("{name}.weight"), &[inputs, outputs])?,
                take(format!("{name}.bias"), &[outputs])?,
            ))
        };
        Ok(Self { layers: LAYERS.into_iter().map(layer).collect::<std::result::Result<_, LoadError>>()? })
    }

    /// Maps features `[batch, feature]` to quantiles `[batch, horizon, level]` of
    /// the log return, in units of `volatility * sqrt(horizon)`.
    ///
    /// # Errors
    /// When the input has another shape.
    pub fn forward(&self, features: &Tensor) -> Result<Tensor> {
        let last = self.layers.len() - 1;
        let mut x = features.clone();
        for (index, (weight, bias)) in self.layers.iter().enumerate() {
            x = x.matmul(weight)?.broadcast_add(bias)?;
            if index < last {
                x = x.silu()?;
            }
        }
        let head = x.reshape((x.dim(0)?, HORIZONS, QUANTILES))?;
        monotone(&head)
    }
}

/// `[median, three steps up, three steps down]` to ascending quantiles.
fn monotone(head: &Tensor) -> Result<Tensor> {
    let step = |index| softplus(&head.narrow(2, index, 1)?);
    let median = head.narrow(2, 0, 1)?;
    let q75 = (&median + step(1)?)?;
    let q90 = (&q75 + step(2)?)?;
    let q95 = (&q90 + step(3)?)?;
    let q25 = (&median - step(4)?)?;
    let q10 = (&q25 - step(5)?)?;
    let q05 = (&q10 - step(6)?)?;
    Tensor::cat(&[q05, q10, q25, median, q75, q90, q95], 2)
}

/// `ln(1 + e^x)`, without overflow.
fn softplus(x: &Tensor) -> Result<Tensor> {
    x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// Biases of a head that puts out the standard normal's quantiles.
fn normal_head() -> Vec<f32> {
    // Steps between the normal's 50, 75, 90 and 95 % quantiles.
    let steps = [0.674_490_f64, 0.607_062, 0.363_302];
    let inverse_softplus = |y: f64| y.exp_m1().ln() as f32;
    let [a, b, c] = steps.map(inverse_softplus);
    [0.0, a, b, c, a, b, c].repeat(HORIZONS)
}
