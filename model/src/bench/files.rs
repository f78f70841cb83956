use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use rayon::prelude::*;
use serde::Serialize;
use tickwise_files::{Options as Reading, read};

/// `tickwise bench files`
#[derive(Args)]
#[command(
    after_help = "Prints one JSON object: the median time of all files over the repetitions, and what they hold.\n`cargo xtask bench files` makes such folders and runs the peers beside."
)]
pub struct Options {
    /// Folder of files of bars
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Passes of which the median counts
    #[arg(long, default_value_t = 5)]
    reps: usize,
}

#[derive(Serialize)]
struct Measurement {
    r#impl: &'static str,
    seconds: f64,
    files: usize,
    rows: usize,
    /// Most memory that was resident; 0 where the system does not say.
    peak_mb: f64,
    /// Sum of closes: whoever reads the same has the same.
    closes: f64,
}

/// Prints the measurement.
pub fn run(options: &Options) -> Result<()> {
    ensure!(options.reps > 0, "--reps must be at least 1");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&options.data)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    let mut seconds = Vec::new();
    let (mut rows, mut closes) = (0, 0.0);
    for _ in 0..options.reps {
        let start = Instant::now();
        let read: Vec<(usize, f64)> = paths.par_iter().map(|path| pass(path)).collect::<Result<_>>()?;
        seconds.push(start.elapsed().as_secs_f64());
        rows = read.iter().map(|(rows, _)| rows).sum();
        closes = read.iter().map(|(_, closes)| closes).sum();
    }
    seconds.sort_by(f64::total_cmp);
    let seconds = seconds.get(seconds.len() / 2).copied().unwrap_or_default();
    let measurement =
        Measurement { r#impl: "tickwise", seconds, files: paths.len(), rows, peak_mb: peak_mb(), closes };
    println!("{}", serde_json::to_string(&measurement)?);
    Ok(())
}

/// The line `VmHWM` of `/proc/self/status`.
fn peak_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1e3
}

fn pass(path: &Path) -> Result<(usize, f64)> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let bars = read(bytes, &name, &Reading::default()).with_context(|| path.display().to_string())?;
    Ok((bars.rows.len(), bars.rows.iter().map(|row| row.bar.close).sum()))
}
