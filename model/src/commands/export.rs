use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use tickwise_forecast::{Forecaster, Golden};

use super::train::DEFAULT_OUT;
use crate::{curve, series};

/// Bars in the golden forecast: enough for a fit by quarters.
const GOLDEN_BARS: usize = 600;

/// `tickwise export`
#[derive(Args)]
pub struct Options {
    /// Folder that `tickwise train` wrote
    #[arg(long, default_value = DEFAULT_OUT)]
    from: PathBuf,
    /// Folder of published models
    #[arg(long, default_value = "public/models")]
    to: PathBuf,
    /// Folder of recordings, for the golden forecast
    #[arg(long, default_value = "public/replay")]
    data: PathBuf,
    /// Publish without making it the model in use
    #[arg(long)]
    keep_current: bool,
}

/// Publishes manifest, weights, golden forecast and learning curves.
pub fn run(options: &Options) -> Result<()> {
    let read = |name: &str| {
        let path = options.from.join(name);
        fs::read(&path).with_context(|| format!("{}: run `tickwise train` first", path.display()))
    };
    let (manifest, weights) = (read("manifest.json")?, read("model.safetensors")?);
    let model = Forecaster::load(&manifest, &weights)?;
    let id = &model.manifest().id;
    let golden = golden(&model, options)?;

    let folder = options.to.join(id);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    fs::write(folder.join("manifest.json"), &manifest)?;
    fs::write(folder.join("model.safetensors"), &weights)?;
    fs::write(folder.join("golden.json"), serde_json::to_string(&golden)? + "\n")?;
    if let Some(curves) = curve::read(&options.from)? {
        curve::write(&folder, &curves)?;
    }
    if !options.keep_current {
        fs::write(options.to.join("current"), format!("{id}\n"))?;
    }
    println!("Published {} ({} bytes of weights)", folder.display(), weights.len());
    Ok(())
}

/// The first series' forecast on the last day of training.
fn golden(model: &Forecaster, options: &Options) -> Result<Golden> {
    let series = series::read_folder(&options.data, &Default::default())?.series;
    let one = series.first().context("no recordings")?;
    let end = one.dates.partition_point(|date| *date <= model.manifest().trained_until);
    let bars = one.bars.get(end.saturating_sub(GOLDEN_BARS)..end).unwrap_or_default().to_vec();
    let quantiles = model.forecast(&bars)?.quantiles.iter().map(|row| row.to_vec()).collect();
    Ok(Golden { bars, quantiles })
}
