use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Serialize;

use super::passes::{self, Bars, INDICATORS, Mode};
use crate::commands;

/// `tickwise bench indicators`
#[derive(Args)]
#[command(
    after_help = "FILE holds, little-endian, a u64 count and then the columns open, high, low, close and volume as f64.\nPrints one JSON object a line: the median time of a bar over the repetitions, and the last outputs.\n`cargo xtask bench indicators` makes such a file and runs the peers beside.\n\nExample:\n  tickwise bench indicators --bars bars.bin --reps 3"
)]
pub struct Options {
    /// Columns of bars
    #[arg(long, value_name = "FILE")]
    bars: PathBuf,
    /// Passes of which the median counts
    #[arg(long, default_value_t = 7)]
    reps: usize,
}

#[derive(Serialize)]
struct Measurement {
    r#impl: &'static str,
    indicator: &'static str,
    mode: &'static str,
    ns_per_bar: f64,
    last: Vec<f64>,
}

/// Prints the measurements.
pub fn run(options: &Options) -> Result<()> {
    if options.reps == 0 {
        bail!(commands::Usage("--reps must be at least 1"));
    }
    let bars = read(&options.bars)?;
    for indicator in INDICATORS {
        for (mode, name) in [(Mode::Batch, "batch"), (Mode::Stream, "stream")] {
            let last = passes::pass(indicator, mode, &bars);
            let mut times: Vec<f64> = (0..options.reps).map(|_| ns_per_bar(indicator, mode, &bars)).collect();
            times.sort_by(f64::total_cmp);
            let ns_per_bar = times.get(times.len() / 2).copied().unwrap_or_default();
            let measurement = Measurement { r#impl: "tickwise", indicator, mode: name, ns_per_bar, last };
            commands::print_json(&measurement)?;
        }
    }
    Ok(())
}

fn ns_per_bar(indicator: &str, mode: Mode, bars: &Bars) -> f64 {
    let start = Instant::now();
    std::hint::black_box(passes::pass(indicator, mode, bars));
    start.elapsed().as_nanos() as f64 / bars.len() as f64
}

fn read(path: &Path) -> Result<Bars> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let (count, columns) = bytes.split_first_chunk::<8>().context("the file holds no count")?;
    let count = usize::try_from(u64::from_le_bytes(*count)).context("the count")?;
    let (values, rest) = columns.as_chunks::<8>();
    let expected = count.checked_mul(5);
    ensure!(
        count > 0 && rest.is_empty() && expected == Some(values.len()),
        "{} should hold five columns of {count} values",
        path.display()
    );
    let values: Vec<f64> = values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let mut columns = values.chunks_exact(count).map(<[f64]>::to_vec).skip(1);
    let mut column = || columns.next().context("five columns");
    Ok(Bars::new(column()?, column()?, column()?))
}
