//! Reference networks from our layers beside onnxruntime-web, as WebAssembly in Node.

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
use crate::{bindgen::Host, build, paths, step, tools, wasm_opt};

const ONNXRUNTIME_WEB: &str = "onnxruntime-web@1.30.0";
const PYTHON_PACKAGES: [&str; 2] = ["numpy", "onnx"];
const MODELS: [&str; 2] = ["mixer", "gru"];

/// `cargo xtask bench inference`
#[derive(Args)]
pub struct Options {
    /// Rounds; in each everybody is run once, and the median round counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Calls a round, of which the median counts
    #[arg(long, default_value_t = 2000)]
    iters: usize,
    /// Keep the table in docs/benchmarks.md
    #[arg(long)]
    save: bool,
    /// Only build the module and print its folder
    #[arg(long)]
    build_only: bool,
}

/// What a contender prints.
#[derive(Deserialize)]
struct Row {
    r#impl: String,
    version: String,
    model: String,
    median_ms: f64,
    p99_ms: f64,
    cold_ms: f64,
    max_abs_err: f64,
    runtime: Vec<File>,
}

#[derive(Clone, Deserialize)]
struct File {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// By model, then by implementation.
type Rows = BTreeMap<(String, String), Vec<Row>>;

/// Builds everything, runs the rounds and prints the table.
///
/// # Errors
/// When something cannot be built or run.
pub fn run(options: &Options) -> Result<()> {
    tools::ensure()?;
    let dir = report::work_dir();
    fs::create_dir_all(&dir)?;
    let module = module(&dir)?;
    if options.build_only {
        println!("{}", module.display());
        return Ok(());
    }
    ensure!(options.rounds > 0 && options.iters > 0, "at least one round of one call");
    let sources = paths::root().join("tests/bench");
    let models = reference_models(&dir, &sources)?;
    let peer = onnxruntime_web(&dir)?;
    let contenders =
        [(sources.join("inference.mjs"), module), (sources.join("inference/onnxruntime_web.mjs"), peer)];
    let mut rows = Rows::new();
    for round in 1..=options.rounds {
        let timer = step::begin(&format!("round {round} of {}", options.rounds));
        for (model, (script, module)) in
            MODELS.iter().flat_map(|model| contenders.iter().map(move |c| (model, c)))
        {
            let row = measure(script, module, &models.join(model), options.iters)?;
            rows.entry((row.model.clone(), row.r#impl.clone())).or_default().push(row);
        }
        timer.done();
    }
    let chapter = chapter(&rows, options)?;
    println!("\n{chapter}");
    if options.save { report::save(&chapter) } else { Ok(()) }
}

/// The module; its folder.
fn module(dir: &Path) -> Result<PathBuf> {
    let folder = dir.join("inference");
    build::module("tickwise-bench-inference", Host::Node, &folder)?;
    wasm_opt::run("optimise", &folder.join("tickwise_bench_inference_bg.wasm"), &["-O3"])?;
    Ok(folder)
}

fn reference_models(dir: &Path, sources: &Path) -> Result<PathBuf> {
    let environment = dir.join("onnx");
    let python = environment.join("bin/python");
    if !python.exists() {
        let mut venv = Command::new("python3");
        step::run("make a Python environment", venv.args(["-m", "venv"]).arg(&environment))?;
        let mut pip = Command::new(&python);
        step::run("install onnx", pip.args(["-m", "pip", "install", "--quiet"]).args(PYTHON_PACKAGES))?;
    }
    let models = dir.join("models");
    let mut make = Command::new(&python);
    make.arg(sources.join("inference/reference_models.py")).arg(&models);
    step::run("make the reference models", &mut make)?;
    Ok(models)
}

fn onnxruntime_web(dir: &Path) -> Result<PathBuf> {
    let folder = dir.join("node");
    fs::create_dir_all(&folder)?;
    let package = folder.join("node_modules/onnxruntime-web");
    if !package.exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg(ONNXRUNTIME_WEB);
        step::run("install onnxruntime-web", &mut npm)?;
    }
    Ok(package)
}

fn measure(script: &Path, module: &Path, model: &Path, iters: usize) -> Result<Row> {
    let mut node = Command::new("node");
    node.arg(script).arg("--module").arg(module).arg("--model").arg(model);
    let output = node.args(["--iters", &iters.to_string()]).output().context("node cannot be started")?;
    ensure!(output.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().find(|line| line.starts_with('{')).context("no JSON line")?;
    Ok(serde_json::from_str(line)?)
}

fn chapter(rows: &Rows, options: &Options) -> Result<String> {
    let Options { rounds, iters, .. } = options;
    let mut text = format!(
        "## Inference\n\n`cargo xtask bench inference --save`, {}: two networks of 90 thousand weights, batch 1, one\n\
         thread, WebAssembly in Node, median of {rounds} interleaved rounds of {iters} calls. Compare rows of one run only.\n\
         Cold: from nothing loaded to the first answer. Error: largest difference from double precision.\n\n\
         | network | | median, ms | p99, ms | cold, ms | error | runtime: raw, gzip, brotli, kB |\n|---|---|---:|---:|---:|---:|---:|\n",
        report::circumstances()
    );
    for ((model, name), rows) in rows {
        let median = |of: fn(&Row) -> f64| {
            let mut sorted: Vec<f64> = rows.iter().map(of).collect();
            sorted.sort_by(f64::total_cmp);
            sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
        };
        let Some(Row { version, runtime, .. }) = rows.first() else { continue };
        let kb = |of: fn(&File) -> u64| format!("{:.0}", runtime.iter().map(of).sum::<u64>() as f64 / 1000.0);
        writeln!(
            text,
            "| {model} | {name} {version} | {:.3} | {:.3} | {:.0} | {:.0e} | {}, {}, {} |",
            median(|row| row.median_ms),
            median(|row| row.p99_ms),
            median(|row| row.cold_ms),
            median(|row| row.max_abs_err),
            kb(|file| file.raw),
            kb(|file| file.gzip),
            kb(|file| file.brotli),
        )?;
    }
    Ok(text)
}
