//! The model that commands use: of a folder, of a checkout's `public/models`, or
//! the one that the command contains.

use std::{
    borrow::Cow,
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tickwise_forecast::Forecaster;

use crate::{
    built_in,
    curve::{self, Curve},
    source::is_checkout,
};

/// Folder of published models in a checkout.
pub const MODELS: &str = "public/models";

/// The files of a model.
pub struct Published {
    /// None where it is built in.
    folder: Option<PathBuf>,
    /// `manifest.json`
    pub manifest: Cow<'static, [u8]>,
    /// `model.safetensors`
    pub weights: Cow<'static, [u8]>,
}

/// Reads the model of a folder, or else the checkout's current one, or else the one built in.
///
/// # Errors
/// When a file is missing: with what to do.
pub fn read(given: Option<&Path>) -> Result<Published> {
    let folder = match given {
        Some(folder) => folder.to_owned(),
        None if is_checkout() => current()?,
        None => {
            let (manifest, weights) = (built_in::MANIFEST.into(), built_in::WEIGHTS.into());
            return Ok(Published { folder: None, manifest, weights });
        }
    };
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).map(Cow::Owned).with_context(|| {
            format!(
                "{} cannot be read; name a folder that `tickwise train` or `export` wrote",
                path.display()
            )
        })
    };
    let (manifest, weights) = (read("manifest.json")?, read("model.safetensors")?);
    Ok(Published { folder: Some(folder), manifest, weights })
}

impl Published {
    /// Makes it ready for forecasts.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn load(&self) -> Result<Forecaster> {
        Forecaster::load(&self.manifest, &self.weights).with_context(|| format!("the model: {self}"))
    }

    /// Its learning curves, where training has left any.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn curves(&self) -> Result<Option<Vec<Curve>>> {
        match &self.folder {
            Some(folder) => curve::read(folder),
            None => {
                let parse = |bytes| serde_json::from_slice(bytes).context("the curves built into tickwise");
                built_in::CURVES.map(parse).transpose()
            }
        }
    }
}

/// Where it comes from.
impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.folder {
            Some(folder) => write!(f, "{}", folder.display()),
            None => f.write_str("built into tickwise"),
        }
    }
}

fn current() -> Result<PathBuf> {
    let models = Path::new(MODELS);
    let id = fs::read_to_string(models.join("current")).context("public/models/current: no model in use")?;
    Ok(models.join(id.trim()))
}
