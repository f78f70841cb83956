use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_forecast::{
    ANCHORS, DataSource, Forecaster, HORIZONS, LEVELS, MIN_BARS, Manifest, Network, feature_names,
};

use crate::{
    curve, evaluation,
    series::{self, Series},
    source::{Source, is_checkout},
    training::{self, Settings},
    walk, windows,
};

/// Where the result goes, and where `export` takes it from: in a checkout a folder
/// that version control leaves out, else one in the current folder.
pub fn default_out() -> PathBuf {
    if is_checkout() { "target/training".into() } else { "tickwise-training".into() }
}

/// `tickwise train`
#[derive(Args)]
#[command(
    after_help = "The configuration is TOML; every entry has a default:\n\n  trained_until = \"2011-12-30\"   # no later bar is used; what follows measures\n  [training]\n  seed = 7\n  epochs = 15\n  batch = 256\n  learning_rate = 3e-3\n  weight_decay = 0.05\n  dropout = 0.3\n  blend = 0.65                    # weight of the network beside GJR-GARCH\n  [sources]\n  bars = \"where the folder bars comes from, for the manifest\"\n\nA run that was interrupted goes on after the last network that it finished.\n\nExamples:\n  tickwise train\n  tickwise train public/replay bars --config model.toml --seed 3\n\n--json: output (the folder), bars_sources, and manifest as manifest.json has it."
)]
pub struct Options {
    /// Folders of CSV, Arrow or Parquet files, one a symbol [default: the checkout's public/replay, else the bars built in]
    #[arg(value_name = "DIR")]
    data: Vec<PathBuf>,
    #[command(flatten)]
    reading: series::Reading,
    /// Settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for weights and manifest [default: target/training in a checkout of Tickwise, else tickwise-training]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Last day that is used [default: the configuration's]
    #[arg(long, value_name = "DATE")]
    trained_until: Option<Date>,
    /// Seed of starting weights and shuffling [default: the configuration's]
    #[arg(long)]
    seed: Option<u64>,
    /// Begin anew, whatever an interrupted run has left
    #[arg(long)]
    fresh: bool,
    /// Print one JSON document instead of the record's table
    #[arg(long)]
    json: bool,
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    output: &'a Path,
    bars_sources: Vec<String>,
    manifest: &'a Manifest,
}

/// The configuration file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    trained_until: Date,
    training: Settings,
    sources: BTreeMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        let trained_until = jiff::civil::date(2011, 12, 30);
        Self { trained_until, training: Settings::default(), sources: BTreeMap::new() }
    }
}

impl Config {
    fn read(options: &Options) -> Result<Self> {
        let mut config = match &options.config {
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
                toml::from_str(&text).with_context(|| path.display().to_string())?
            }
            None => Self::default(),
        };
        config.trained_until = options.trained_until.unwrap_or(config.trained_until);
        config.training.seed = options.seed.unwrap_or(config.training.seed);
        let Settings { epochs, batch, blend, dropout, .. } = config.training;
        ensure!(epochs > 0 && batch > 0, "epochs and batch must be at least 1");
        ensure!((0.0..0.9).contains(&dropout), "dropout lies between 0 and 0.9");
        ensure!((0.0..=1.0).contains(&blend), "blend lies between 0 and 1");
        Ok(config)
    }
}

/// Trains, evaluates and saves.
pub fn run(options: &Options) -> Result<()> {
    let config = Config::read(options)?;
    let until = config.trained_until;
    let out = options.out.clone().unwrap_or_else(default_out);
    let sources: Vec<Source> = match options.data.as_slice() {
        [] => vec![Source::named_or_recorded(None, &options.reading)],
        dirs => dirs.iter().map(|dir| Source::named_or_recorded(Some(dir), &options.reading)).collect(),
    };
    let mut read = series::Folder::default();
    for source in &sources {
        read.extend(source.series()?);
    }
    let series::Folder { series, failures } = read;
    let bars_sources: Vec<String> = sources.iter().map(Source::to_string).collect();
    super::note(format_args!("Bars: {}, used up to {until}.", bars_sources.join(" and ")));
    let start = Instant::now();
    let train = windows::until(&series, until);
    ensure!(
        !train.is_empty(),
        "no symbol has {} days before {until}: check --trained-until",
        MIN_BARS + HORIZONS
    );
    super::note(format_args!(
        "{} origins of {} symbols in {:.1} s",
        train.len(),
        series.len(),
        start.elapsed().as_secs_f64()
    ));
    fs::create_dir_all(&out)
        .with_context(|| format!("{} cannot be written; name another folder with --out", out.display()))?;
    let checkpoints = out.join("checkpoints");
    if options.fresh && checkpoints.exists() {
        fs::remove_dir_all(&checkpoints)?;
    }
    let later = windows::after(&series, until);
    let fitted = training::fit(&train, &later, &config.training, Some(&checkpoints))?;
    super::note(format_args!("trained in {:.0} s", start.elapsed().as_secs_f64()));

    let weights_path = out.join("model.safetensors");
    candle_core::safetensors::save(&fitted.tensors, &weights_path)?;
    let weights_sha256 = series::sha256(&fs::read(&weights_path)?);
    let mut manifest = Manifest {
        id: format!("mlp-{until}-{}", weights_sha256.get(..8).unwrap_or_default()),
        architecture: Network::ARCHITECTURE.into(),
        parameters: Network::parameters(),
        features: feature_names(),
        lookback_bars: MIN_BARS,
        horizons: HORIZONS,
        anchors: ANCHORS.into(),
        blend: config.training.blend,
        levels: LEVELS.into(),
        trained_until: until,
        data: series.iter().filter_map(|one| source(one, &config)).collect(),
        seed: config.training.seed,
        weights_sha256,
        evaluated: [until, until],
        metrics: Vec::new(),
        limits: limits(&series, until),
    };
    let model = Forecaster::load(&serde_json::to_vec(&manifest)?, &fs::read(&weights_path)?)?;
    let origins = walk::forward(&model, &series, scored(&series, until))?;
    let dates = || origins.iter().map(|origin| origin.date);
    let mut text = String::new();
    if let Some((first, last)) = dates().min().zip(dates().max()) {
        manifest.evaluated = [first, last];
        manifest.metrics = evaluation::evaluate(&origins, None);
        text +=
            &format!("Held-out days from {first} to {last}:\n{}\n\n", evaluation::table(&manifest.metrics));
        if let Some(few) = evaluation::few_dates(&origins) {
            text += &format!("{few}\n\n");
            manifest.limits.push(few);
        }
    }
    fs::write(out.join("manifest.json"), serde_json::to_string_pretty(&manifest)? + "\n")?;
    curve::write(&out, &fitted.curves)?;
    if options.json {
        super::print_json(&Document { output: &out, bars_sources, manifest: &manifest })?;
    } else {
        super::print(&format!(
            "{text}Saved to {}. `tickwise export` publishes it, `tickwise predict --model` uses it.\n",
            out.display()
        ))?;
    }
    failures.finish()
}

/// Which series make the record, and from which row on. Every symbol has the same
/// say in it, so that a short recording beside long histories would be most of its
/// noise: counted are those with at least half as many held-out rows as the longest.
fn scored(series: &[Series], until: Date) -> impl Fn(&Series) -> Option<usize> {
    let rows = move |one: &Series| held_out(one, until).map_or(0, |start| one.bars.len() - start);
    let longest = series.iter().map(rows).max().unwrap_or(0);
    move |one| held_out(one, until).filter(|_| 2 * rows(one) >= longest)
}

/// The first row that is scored: the first after the training range, or the
/// folder's first origin where that is later.
fn held_out(one: &Series, until: Date) -> Option<usize> {
    let start =
        one.until(until).max(one.eval_start.map_or(0, |day| one.dates.partition_point(|date| *date < day)));
    (start < one.bars.len()).then_some(start)
}

/// The part of a series that was trained on, if any.
fn source(series: &Series, config: &Config) -> Option<DataSource> {
    let last = series.dates.iter().rev().find(|date| **date <= config.trained_until)?;
    let source = config.sources.get(&series.folder).or(series.source.as_ref());
    Some(DataSource {
        file: series.file.clone(),
        sha256: series.sha256.clone(),
        days: [*series.dates.first()?, *last],
        source: source.cloned().unwrap_or_else(|| series.folder.clone()),
    })
}

fn limits(series: &[Series], until: Date) -> Vec<String> {
    let mut symbols: Vec<&str> = series.iter().map(|one| one.symbol.as_str()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    vec![
        "Forecasts spread, not direction: the median has shown no skill and is close to no change.".into(),
        format!("Trained on {} up to {until}; other symbols and times are extrapolation.", symbols.join(", ")),
        "Knows daily bars only: no news and no other markets. Earnings seasons are inferred from past bars, not from announced dates.".into(),
        "Held-out metrics cover few years of few, related symbols: the intervals show how uncertain they are.".into(),
        "With fewer than 500 days of history the forecast is wider and its record does not apply.".into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_has_defaults_and_refuses_what_it_does_not_know() {
        let config: Config =
            toml::from_str("trained_until = \"2012-12-31\"\n[training]\nepochs = 3\n").unwrap();
        assert_eq!((config.trained_until, config.training.epochs), (jiff::civil::date(2012, 12, 31), 3));
        assert_eq!(config.training.seed, Settings::default().seed);
        let error = toml::from_str::<Config>("epoch = 3").unwrap_err().to_string();
        assert!(error.contains("epoch"), "{error}");
    }

    #[test]
    fn a_short_recording_is_no_part_of_the_record_of_long_ones() {
        let all = series::read_folder(Path::new("../public/replay"), &Default::default()).unwrap().series;
        let until = jiff::civil::date(2012, 8, 30);
        assert!(all.iter().all(|one| scored(&all, until)(one).is_some()), "equally long ones all count");
        let mut all: Vec<Series> = all.into_iter().take(2).collect();
        let start = all[0].until(until);
        all[0].bars.truncate(start + 20);
        all[0].dates.truncate(start + 20);
        assert_eq!(
            all.iter().map(|one| scored(&all, until)(one).is_some()).collect::<Vec<_>>(),
            [false, true]
        );
    }
}
