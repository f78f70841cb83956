use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use tickwise_forecast::{Forecaster, Golden};

use super::train::default_out;
use crate::{
    curve,
    published::MODELS,
    series::Reading,
    source::{Source, is_checkout},
};

/// Bars in the golden forecast: enough for a fit by quarters.
const GOLDEN_BARS: usize = 600;

/// `tickwise export`
#[derive(Args)]
#[command(
    after_help = "Writes DIR/ID/manifest.json, model.safetensors, golden.json and curves.json, and the id into DIR/current.\n\nExamples:\n  tickwise export\n  tickwise export --from run7 --to models --keep-current && tickwise predict AAPL --model models/ID\n\n--json: id, output (the model's folder), weights_bytes, is_current."
)]
pub struct Options {
    /// Folder that `tickwise train` wrote [default: the one it writes by default]
    #[arg(long, value_name = "DIR")]
    from: Option<PathBuf>,
    /// Folder of published models [default: public/models in a checkout of Tickwise, else tickwise-models]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Folder of recordings, for the golden forecast [default: the checkout's public/replay, else the bars built in]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Publish without making it the model in use
    #[arg(long)]
    keep_current: bool,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    id: &'a str,
    output: &'a Path,
    weights_bytes: usize,
    is_current: bool,
}

/// Publishes manifest, weights, golden forecast and learning curves.
pub fn run(options: &Options) -> Result<()> {
    let from = options.from.clone().unwrap_or_else(default_out);
    let to = options.to.clone().unwrap_or_else(default_models);
    let read = |name: &str| {
        let path = from.join(name);
        fs::read(&path).with_context(|| format!("{}: run `tickwise train` first", path.display()))
    };
    let (manifest, weights) = (read("manifest.json")?, read("model.safetensors")?);
    let model = Forecaster::load(&manifest, &weights)?;
    let id = &model.manifest().id;
    let golden = golden(&model, options)?;

    let folder = to.join(id);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    fs::write(folder.join("manifest.json"), &manifest)?;
    fs::write(folder.join("model.safetensors"), &weights)?;
    fs::write(folder.join("golden.json"), serde_json::to_string(&golden)? + "\n")?;
    if let Some(curves) = curve::read(&from)? {
        curve::write(&folder, &curves)?;
    }
    if !options.keep_current {
        fs::write(to.join("current"), format!("{id}\n"))?;
    }
    if options.json {
        let (output, is_current) = (folder.as_path(), !options.keep_current);
        return super::print_json(&Document { id, output, weights_bytes: weights.len(), is_current });
    }
    super::print(&format!("Published {} ({} bytes of weights)\n", folder.display(), weights.len()))
}

fn default_models() -> PathBuf {
    if is_checkout() { MODELS.into() } else { "tickwise-models".into() }
}

/// The first series' forecast on the last day of training.
fn golden(model: &Forecaster, options: &Options) -> Result<Golden> {
    let series = Source::named_or_recorded(options.data.as_deref(), &Reading::default()).series()?.series;
    let one = series.first().context("no recordings")?;
    let end = one.dates.partition_point(|date| *date <= model.manifest().trained_until);
    let bars = one.bars.get(end.saturating_sub(GOLDEN_BARS)..end).unwrap_or_default().to_vec();
    let quantiles = model.forecast(&bars)?.quantiles.iter().map(|row| row.to_vec()).collect();
    Ok(Golden { bars, quantiles })
}
