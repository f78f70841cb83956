use std::{fmt::Write as _, fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use jiff::civil::Date;
use tickwise_forecast::{Forecaster, LEVELS};
use tickwise_market::Symbol;

use crate::data;

/// `tickwise predict`
#[derive(Args)]
#[command(after_help = "Prints prices, not adjusted for later splits and dividends. Not investment advice.")]
pub struct Options {
    /// Symbol, such as AAPL
    symbol: Symbol,
    /// Folder of recordings with its manifest.json
    #[arg(long, default_value = "public/replay")]
    data: PathBuf,
    /// Folder of one model [default: the one that public/models/current names]
    #[arg(long)]
    model: Option<PathBuf>,
    /// Forecast from this day, knowing nothing later [default: the last one]
    #[arg(long)]
    as_of: Option<Date>,
}

/// Prints the table.
pub fn run(options: &Options) -> Result<()> {
    let model = load(options.model.clone())?;
    let series = data::read(&options.data)?;
    let names = || series.iter().map(|one| one.symbol.to_string()).collect::<Vec<_>>().join(", ");
    let one = series.iter().find(|one| one.symbol == options.symbol);
    let one = one.with_context(|| {
        format!("{} has no bars in {}; there are {}", options.symbol, options.data.display(), names())
    })?;
    let end = options.as_of.map_or(one.dates.len(), |as_of| one.dates.partition_point(|date| *date <= as_of));
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

fn load(folder: Option<PathBuf>) -> Result<Forecaster> {
    let folder = match folder {
        Some(folder) => folder,
        None => {
            let models = PathBuf::from("public/models");
            let current = fs::read_to_string(models.join("current"))
                .context("public/models/current: no model in use")?;
            models.join(current.trim())
        }
    };
    let read =
        |name: &str| fs::read(folder.join(name)).with_context(|| folder.join(name).display().to_string());
    Ok(Forecaster::load(&read("manifest.json")?, &read("model.safetensors")?)?)
}
