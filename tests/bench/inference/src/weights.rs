use safetensors::{Dtype, SafeTensors};
use tickwise_forecast::layers::{LayerNorm, Linear};

/// Tensors by name.
pub struct Weights<'a>(SafeTensors<'a>);

impl<'a> Weights<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        SafeTensors::deserialize(bytes).map(Self).map_err(|error| error.to_string())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.tensor(name).is_ok()
    }

    /// A tensor of the given shape.
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let tensor = self.0.tensor(name).map_err(|error| format!("{name}: {error}"))?;
        if tensor.shape() != shape || tensor.dtype() != Dtype::F32 {
            return Err(format!("{name}: {:?} {:?}, expected {shape:?}", tensor.dtype(), tensor.shape()));
        }
        let (numbers, _) = tensor.data().as_chunks::<4>();
        Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    pub fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, String> {
        let weight = self.tensor(&format!("{name}.w"), &[inputs, outputs])?;
        let bias = self.tensor(&format!("{name}.b"), &[outputs])?;
        Linear::new(&weight, &bias).ok_or_else(|| format!("{name} is empty"))
    }

    pub fn norm(&self, name: &str, width: usize) -> Result<LayerNorm, String> {
        let gain = self.tensor(&format!("{name}.g"), &[width])?;
        let bias = self.tensor(&format!("{name}.b"), &[width])?;
        LayerNorm::new(&gain, &bias).ok_or_else(|| format!("{name} is empty"))
    }
}

/// `[rows, columns]` to `[columns, rows]`.
pub fn transposed(matrix: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| matrix.iter().skip(column).step_by(columns).copied()).collect()
}
