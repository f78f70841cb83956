use std::{
    fmt::Write as _,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use jiff::civil::Date;
use rayon::prelude::*;
use serde::Serialize;
use tickwise_forecast::{Forecaster, HORIZONS, LEVELS, MIN_BARS, Manifest, SEASONED_BARS, knows_decisions};
use tickwise_market::{
    Symbol, decimals,
    events::{FOMC_FROM, FOMC_UNTIL},
};
use tickwise_protocol::DISCLAIMER;

use crate::{
    predictions::{self, Prediction},
    progress,
    published::{self, Published},
    series::{self, Series},
    source::Source,
    windows::{Quarter, by_fit},
};

/// `tickwise predict`
#[derive(Args)]
#[command(
    after_help = "With a symbol: prints prices, not adjusted for later splits and dividends.\nWith --output: forecasts every symbol of the folder from every Nth row on, starting at the eval_start of its\nmanifest.csv (else at the 100th row), and knows for each only the rows up to it. Columns: symbol, origin_date,\nhorizon, the quantiles q05 q10 q25 q50 q75 q90 q95 of the log return of adj_close over so many rows, p_up (the\nprobability of a rise) and vol (its standard deviation).\nNot investment advice.\n\n--json: symbol, model, model_source, bars_source, first_date, origin_date, origin_close, bars (their number),\nhas_short_history, in_sample, levels, quantiles and prices by horizon (1, 2, … 20 trading days) and level, quantiles\nbeing log returns, p_up and volatility by horizon, disclaimer. With --output: output, model, model_source,\nbars_source, forecasts (rows written) and symbols with rows, origins and short_history_origins.\n\nExamples:\n  tickwise predict AAPL\n  tickwise predict AAPL --json | jq .prices[0]\n  tickwise predict IBM --as-of 2012-09-04\n  tickwise predict --data bars --every 5 --horizons 1,5,10,20 --output pred.csv"
)]
pub struct Options {
    /// Symbol, such as AAPL
    #[arg(required_unless_present = "output", conflicts_with = "output")]
    symbol: Option<Symbol>,
    /// Folder of CSV, Arrow or Parquet files, one a symbol [default: the checkout's public/replay, else the bars built in]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    reading: series::Reading,
    /// Folder of one model [default: the checkout's current one, else the one built in]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Forecast from this day, knowing nothing later [default: the last one]
    #[arg(long, value_name = "DATE", conflicts_with = "output")]
    as_of: Option<Date>,
    /// File for the forecasts of all symbols
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Rows from one forecast origin to the next
    #[arg(long, value_name = "N", default_value = "5", requires = "output")]
    every: NonZeroUsize,
    /// Horizons in trading days, 1 to 20
    #[arg(long, value_delimiter = ',', value_parser = horizon, default_value = "1,5,10,20", requires = "output")]
    horizons: Vec<usize>,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

fn horizon(text: &str) -> Result<usize, String> {
    let days = text.parse().ok().filter(|days| (1..=HORIZONS).contains(days));
    days.ok_or_else(|| format!("horizons go from 1 to {HORIZONS} trading days"))
}

/// The document of `--json` for one symbol; names that the API has too mean the same.
#[derive(Serialize)]
struct Document<'a> {
    symbol: &'a Symbol,
    model: &'a str,
    model_source: String,
    bars_source: String,
    /// Of the bars that the forecast stands on, `origin_date` being the last.
    first_date: Date,
    origin_date: Date,
    origin_close: f64,
    bars: usize,
    has_short_history: bool,
    in_sample: bool,
    levels: [f64; 7],
    /// `[horizon][level]`: log returns over 1, 2, … trading days.
    quantiles: &'a [[f64; 7]],
    /// The same as prices.
    prices: Vec<[f64; 7]>,
    /// `[horizon]`: probability of a rise.
    p_up: Vec<f64>,
    /// `[horizon]`: standard deviation of the log return.
    volatility: Vec<f64>,
    disclaimer: &'static str,
}

/// The document of `--json` with `--output`.
#[derive(Serialize)]
struct Written<'a> {
    output: &'a Path,
    model: &'a str,
    model_source: String,
    bars_source: String,
    forecasts: usize,
    symbols: Vec<SymbolWritten<'a>>,
}

#[derive(Serialize)]
struct SymbolWritten<'a> {
    symbol: &'a Symbol,
    /// Rows of its file.
    rows: usize,
    /// Days that forecasts were made from, and those of them with a short history.
    origins: usize,
    short_history_origins: usize,
}

/// Prints one forecast, or writes many.
pub fn run(options: &Options) -> Result<()> {
    let published = published::read(options.model.as_deref())?;
    let bars = Source::named_or_recorded(options.data.as_deref(), &options.reading);
    match (&options.symbol, &options.output) {
        (Some(symbol), _) => print(&published, &bars, symbol, options),
        (None, Some(output)) => write(&published, &bars, output, options),
        (None, None) => Ok(()),
    }
}

fn write(published: &Published, source: &Source, output: &Path, options: &Options) -> Result<()> {
    let model = published.load()?;
    let series::Folder { series, failures } = source.series()?;
    let (every, horizons) = (options.every.get(), &options.horizons);
    let tasks: Vec<(&Series, Quarter)> = series
        .iter()
        .flat_map(|one| by_fit(&one.bars, origins(one, every)).into_iter().map(move |quarter| (one, quarter)))
        .collect();
    let bar = progress::bar(tasks.len(), "quarters");
    let rows: Result<Vec<Vec<Prediction>>> = tasks
        .par_iter()
        .map(|(one, quarter)| {
            bar.inc(1);
            forecasts(&model, one, quarter, horizons)
        })
        .collect();
    let rows: Vec<Prediction> = rows?.into_iter().flatten().collect();
    bar.finish();
    predictions::write(output, &rows)?;
    for one in &series {
        note(one, every);
    }
    let id = &model.manifest().id;
    super::note(format_args!("Bars: {source}. Model: {id}, {published}."));
    if options.json {
        super::print_json(&Written {
            output,
            model: id,
            model_source: published.to_string(),
            bars_source: source.to_string(),
            forecasts: rows.len(),
            symbols: series.iter().map(|one| written(one, every)).collect(),
        })?;
    } else {
        let symbols = series.len();
        super::print(&format!("{} forecasts of {symbols} symbols in {}\n", rows.len(), output.display()))?;
    }
    failures.finish()
}

fn written(one: &Series, every: usize) -> SymbolWritten<'_> {
    SymbolWritten {
        symbol: &one.symbol,
        rows: one.bars.len(),
        origins: origins(one, every).count(),
        short_history_origins: young(one, every),
    }
}

/// Origins with a short history.
fn young(one: &Series, every: usize) -> usize {
    origins(one, every).filter(|at| at + 1 < SEASONED_BARS).count()
}

/// Says on standard error what a file of forecasts cannot: which symbols have none, and
/// how many were made from short histories.
fn note(one: &Series, every: usize) {
    let young = young(one, every);
    if one.bars.len() < MIN_BARS {
        super::note(format_args!(
            "{}: {} rows in {}, a forecast needs {MIN_BARS}",
            one.symbol,
            one.bars.len(),
            one.file
        ));
    } else if origins(one, every).next().is_none() {
        super::note(format_args!("{}: no row from its eval_start on, no forecast", one.symbol));
    } else if young > 0 {
        super::note(format_args!(
            "{}: {young} origins have fewer than {SEASONED_BARS} rows before them; their forecasts are wider and have no record",
            one.symbol
        ));
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

fn print(published: &Published, source: &Source, symbol: &Symbol, options: &Options) -> Result<()> {
    let one = source.one(symbol)?;
    let end = options.as_of.map_or(one.dates.len(), |as_of| one.until(as_of));
    let known = one.bars.get(..end).unwrap_or_default();
    let (first, last) = one.dates.first().zip(one.dates.last()).context("no bars")?;
    let origin = one.dates.iter().zip(&one.closes).take(end).next_back();
    let (date, close) = origin.with_context(|| {
        format!("{symbol} has no bars by that day; choose --as-of from {first} to {last}")
    })?;
    let model = published.load()?;
    let forecast = model.forecast(known).with_context(|| format!("{symbol} on {date}"))?;

    let Manifest { id, trained_until, .. } = model.manifest();
    let distributions = (1..=HORIZONS).filter_map(|horizon| forecast.distribution(horizon));
    let (p_up, volatility) = distributions.map(|one| (one.p_up, one.volatility)).unzip();
    let document = Document {
        symbol: &one.symbol,
        model: id,
        model_source: published.to_string(),
        bars_source: source.to_string(),
        first_date: *first,
        origin_date: *date,
        origin_close: *close,
        bars: known.len(),
        has_short_history: forecast.has_short_history,
        in_sample: date <= trained_until,
        levels: LEVELS,
        quantiles: &forecast.quantiles,
        prices: forecast.quantiles.iter().map(|row| row.map(|quantile| close * quantile.exp())).collect(),
        p_up,
        volatility,
        disclaimer: DISCLAIMER,
    };
    if options.json {
        return super::print_json(&document);
    }
    let recorded = match source {
        Source::BuiltIn => {
            "Recorded days, not today's market: `tickwise ingest` fetches newer ones for --data.\n"
        }
        Source::Folder { .. } => "",
    };
    super::print(&text(&document, recorded)?)
}

fn text(document: &Document, recorded: &str) -> Result<String> {
    let Document { symbol, model, model_source, bars_source, .. } = document;
    let Document { first_date, origin_date, origin_close, bars, prices, .. } = document;
    let mut out = String::new();
    writeln!(
        out,
        "{symbol} from its close of {} on {origin_date}, by {model}",
        decimals::price(*origin_close)
    )?;
    writeln!(out, "Bars: {bars_source}, {bars} from {first_date} to {origin_date}. Model: {model_source}.")?;
    out += recorded;
    if document.in_sample {
        writeln!(out, "In-sample: the model was trained on this day. No evidence of skill.")?;
    }
    if document.has_short_history {
        writeln!(
            out,
            "Short history, fewer than {SEASONED_BARS} days: the forecast is wider and has no record."
        )?;
    }
    if !knows_decisions(*origin_date) {
        writeln!(
            out,
            "The dates of the Federal Reserve's decisions are known from {FOMC_FROM} to {FOMC_UNTIL} alone: beyond, no day\ncounts as one."
        )?;
    }
    let places = prices.iter().flatten().map(|price| decimals::of_price(*price)).max().unwrap_or(2);
    let longest = prices.iter().flatten().map(|price| format!("{price:.places$}").len()).max().unwrap_or(0);
    let width = (longest + 2).max(10);
    let before_sign = width - 2;
    let head: Vec<String> =
        LEVELS.iter().map(|level| format!("{:>before_sign$.0} %", level * 100.0)).collect();
    writeln!(out, "\ndays {}", head.join(""))?;
    for (row, days) in prices.iter().zip(1..) {
        let prices: Vec<String> = row.iter().map(|price| format!("{price:width$.places$}")).collect();
        writeln!(out, "{days:4} {}", prices.join(""))?;
    }
    writeln!(out, "\nNot investment advice.")?;
    Ok(out)
}
