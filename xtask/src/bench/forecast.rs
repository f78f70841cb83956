//! Training, forecasts of a whole folder, and single forecasts.

use std::{
    fmt::Write as _,
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use super::report;
use crate::{paths, step};

/// `cargo xtask bench forecast`
#[derive(Args)]
pub struct Options {
    /// Keep the table in docs/benchmarks.md
    #[arg(long)]
    save: bool,
}

/// One run of `tickwise`.
struct Run {
    secs: f64,
    /// Most memory that was resident, in MB.
    peak_mb: f64,
    output: String,
}

/// What `tickwise bench forecast` prints.
#[derive(Deserialize)]
struct Calls {
    features_us: f64,
    forecast_us: f64,
    fit_ms: f64,
}

/// Builds, measures and prints the table.
///
/// # Errors
/// When something cannot be built or run.
pub fn run(options: &Options) -> Result<()> {
    let root = paths::root();
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--bin", "tickwise"]).current_dir(&root);
    step::run("build tickwise", &mut cargo)?;
    let dir = report::work_dir().join("forecast");
    fs::create_dir_all(&dir)?;
    let path = |name: &str| dir.join(name).display().to_string();
    let (training, bars, predictions) = (path("training"), path("bars"), path("predictions.csv"));

    let train = tickwise(&root, "train", &["train", "--fresh", "--out", &training])?;
    let calls = tickwise(&root, "single forecasts", &["bench", "forecast", "--folder", &bars])?;
    let calls: Calls = serde_json::from_str(calls.output.trim()).context("the times of single forecasts")?;
    let predict = tickwise(&root, "predict", &["predict", "--data", &bars, "--output", &predictions])?;
    let chapter = chapter(&train, &predict, &calls)?;
    println!("\n{chapter}");
    if options.save { report::save(&chapter) } else { Ok(()) }
}

fn tickwise(root: &Path, name: &str, args: &[&str]) -> Result<Run> {
    let timer = step::begin(name);
    let start = Instant::now();
    let mut child = Command::new(paths::target().join("release/tickwise"))
        .args(args)
        .current_dir(root)
        .stdout(Stdio::piped())
        .spawn()
        .context("tickwise cannot be started")?;
    let mut stdout = child.stdout.take().context("its output")?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let status = Path::new("/proc").join(child.id().to_string()).join("status");
    let mut peak_kb = 0;
    let exit = loop {
        // The highest so far, so the last reading before the end counts.
        let read = fs::read_to_string(&status).ok();
        peak_kb = read.as_deref().and_then(high_water_kb).unwrap_or(peak_kb);
        match child.try_wait()? {
            Some(exit) => break exit,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let secs = start.elapsed().as_secs_f64();
    let output = reader.join().map_err(|_| anyhow::anyhow!("{name}: its output was not read"))??;
    ensure!(exit.success(), "{name} failed");
    timer.done();
    Ok(Run { secs, peak_mb: peak_kb as f64 / 1e3, output })
}

/// The line `VmHWM` of `/proc/PID/status`.
fn high_water_kb(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Of the lines of epochs, that end `0.12 s, 90000 origins/s`: how many, and their median.
fn epochs(output: &str) -> Option<(usize, f64)> {
    let secs = |line: &str| line.split(", ").find_map(|part| part.strip_suffix(" s")?.parse().ok());
    let lines = output.lines().filter(|line| line.contains(", epoch "));
    let mut secs: Vec<f64> = lines.filter_map(secs).collect();
    secs.sort_by(f64::total_cmp);
    Some((secs.len(), *secs.get(secs.len() / 2)?))
}

fn chapter(train: &Run, predict: &Run, calls: &Calls) -> Result<String> {
    let (count, epoch_secs) = epochs(&train.output).context("tickwise train printed no epochs")?;
    let mut text = format!(
        "## Forecast\n\n`cargo xtask bench forecast --save`, {}, {} threads. Memory is the most that was resident.\n\n\
         | | time | memory |\n|---|---:|---:|\n",
        report::circumstances(),
        thread::available_parallelism()?
    );
    writeln!(
        text,
        "| `tickwise train`, default configuration, recorded bars, with its evaluation | {:.1} s | {:.0} MB |",
        train.secs, train.peak_mb
    )?;
    writeln!(text, "| – an epoch of one network, median of {count} | {epoch_secs:.2} s | |")?;
    writeln!(
        text,
        "| `tickwise predict` of 20 symbols of 5,000 rows, every 5th, 4 horizons | {:.1} s | {:.0} MB |",
        predict.secs, predict.peak_mb
    )?;
    let Calls { features_us, forecast_us, fit_ms } = calls;
    writeln!(
        text,
        "| one forecast at all horizons from 1,001 bars, native, one thread | {forecast_us:.0} µs | |"
    )?;
    writeln!(text, "| – of which features | {features_us:.0} µs | |")?;
    writeln!(text, "| what is fitted to a symbol once a quarter | {fit_ms:.1} ms | |")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_epochs_are_read_from_what_is_printed() {
        assert_eq!(high_water_kb("Name:\ttickwise\nVmHWM:\t   28900 kB\n"), Some(28_900));
        assert_eq!(high_water_kb("Name:\tzombie\n"), None);
        let line = |secs: &str| {
            format!("network 1 of 3, epoch 2 of 15: loss 0.1, held out 0.2, {secs} s, 9 origins/s\n")
        };
        let output =
            format!("9 origins of 5 symbols in 0.1 s\n{}{}{}", line("0.30"), line("0.10"), line("0.20"));
        assert_eq!(epochs(&output), Some((3, 0.2)));
        assert_eq!(epochs("trained in 7 s"), None);
    }
}
