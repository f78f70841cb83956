//! Models under `public/models`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use tickwise_forecast::Forecaster;

/// Folder of published models.
pub const MODELS: &str = "public/models";

/// The folder that is given, or the one that `public/models/current` names.
///
/// # Errors
/// When there is no model in use.
pub fn folder(given: Option<&Path>) -> Result<PathBuf> {
    given.map_or_else(current, |folder| Ok(folder.into()))
}

/// Reads the model of a folder, or the one that `public/models/current` names.
///
/// # Errors
/// When a file is missing or damaged.
pub fn load(given: Option<&Path>) -> Result<Forecaster> {
    let folder = folder(given)?;
    let read =
        |name: &str| fs::read(folder.join(name)).with_context(|| folder.join(name).display().to_string());
    Ok(Forecaster::load(&read("manifest.json")?, &read("model.safetensors")?)?)
}

fn current() -> Result<PathBuf> {
    let models = Path::new(MODELS);
    let id = fs::read_to_string(models.join("current")).context("public/models/current: no model in use")?;
    Ok(models.join(id.trim()))
}
