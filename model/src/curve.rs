//! Learning curves: `curves.json`, beside a model.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

const FILE: &str = "curves.json";

/// Mean losses of one network after each epoch: Huber's, of the log variance that
/// the regression leaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// On what is trained on, with dropout, while it is being fitted.
    pub training: Vec<f64>,
    /// On days after the training range, without dropout; empty where there are none.
    pub held_out: Vec<f64>,
}

/// Writes the curves of all networks into a model's folder.
///
/// # Errors
/// When the file cannot be written.
pub fn write(folder: &Path, curves: &[Curve]) -> Result<()> {
    let path = folder.join(FILE);
    fs::write(&path, serde_json::to_string(curves)? + "\n").with_context(|| path.display().to_string())
}

/// Reads them, where training has left any.
///
/// # Errors
/// When the file is damaged.
pub fn read(folder: &Path) -> Result<Option<Vec<Curve>>> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let name = || path.display().to_string();
    let text = fs::read(&path).with_context(name)?;
    serde_json::from_slice(&text).map(Some).with_context(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_curves_has_none_and_a_damaged_file_says_so() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), None);
        let curves = vec![Curve { training: vec![0.5, 0.4], held_out: Vec::new() }];
        write(dir.path(), &curves).unwrap();
        assert_eq!(read(dir.path()).unwrap(), Some(curves));
        fs::write(dir.path().join(FILE), "{").unwrap();
        assert!(read(dir.path()).unwrap_err().to_string().contains(FILE));
    }
}
