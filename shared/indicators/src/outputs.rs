use serde::{Deserialize, Serialize};

/// The most values that one indicator puts out.
const MAX: usize = 7;

/// The values of one update, in the order of the registry's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outputs {
    values: [f64; MAX],
    len: usize,
}

impl Outputs {
    /// The values.
    pub fn as_slice(&self) -> &[f64] {
        self.values.get(..self.len).unwrap_or(&self.values)
    }
}

impl From<f64> for Outputs {
    fn from(value: f64) -> Self {
        [value].into()
    }
}

impl<const N: usize> From<[f64; N]> for Outputs {
    fn from(given: [f64; N]) -> Self {
        const { assert!(N <= MAX) };
        let mut values = [0.0; MAX];
        for (slot, value) in values.iter_mut().zip(given) {
            *slot = value;
        }
        Self { values, len: N }
    }
}
