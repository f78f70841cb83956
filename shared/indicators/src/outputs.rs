/// The most values that one indicator puts out.
const MAX: usize = 3;

/// The values of one update, in the order of the registry's outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
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
        Self { values: [value, 0.0, 0.0], len: 1 }
    }
}

impl From<[f64; MAX]> for Outputs {
    fn from(values: [f64; MAX]) -> Self {
        Self { values, len: MAX }
    }
}
