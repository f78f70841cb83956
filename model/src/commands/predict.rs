use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use jiff::civil::Date;
use rayon::prelude::*;
use tickwise_forecast::{Forecaster, HORIZONS, LEVELS, MIN_BARS, SEASONED_BARS, knows_decisions};
use tickwise_market::{
    Symbol, decimals,
    events::{FOMC_FROM, FOMC_UNTIL},
};

use crate::{
    predictions::{self, Prediction},
    progress, published,
    series::{self, Series},
    windows::{Quarter, by_fit},
};

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
    #[command(flatten)]
    reading: series::Reading,
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
    let series::Folder { series, failures } = series::read_folder(data, &options.reading.options())?;
    let tasks: Vec<(&Series, Quarter)> = series
        .iter()
        .flat_map(|one| {
            by_fit(&one.bars, origins(one, *every)).into_iter().map(move |quarter| (one, quarter))
        })
        .collect();
    let bar = progress::bar(tasks.len(), "quarters");
    let rows: Result<Vec<Vec<Prediction>>> = tasks
        .par_iter()
        .map(|(one, quarter)| {
            bar.inc(1);
            forecasts(model, one, quarter, horizons)
        })
        .collect();
    let rows: Vec<Prediction> = rows?.into_iter().flatten().collect();
    bar.finish();
    predictions::write(output, &rows)?;
    for one in &series {
        note(one, *every);
    }
    println!("{} forecasts of {} symbols in {}", rows.len(), series.len(), output.display());
    failures.finish()
}

/// Says on standard error what a file of forecasts cannot: which symbols have none, and
/// how many were made from short histories.
fn note(one: &Series, every: usize) {
    let young = origins(one, every).filter(|at| at + 1 < SEASONED_BARS).count();
    if one.bars.len() < MIN_BARS {
        eprintln!("{}: {} rows in {}, a forecast needs {MIN_BARS}", one.symbol, one.bars.len(), one.file);
    } else if origins(one, every).next().is_none() {
        eprintln!("{}: no row from its eval_start on, no forecast", one.symbol);
    } else if young > 0 {
        eprintln!(
            "{}: {young} origins have fewer than {SEASONED_BARS} rows before them; their forecasts are wider and have no record",
            one.symbol
        );
    }
}

/// Every Nth row from the first scored origin on.
fn origins(one: &Series, every: usize) -> impl Iterator<Item = usize> + use<> {
    let start = one.eval_start.map_or(MIN_BARS - 1, |day| one.dates.partition_point(|date| *date < day));
    (start.max(MIN_BARS - 1)..one.bars.len()).step_by(every)
}

fn forecasts(
    model: &Forecaster,
    one: &Series,
    quarter: &Quarter,
    horizons: &[usize],
) -> Result<Vec<Prediction>> {
    let mut rows = Vec::new();
    let mut fitted = None;
    for at in &quarter.origins {
        let known = one.bars.get(..=*at).unwrap_or_default();
        let date = one.dates.get(*at).copied().unwrap_or_default();
        let context = || format!("{} on {date}", one.symbol);
        let fitted = match &fitted {
            Some(fitted) => fitted,
            None => fitted.insert(model.fit(known).with_context(context)?),
        };
        let forecast = model.forecast_fitted(known, fitted).with_context(context)?;
        let row = |horizon: &usize| {
            Some(Prediction::new(one.symbol.clone(), date, *horizon, &forecast.distribution(*horizon)?))
        };
        rows.extend(horizons.iter().filter_map(row));
    }
    Ok(rows)
}

fn print(model: &Forecaster, symbol: &Symbol, options: &Options) -> Result<()> {
    let one = series::read_one(&options.data, symbol, &options.reading.options())?;
    let end = options.as_of.map_or(one.dates.len(), |as_of| one.until(as_of));
    let known = one.bars.get(..end).unwrap_or_default();
    let forecast = model.forecast(known)?;
    let (date, close) =
        one.dates.iter().zip(&one.closes).take(end).next_back().context("no bars by that day")?;

    let mut out = String::new();
    writeln!(
        out,
        "{} from its close of {} on {date}, by {}",
        one.symbol,
        decimals::price(*close),
        model.manifest().id
    )?;
    if *date <= model.manifest().trained_until {
        writeln!(out, "In-sample: the model was trained on this day. No evidence of skill.")?;
    }
    if forecast.has_short_history {
        writeln!(
            out,
            "Short history, fewer than {SEASONED_BARS} days: the forecast is wider and has no record."
        )?;
    }
    if !knows_decisions(*date) {
        writeln!(
            out,
            "The dates of the Federal Reserve's decisions are known from {FOMC_FROM} to {FOMC_UNTIL} alone: beyond, no day\ncounts as one."
        )?;
    }
    let prices: Vec<[f64; LEVELS.len()]> =
        forecast.quantiles.iter().map(|row| row.map(|quantile| close * quantile.exp())).collect();
    let places = prices.iter().flatten().map(|price| decimals::of_price(*price)).max().unwrap_or(2);
    let longest = prices.iter().flatten().map(|price| format!("{price:.places$}").len()).max().unwrap_or(0);
    let width = (longest + 2).max(10);
    let before_sign = width - 2;
    let head: Vec<String> =
        LEVELS.iter().map(|level| format!("{:>before_sign$.0} %", level * 100.0)).collect();
    writeln!(out, "\ndays {}", head.join(""))?;
    for (index, row) in prices.iter().enumerate() {
        let prices: Vec<String> = row.iter().map(|price| format!("{price:width$.places$}")).collect();
        writeln!(out, "{:4} {}", index + 1, prices.join(""))?;
    }
    writeln!(out, "\nNot investment advice.")?;
    super::print(&out)
}
