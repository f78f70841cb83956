use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::civil::Date;
use rayon::prelude::*;
use tickwise_forecast::{Forecaster, HORIZONS, LEVELS};
use tickwise_market::Symbol;

use crate::{
    predictions::{self, Prediction},
    progress, published,
    series::{self, Series},
};

/// Bars before the first origin of a series that names none.
const FIRST_ORIGIN: usize = 100;

/// `tickwise predict`
#[derive(Args)]
#[command(
    after_help = "With a symbol: prints prices, not adjusted for later splits and dividends.\nWith --output: forecasts every symbol of the folder from every Nth row on, starting at the eval_start of its\nmanifest.csv (else at the 100th row), and knows for each only the rows up to it. Columns: symbol, origin_date,\nhorizon, the quantiles q05 q10 q25 q50 q75 q90 q95 of the log return of adj_close over so many rows, p_up (the\nprobability of a rise) and vol (its standard deviation).\nNot investment advice.\n\nExamples:\n  tickwise predict AAPL\n  tickwise predict IBM --as-of 2012-09-04\n  tickwise predict --data bars --every 5 --horizons 1,5,10,20 --output pred.csv"
)]
pub struct Options {
    /// Symbol, such as AAPL
    #[arg(required_unless_present = "output", conflicts_with = "output")]
    symbol: Option<Symbol>,
    /// Folder of CSV, Arrow or Parquet files, one a symbol
    #[arg(long, value_name = "DIR", default_value = "public/replay")]
    data: PathBuf,
    /// Folder of one model [default: the one that public/models/current names]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Forecast from this day, knowing nothing later [default: the last one]
    #[arg(long, value_name = "DATE", conflicts_with = "output")]
    as_of: Option<Date>,
    /// File for the forecasts of all symbols
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Rows from one forecast origin to the next
    #[arg(long, value_name = "N", default_value_t = 5, requires = "output")]
    every: usize,
    /// Horizons in trading days, 1 to 20
    #[arg(long, value_delimiter = ',', default_value = "1,5,10,20", requires = "output")]
    horizons: Vec<usize>,
}

/// Prints one forecast, or writes many.
pub fn run(options: &Options) -> Result<()> {
    let model = published::load(options.model.as_deref())?;
    match (&options.symbol, &options.output) {
        (Some(symbol), _) => print(&model, symbol, options),
        (None, Some(output)) => write(&model, output, options),
        (None, None) => Ok(()),
    }
}

fn write(model: &Forecaster, output: &Path, options: &Options) -> Result<()> {
    let Options { data, every, horizons, .. } = options;
    ensure!(*every > 0, "--every must be at least 1");
    let possible = |horizon: &usize| (1..=HORIZONS).contains(horizon);
    ensure!(!horizons.is_empty() && horizons.iter().all(possible), "--horizons go from 1 to {HORIZONS}");
    let series = series::read_folder(data)?;
    let origins = |one: &Series| origins(one, *every).len();
    let bar = progress::bar(series.iter().map(origins).sum(), "forecasts");
    let rows: Result<Vec<Vec<Prediction>>> = series
        .par_iter()
        .map(|one| {
            let mut rows = Vec::new();
            for at in self::origins(one, *every) {
                rows.extend(forecast(model, one, at, horizons)?);
                bar.inc(1);
            }
            Ok(rows)
        })
        .collect();
    let rows: Vec<Prediction> = rows?.into_iter().flatten().collect();
    bar.finish();
    predictions::write(output, &rows)?;
    println!("{} forecasts of {} symbols in {}", rows.len(), series.len(), output.display());
    Ok(())
}

/// Every Nth row from the first scored origin on.
fn origins(one: &Series, every: usize) -> Vec<usize> {
    let start = one.eval_start.map_or(FIRST_ORIGIN - 1, |day| one.dates.partition_point(|date| *date < day));
    (start..one.bars.len()).step_by(every).collect()
}

fn forecast(model: &Forecaster, one: &Series, at: usize, horizons: &[usize]) -> Result<Vec<Prediction>> {
    let known = one.bars.get(..=at).unwrap_or_default();
    let date = one.dates.get(at).copied().unwrap_or_default();
    let forecast = model.forecast(known).with_context(|| format!("{} on {date}", one.symbol))?;
    let row = |horizon: &usize| {
        let distribution = forecast.distribution(*horizon)?;
        Some(Prediction::new(one.symbol.clone(), date, *horizon, &distribution))
    };
    Ok(horizons.iter().filter_map(row).collect())
}

fn print(model: &Forecaster, symbol: &Symbol, options: &Options) -> Result<()> {
    let series = series::read_folder(&options.data)?;
    let names = || series.iter().map(|one| one.symbol.to_string()).collect::<Vec<_>>().join(", ");
    let one = series.iter().find(|one| one.symbol == *symbol);
    let one = one.with_context(|| {
        format!("{symbol} has no bars in {}; there are {}", options.data.display(), names())
    })?;
    let end = options.as_of.map_or(one.dates.len(), |as_of| one.until(as_of));
    let known = one.bars.get(..end).unwrap_or_default();
    let forecast = model.forecast(known)?;
    let (date, close) =
        one.dates.iter().zip(&one.closes).take(end).next_back().context("no bars by that day")?;

    let mut out = String::new();
    writeln!(out, "{} from its close of {close:.2} on {date}, by {}", one.symbol, model.manifest().id)?;
    if *date <= model.manifest().trained_until {
        writeln!(out, "In-sample: the model was trained on this day. No evidence of skill.")?;
    }
    let head: Vec<String> = LEVELS.iter().map(|level| format!("{:>8.0} %", level * 100.0)).collect();
    writeln!(out, "\ndays {}", head.join(""))?;
    for (index, row) in forecast.quantiles.iter().enumerate() {
        let prices: Vec<String> =
            row.iter().map(|quantile| format!("{:10.2}", close * quantile.exp())).collect();
        writeln!(out, "{:4} {}", index + 1, prices.join(""))?;
    }
    writeln!(out, "\nNot investment advice.")?;
    super::print(&out)
}
