//! Indicators beside `ta`, `yata`, `kand` and TA-Lib, and in WebAssembly.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use super::report;
use crate::{
    bindgen::{self, Host},
    paths, step, tools,
};

const INDICATORS: [&str; 7] = ["sma20", "ema20", "rsi14", "macd", "bbands20", "atr14", "stoch14"];
const TALIB: &str = "TA-Lib==0.8.2";

/// `cargo xtask bench indicators`
#[derive(Args)]
pub struct Options {
    /// Bars of a simulated random walk
    #[arg(long, default_value_t = 1_000_000)]
    bars: usize,
    /// Rounds; in each everybody is run once, and the median round counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Passes a round, of which the median counts
    #[arg(long, default_value_t = 7)]
    reps: usize,
    /// Keep the tables in docs/benchmarks.md
    #[arg(long)]
    save: bool,
}

#[derive(Deserialize)]
struct Row {
    r#impl: String,
    indicator: String,
    mode: String,
    ns_per_bar: f64,
    last: Vec<f64>,
}

/// Times of one indicator by one implementation, and its last outputs.
#[derive(Default)]
struct Cell {
    ns_per_bar: Vec<f64>,
    last: Vec<f64>,
}

/// By mode and implementation, then by indicator.
type Cells = BTreeMap<(String, String), BTreeMap<String, Cell>>;

/// Builds everything, runs the rounds and prints the tables.
///
/// # Errors
/// When something cannot be built or run.
pub fn run(options: &Options) -> Result<()> {
    ensure!(
        options.bars >= 1000 && options.rounds > 0 && options.reps > 0,
        "at least 1000 bars, a round and a pass"
    );
    tools::ensure()?;
    let dir = report::work_dir();
    fs::create_dir_all(&dir)?;
    let contenders = build(&dir)?;
    let bars = dir.join("bars.bin");
    fs::write(&bars, random_walk(options.bars))?;
    let mut cells = Cells::new();
    for round in 1..=options.rounds {
        let timer = step::begin(&format!("round {round} of {}", options.rounds));
        for contender in &contenders {
            for row in measure(contender, &bars, options.reps)? {
                let cell = cells.entry((row.mode, row.r#impl)).or_default().entry(row.indicator).or_default();
                cell.ns_per_bar.push(row.ns_per_bar);
                cell.last = row.last;
            }
        }
        timer.done();
    }
    let chapter = chapter(&cells, options)?;
    println!("\n{chapter}");
    if options.save {
        report::save(&chapter)?;
    }
    Ok(())
}

/// Commands that take `--bars FILE --reps R`.
fn build(dir: &Path) -> Result<Vec<Vec<PathBuf>>> {
    let root = paths::root();
    let sources = root.join("tests/bench");
    let cargo =
        |name: &str, args: &[&str]| step::run(name, Command::new("cargo").args(args).current_dir(&root));
    cargo("build tickwise", &["build", "--release", "--bin", "tickwise"])?;
    let peers = dir.join("peers");
    let mut build = Command::new("cargo");
    build
        .args(["build", "--release"])
        .current_dir(sources.join("indicators"))
        .env("CARGO_TARGET_DIR", &peers);
    step::run("build the peers", &mut build)?;
    let wasm = "wasm32-unknown-unknown";
    cargo("build for WebAssembly", &["build", "--release", "--target", wasm, "-p", "tickwise-bench-wasm"])?;
    let module = paths::target().join(wasm).join("release/tickwise_bench_wasm.wasm");
    bindgen::generate(&module, &dir.join("wasm"), "tickwise_bench_wasm", Host::Node)?;
    let python = dir.join("venv/bin/python");
    if !python.exists() {
        let mut venv = Command::new("python3");
        step::run("make a Python environment", venv.args(["-m", "venv"]).arg(dir.join("venv")))?;
        let mut pip = Command::new(&python);
        step::run("install TA-Lib", pip.args(["-m", "pip", "install", "--quiet", "numpy", TALIB]))?;
    }
    Ok(vec![
        vec![paths::target().join("release/tickwise"), "bench".into(), "indicators".into()],
        vec![peers.join("release/indicator-peers")],
        vec![python, sources.join("indicators/talib_peer.py")],
        vec!["node".into(), sources.join("wasm/run.mjs"), dir.join("wasm/tickwise_bench_wasm.js")],
    ])
}

fn measure(contender: &[PathBuf], bars: &Path, reps: usize) -> Result<Vec<Row>> {
    let (program, args) = contender.split_first().context("a command")?;
    let mut command = Command::new(program);
    command.args(args).arg("--bars").arg(bars).args(["--reps", &reps.to_string()]);
    // One warm heap for everybody: page faults are not what is measured.
    command.env("MALLOC_MMAP_THRESHOLD_", "2000000000").env("MALLOC_TRIM_THRESHOLD_", "4000000000");
    let output = command.output().with_context(|| format!("{} cannot be started", program.display()))?;
    ensure!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}

/// A count and the columns open, high, low, close and volume, little-endian.
fn random_walk(bars: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut uniform = move || {
        // Steele, Lea and Flood's SplitMix64 (OOPSLA 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut columns = [(); 5].map(|()| Vec::with_capacity(bars));
    let mut open = 100.0_f64;
    for _ in 0..bars {
        let close = open * (7e-4 * (uniform() - 0.5)).exp();
        let (high, low) =
            (open.max(close) * (1.0 + 5e-4 * uniform()), open.min(close) * (1.0 - 5e-4 * uniform()));
        let bar = [open, high, low, close, (1e4 * uniform()).floor()];
        columns.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
        open = close;
    }
    let values = columns.iter().flatten().flat_map(|value: &f64| value.to_le_bytes());
    (bars as u64).to_le_bytes().into_iter().chain(values).collect()
}

fn chapter(cells: &Cells, options: &Options) -> Result<String> {
    let mut text = String::from("## Indicators\n\n");
    let Options { bars, rounds, reps, .. } = options;
    writeln!(
        text,
        "`cargo xtask bench indicators --save`, {}: {bars} bars, median of {rounds} interleaved\n\
         rounds of {reps} passes. Compare rows of one run only, by ratio: machines and days differ.",
        report::circumstances(),
    )?;
    for (mode, title) in [
        ("batch", "Batch, ns a bar: whole columns, outputs allocated inside the pass"),
        ("stream", "Streaming, ns an update: one value in, one out"),
    ] {
        writeln!(
            text,
            "\n### {title}\n\n| | {} | sum |\n|---|{}---:|",
            INDICATORS.join(" | "),
            "---:|".repeat(7)
        )?;
        for ((_, name), row) in cells.iter().filter(|((of, _), _)| of == mode) {
            let medians: Vec<Option<f64>> =
                INDICATORS.iter().map(|indicator| median(row.get(*indicator)?)).collect();
            let sum: Option<f64> = medians.iter().copied().sum();
            let shown: Vec<String> = medians.into_iter().chain([sum]).map(number).collect();
            writeln!(text, "| {name} | {} |", shown.join(" | "))?;
        }
    }
    writeln!(
        text,
        "\n### Largest relative difference of the last outputs from TA-Lib\n\n\
         `ta` smooths RSI and ATR by plain exponential averages, and `yata`'s deviation is the sample's.\n\n\
         | | {} |\n|---|{}",
        INDICATORS.join(" | "),
        "---:|".repeat(7)
    )?;
    let talib = cells.get(&("batch".into(), "talib".into()));
    for ((_, name), row) in cells.iter().filter(|((mode, _), _)| mode == "batch") {
        let shown = INDICATORS.map(|indicator| {
            let (own, reference) = (row.get(indicator)?, talib?.get(indicator)?);
            let difference = |(own, talib): (&f64, &f64)| (own - talib).abs() / talib.abs().max(1e-9);
            own.last.iter().zip(&reference.last).map(difference).reduce(f64::max)
        });
        writeln!(
            text,
            "| {name} | {} |",
            shown.map(|d| d.map_or("–".into(), |d| format!("{d:.0e}"))).join(" | ")
        )?;
    }
    Ok(text)
}

fn median(cell: &Cell) -> Option<f64> {
    let mut sorted = cell.ns_per_bar.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| format!("{value:.2}"))
}
