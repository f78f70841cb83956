use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::civil::Date;
use tickwise_forecast::{DataSource, FEATURES, HORIZONS, LEVELS, LOOKBACK_BARS, Manifest, Network};

use crate::{
    evaluation,
    series::{self, Series},
    training, windows,
};

/// Where the result goes, and where `export` takes it from.
pub const DEFAULT_OUT: &str = "target/training";

/// `tickwise train`
#[derive(Args)]
#[command(
    after_help = "The bars up to --fit-until are fitted, those up to --trained-until decide when to stop, and later ones measure."
)]
pub struct Options {
    /// Folders of CSV, Arrow or Parquet files, one a symbol
    #[arg(value_name = "DIR", default_value = "public/replay")]
    data: Vec<PathBuf>,
    /// Folder for weights and manifest
    #[arg(long, default_value = DEFAULT_OUT)]
    out: PathBuf,
    /// Last day that is fitted
    #[arg(long, default_value = "2010-12-31")]
    fit_until: Date,
    /// Last day that is used at all; later ones are held out
    #[arg(long, default_value = "2011-12-30")]
    trained_until: Date,
    /// Seed of starting weights and shuffling
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// At most so many passes over the data
    #[arg(long, default_value_t = 100)]
    epochs: usize,
    /// Stop after so many passes without improvement
    #[arg(long, default_value_t = 12)]
    patience: usize,
}

/// Trains, evaluates and saves.
pub fn run(options: &Options) -> Result<()> {
    let series = series::read_folders(&options.data)?;
    let train = windows::between(&series, None, options.fit_until);
    let validation = windows::between(&series, Some(options.fit_until), options.trained_until);
    let held_out = windows::between(&series, Some(options.trained_until), Date::MAX);
    for (name, set) in [("fit", &train), ("decide when to stop", &validation), ("measure", &held_out)] {
        ensure!(!set.is_empty(), "there are no days to {name}: check --fit-until and --trained-until");
    }
    println!("{} origins to fit, {} to stop by, {} held out", train.len(), validation.len(), held_out.len());
    let settings = training::Settings {
        seed: options.seed,
        epochs: options.epochs,
        patience: options.patience,
        batch: 256,
        learning_rate: 1e-3,
        weight_decay: 1e-2,
    };
    let fitted = training::fit(&train, &validation, &settings)?;
    println!("best after epoch {} of {}", fitted.best_epoch, fitted.losses.len() - 1);

    fs::create_dir_all(&options.out).with_context(|| options.out.display().to_string())?;
    let weights_path = options.out.join("model.safetensors");
    candle_core::safetensors::save(&fitted.tensors, &weights_path)?;
    let weights_sha256 = series::sha256(&fs::read(&weights_path)?);
    let network = Network::from_tensors(&fitted.tensors)?;
    let forecasts = training::forecasts(&network, &held_out)?;
    let metrics = evaluation::evaluate(&series, &held_out, &forecasts);
    println!("\nHeld-out days after {}:\n{}", options.trained_until, evaluation::table(&metrics));

    let dates = || held_out.iter().map(|window| window.date);
    let manifest = Manifest {
        id: format!("mlp-{}-{}", options.trained_until, weights_sha256.get(..8).unwrap_or_default()),
        architecture: Network::ARCHITECTURE.into(),
        parameters: Network::shapes().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum(),
        features: FEATURES.map(Into::into).into(),
        lookback_bars: LOOKBACK_BARS,
        horizons: HORIZONS,
        levels: LEVELS.into(),
        trained_until: options.trained_until,
        data: series.iter().filter_map(|one| source(one, options.trained_until)).collect(),
        seed: options.seed,
        weights_sha256,
        evaluated: [dates().min().unwrap_or_default(), dates().max().unwrap_or_default()],
        metrics,
        limits: limits(),
    };
    fs::write(options.out.join("manifest.json"), serde_json::to_string_pretty(&manifest)? + "\n")?;
    println!("\nSaved to {}. `tickwise export` publishes it.", options.out.display());
    Ok(())
}

/// The part of a series that was trained on, if any.
fn source(series: &Series, until: Date) -> Option<DataSource> {
    let last = series.dates.iter().rev().find(|date| **date <= until)?;
    let (file, sha256) = (series.file.clone(), series.sha256.clone());
    Some(DataSource { file, sha256, days: [*series.dates.first()?, *last] })
}

fn limits() -> Vec<String> {
    [
        "Forecasts spread, not direction: the median has shown no skill and is close to no change.",
        "Trained on five large US technology companies, 2000 to 2011; other symbols and times are extrapolation.",
        "Knows daily bars only: no news, earnings dates, or other markets.",
        "Held-out metrics cover little more than a year of five related symbols: the intervals show how uncertain they are.",
    ]
    .map(Into::into)
    .into()
}
