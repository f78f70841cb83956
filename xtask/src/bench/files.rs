//! Files of bars beside polars and pyarrow.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use super::report;
use crate::{paths, step};

const PEERS: [&str; 2] = ["polars==2.1.0", "pyarrow==26.0.1"];

/// `cargo xtask bench files`
#[derive(Args)]
pub struct Options {
    /// Rounds; in each everybody is run once, and the median round counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Keep the table in docs/benchmarks.md
    #[arg(long)]
    save: bool,
}

/// What everybody prints.
#[derive(Clone, Deserialize)]
struct Measurement {
    r#impl: String,
    seconds: f64,
    peak_mb: f64,
    files: usize,
    rows: usize,
    closes: f64,
}

/// Builds everything, runs the rounds and prints the table.
///
/// # Errors
/// When something cannot be built or run, or the peers read something else.
pub fn run(options: &Options) -> Result<()> {
    ensure!(options.rounds > 0, "at least a round");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--bin", "tickwise"]).current_dir(paths::root());
    step::run("build tickwise", &mut cargo)?;
    let dir = report::work_dir().join("files");
    let python = python(&dir)?;
    let peers = paths::root().join("tests/bench/files/peers.py");
    if !dir.join("parquet/S499.parquet").exists() {
        step::run("make the files", Command::new(&python).arg(&peers).arg("make").arg(&dir))?;
    }
    let mut chapter = format!(
        "## Files\n\n`cargo xtask bench files --save`, {}. 500 files of 5,000 daily bars, read from the disk's cache; the\n\
         median of {} rounds of 5 passes. polars reads each file by `read_csv` and casts dates and numbers; pyarrow reads\n\
         tables and does not cast.\n\n| files | by | time | most memory | of the peer's time |\n|---|---|---:|---:|---:|\n",
        report::circumstances(),
        options.rounds
    );
    for (kind, peer) in [("csv", "polars"), ("parquet", "pyarrow")] {
        let data = dir.join(kind);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 1..=options.rounds {
            let timer = step::begin(&format!("{kind}, round {round} of {}", options.rounds));
            let mut tickwise = Command::new(paths::target().join("release/tickwise"));
            ours.push(measure(tickwise.args(["bench", "files", "--data"]).arg(&data))?);
            theirs.push(measure(Command::new(&python).arg(&peers).arg(peer).arg(&data))?);
            timer.done();
        }
        rows(&mut chapter, kind, &median(ours)?, &median(theirs)?)?;
    }
    println!("\n{chapter}");
    if options.save { report::save(&chapter) } else { Ok(()) }
}

fn python(dir: &Path) -> Result<PathBuf> {
    fs::create_dir_all(dir)?;
    let python = dir.join("venv/bin/python");
    if !python.exists() {
        let mut venv = Command::new("python3");
        step::run("make a Python environment", venv.args(["-m", "venv"]).arg(dir.join("venv")))?;
        let mut pip = Command::new(&python);
        step::run("install the peers", pip.args(["-m", "pip", "install", "--quiet"]).args(PEERS))?;
    }
    Ok(python)
}

fn measure(command: &mut Command) -> Result<Measurement> {
    let output = command.output().context("a contender cannot be started")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("what a contender prints")
}

fn median(mut rounds: Vec<Measurement>) -> Result<Measurement> {
    rounds.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    rounds.get(rounds.len() / 2).cloned().context("at least a round")
}

fn rows(out: &mut String, kind: &str, ours: &Measurement, theirs: &Measurement) -> Result<()> {
    let is_same = (ours.files, ours.rows) == (theirs.files, theirs.rows)
        && (ours.closes - theirs.closes).abs() < 1e-6 * theirs.closes.abs();
    ensure!(is_same, "{} has read something else of {kind}", theirs.r#impl);
    for one in [ours, theirs] {
        writeln!(
            out,
            "| {kind} | {} | {:.2} s | {:.0} MB | {:.2} |",
            one.r#impl,
            one.seconds,
            one.peak_mb,
            one.seconds / theirs.seconds
        )?;
    }
    Ok(())
}
