use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};

use crate::{ANCHORS, COMMON_FEATURES, FEATURES, LEVELS, error::LoadError};

/// Networks whose outputs are averaged (Lakshminarayanan, Pritzel and Blundell 2017).
pub const MEMBERS: usize = 3;

/// Units of each hidden layer.
pub const HIDDEN: usize = 32;

/// Standardised inputs of the networks are cut off here.
const LIMIT: f64 = 3.0;

/// `(name, inputs, outputs)` of each linear layer.
const LAYERS: [(&str, usize, usize); 3] =
    [("hidden_1", COMMON_FEATURES, HIDDEN), ("hidden_2", HIDDEN, HIDDEN), ("head", HIDDEN, ANCHORS.len())];

/// Predicts the log variance of the coming days: a ridge regression, and an
/// ensemble of small networks fitted to what it leaves. Beside it the shape of
/// the returns in units of the predicted deviation.
#[derive(Clone, Debug)]
pub struct Network {
    /// Of each feature in training, `[feature]`.
    mean: Tensor,
    deviation: Tensor,
    /// The ridge regression on standardised features.
    ridge: (Tensor, Tensor),
    members: Vec<Member>,
    shape: Shape,
}

/// Returns in units of the predicted deviation, pooled over training.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shape {
    /// `[anchor][level]`: quantiles where the mean size is 1.
    pub quantiles: [[f64; LEVELS.len()]; ANCHORS.len()],
    /// Mean size at each anchor of a symbol with no record of its own.
    pub size: [f64; ANCHORS.len()],
}

/// A multilayer perceptron with SiLU.
#[derive(Clone, Debug)]
pub struct Member {
    /// `(weight [inputs, outputs], bias [outputs])`.
    layers: Vec<(Tensor, Tensor)>,
}

type Loaded<T> = std::result::Result<T, LoadError>;

impl Network {
    /// Kind and size, for the manifest.
    pub const ARCHITECTURE: &str =
        "ridge 134-4 + mean of 3 x mlp 46-32-32-4 (silu) of log variance, pooled shape";

    /// Names and shapes of the tensors beside those of the members.
    const TENSORS: [(&str, &[usize]); 6] = [
        ("mean", &[FEATURES]),
        ("deviation", &[FEATURES]),
        ("ridge.weight", &[FEATURES, ANCHORS.len()]),
        ("ridge.bias", &[ANCHORS.len()]),
        ("shape.quantiles", &[ANCHORS.len(), LEVELS.len()]),
        ("shape.size", &[ANCHORS.len()]),
    ];

    /// Number of weights.
    pub fn parameters() -> usize {
        let size = |shape: &[usize]| shape.iter().product::<usize>();
        let own: usize = Self::TENSORS.iter().map(|(_, shape)| size(shape)).sum();
        own + MEMBERS * Member::shapes().iter().map(|(_, shape)| size(shape)).sum::<usize>()
    }

    /// Reads `model.safetensors`.
    ///
    /// # Errors
    /// [`LoadError::Weights`] when it is no such file, and those of [`Self::from_tensors`].
    pub fn load(weights: &[u8]) -> Loaded<Self> {
        Self::from_tensors(&candle_core::safetensors::load_buffer(weights, &Device::Cpu)?)
    }

    /// Takes tensors by name: those of [`Member::shapes`] with the member's number before.
    ///
    /// # Errors
    /// [`LoadError::MissingTensor`] or [`LoadError::Shape`].
    pub fn from_tensors(tensors: &HashMap<String, Tensor>) -> Loaded<Self> {
        let [mean, deviation, weight, bias, quantiles, size] =
            Self::TENSORS.map(|(name, shape)| take(tensors, name.into(), shape));
        let (quantiles, size) = (quantiles?.to_vec2::<f32>()?, size?.to_vec1::<f32>()?);
        let mut shape = Shape::default();
        for (row, values) in shape.quantiles.iter_mut().zip(quantiles) {
            row.iter_mut().zip(values).for_each(|(quantile, value)| *quantile = value.into());
        }
        shape.size.iter_mut().zip(size).for_each(|(size, value)| *size = value.into());
        let member = |index| Member::from_tensors(tensors, &format!("{index}."));
        let members = (0..MEMBERS).map(member).collect::<Loaded<_>>()?;
        Ok(Self { mean: mean?, deviation: deviation?, ridge: (weight?, bias?), members, shape })
    }

    /// Maps features `[batch, feature]` to the log of mean daily variance over the
    /// days up to each anchor `[batch, anchor]`, relative to the features' level.
    ///
    /// # Errors
    /// When the input has another shape.
    pub fn forward(&self, features: &Tensor) -> Result<Tensor> {
        let x = features.broadcast_sub(&self.mean)?.broadcast_div(&self.deviation)?;
        let (weight, bias) = &self.ridge;
        let linear = x.matmul(weight)?.broadcast_add(bias)?;
        let x = x.clamp(-LIMIT, LIMIT)?;
        let outputs = self.members.iter().map(|member| member.forward(&x)).collect::<Result<Vec<_>>>()?;
        linear + Tensor::stack(&outputs, 0)?.mean(0)?
    }

    /// The shape of the returns.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }
}

impl Member {
    /// Names and shapes of all tensors.
    pub fn shapes() -> Vec<(String, Vec<usize>)> {
        let layer = |(name, inputs, outputs): (&str, usize, usize)| {
            [(format!("{name}.weight"), vec![inputs, outputs]), (format!("{name}.bias"), vec![outputs])]
        };
        LAYERS.into_iter().flat_map(layer).collect()
    }

    /// Starting values: weights from `normal` (standard normal numbers) scaled by
    /// the number of inputs, and a head of zeros.
    ///
    /// # Errors
    /// When candle fails.
    pub fn initial(mut normal: impl FnMut() -> f64) -> Result<HashMap<String, Tensor>> {
        let mut tensors = HashMap::new();
        for (name, inputs, outputs) in LAYERS {
            let scale = if name == "head" { 0.0 } else { (1.0 / inputs as f64).sqrt() };
            let weight: Vec<f32> = (0..inputs * outputs).map(|_| (normal() * scale) as f32).collect();
            tensors
                .insert(format!("{name}.weight"), Tensor::from_vec(weight, (inputs, outputs), &Device::Cpu)?);
            tensors.insert(
                format!("{name}.bias"),
                Tensor::from_vec(vec![0_f32; outputs], outputs, &Device::Cpu)?,
            );
        }
        Ok(tensors)
    }

    /// Takes tensors by name, all of which begin with `prefix`.
    ///
    /// # Errors
    /// [`LoadError::MissingTensor`] or [`LoadError::Shape`].
    pub fn from_tensors(tensors: &HashMap<String, Tensor>, prefix: &str) -> Loaded<Self> {
        let layer = |(name, inputs, outputs): (&str, usize, usize)| {
            Ok((
                take(tensors, format!("{prefix}{name}.weight"), &[inputs, outputs])?,
                take(tensors, format!("{prefix}{name}.bias"), &[outputs])?,
            ))
        };
        Ok(Self { layers: LAYERS.into_iter().map(layer).collect::<Loaded<_>>()? })
    }

    /// Maps standardised features `[batch, feature]`, of which it reads the first
    /// [`COMMON_FEATURES`], to `[batch, anchor]`.
    ///
    /// # Errors
    /// When the input has another shape.
    pub fn forward(&self, features: &Tensor) -> Result<Tensor> {
        self.forward_masked(features, &[])
    }

    /// The same with the outputs of each hidden layer multiplied by a mask: dropout.
    ///
    /// # Errors
    /// When a shape does not fit.
    pub fn forward_masked(&self, features: &Tensor, masks: &[Tensor]) -> Result<Tensor> {
        let mut masks = masks.iter();
        let last = self.layers.len() - 1;
        let mut x = features.narrow(1, 0, COMMON_FEATURES)?;
        for (index, (weight, bias)) in self.layers.iter().enumerate() {
            x = x.matmul(weight)?.broadcast_add(bias)?;
            if index < last {
                x = x.silu()?;
                if let Some(mask) = masks.next() {
                    x = (x * mask)?;
                }
            }
        }
        Ok(x)
    }
}

fn take(tensors: &HashMap<String, Tensor>, name: String, expected: &[usize]) -> Loaded<Tensor> {
    let tensor = tensors.get(&name).ok_or_else(|| LoadError::MissingTensor(name.clone()))?;
    if tensor.dims() != expected {
        let (found, expected) = (tensor.dims().to_vec(), expected.to_vec());
        return Err(LoadError::Shape { name, found, expected });
    }
    Ok(tensor.to_dtype(DType::F32)?)
}
