use thiserror::Error;

/// Why a model cannot be used. Retrying does not help: its files are damaged or
/// of another version.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The manifest is no JSON of the expected shape.
    #[error("the manifest does not parse: {0}")]
    Manifest(#[from] serde_json::Error),
    /// The manifest describes an architecture or features that this code does not have.
    #[error("the manifest asks for {what} {found:?}, this version has {expected:?}")]
    Unsupported {
        /// Which entry.
        what: &'static str,
        /// In the manifest.
        found: String,
        /// In this code.
        expected: String,
    },
    /// The weights are not those the manifest was written for.
    #[error("the weights' SHA-256 is {found}, the manifest says {expected}")]
    Checksum {
        /// Of the bytes.
        found: String,
        /// In the manifest.
        expected: String,
    },
    /// The weights are no safetensors, or lack a tensor, or one has another shape.
    #[error("the weights cannot be read: {0}")]
    Weights(#[from] candle_core::Error),
    /// A tensor is missing.
    #[error("the weights have no tensor {0:?}")]
    MissingTensor(String),
    /// A tensor has another shape.
    #[error("tensor {name:?} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Tensor.
        name: String,
        /// In the file.
        found: Vec<usize>,
        /// In this code.
        expected: Vec<usize>,
    },
}

/// Why there is no forecast from these bars.
#[derive(Debug, Error)]
pub enum ForecastError {
    /// More history is needed.
    #[error("a forecast needs {needed} closed daily bars, there are {have}")]
    NotEnoughBars {
        /// Required.
        needed: usize,
        /// Present.
        have: usize,
    },
    /// A price is zero, negative or not finite: it has no log return.
    #[error("a price is not positive")]
    NotPositive,
    /// The network failed.
    #[error("the network failed: {0}")]
    Network(#[from] candle_core::Error),
}
