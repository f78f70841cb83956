//! Forecasts in the real workerd.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Deserialize;

use super::report;
use crate::{build, paths, tools};

/// `cargo xtask bench edge-inference`
#[derive(Args)]
pub struct Options {
    /// Pairs of requests, of which the median counts
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// Forecasts in the longer request of a pair
    #[arg(long, default_value_t = 200)]
    count: u32,
    /// Fresh servers
    #[arg(long, default_value_t = 5)]
    starts: usize,
    /// Keep the table in docs/benchmarks.md
    #[arg(long)]
    save: bool,
    /// Measure what `cargo xtask build` has built before
    #[arg(long)]
    built: bool,
}

/// Median, least and most, in milliseconds.
type Times = [f64; 3];

/// What the program of the `tests` crate prints.
#[derive(Deserialize)]
struct Measured {
    forecast: Times,
    fit: Times,
    health: Times,
    prediction: Times,
    isolate: Times,
    model: Times,
    first_other: Times,
    first_stocks: Times,
    first_prediction: Times,
    model_bytes: u64,
    refit_bytes: u64,
}

/// Builds the Worker, runs it and prints the table.
///
/// # Errors
/// When something cannot be built or run.
pub fn run(options: &Options) -> Result<()> {
    tools::ensure()?;
    if !options.built {
        build::release()?;
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["run", "--quiet", "-p", "tickwise-tests", "--bin", "edge-inference", "--"]);
    for (name, value) in [
        ("--rounds", options.rounds.to_string()),
        ("--count", options.count.to_string()),
        ("--starts", options.starts.to_string()),
    ] {
        cargo.args([name, &value]);
    }
    let output = cargo.current_dir(paths::root()).output().context("cargo cannot be started")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let chapter = chapter(&serde_json::from_slice(&output.stdout)?, options);
    println!("\n{chapter}");
    if options.save { report::save(&chapter) } else { Ok(()) }
}

fn chapter(measured: &Measured, options: &Options) -> String {
    let Options { rounds, count, starts, .. } = options;
    let row = |name: &str, [median, least, most]: Times, digits: usize| {
        format!("| {name} | {median:.digits$} | {least:.digits$} | {most:.digits$} |\n")
    };
    let rows = [
        row("forecast: features, network, simulation, 20 horizons", measured.forecast, 3),
        row("refit, once a quarter: GJR-GARCH, HAR, the symbol's own record", measured.fit, 1),
        row("request for health", measured.health, 1),
        row("request for a forecast already computed", measured.prediction, 1),
        row("cold start of an isolate: module compiled and instantiated, first answer", measured.isolate, 0),
        row("cold start of the model: weights fetched, verified, built, first forecast", measured.model, 0),
        row("first request to a fresh Worker, without the model", measured.first_other, 0),
        row("first request to a fresh Worker, all stocks: five recordings", measured.first_stocks, 0),
        row(
            "first request to a fresh Worker, a forecast: recording, weights, refit, record",
            measured.first_prediction,
            0,
        ),
    ];
    let ([isolate, ..], [model, ..]) = (measured.isolate, measured.model);
    let mb = |bytes: u64| bytes as f64 / 1e6;
    format!(
        "## Forecasts at the edge\n\n`cargo xtask bench edge-inference --save`, {}: the Worker as built, in workerd under wrangler, timed\n\
         from outside over HTTP. Forecast and refit on ten years of daily bars of IBM: the difference of requests of {count} and of one,\n\
         median of {rounds}. The rest: of {starts} fresh servers. An isolate: what workerd takes longer with the Worker than with an empty\n\
         one. The model: what the first forecast takes longer than later ones, bars and fit being in the request. Both together,\n\
         cold start including weights, refit apart: **{:.0} ms**. wrangler starts the isolate before the first request. The module's\n\
         memory is {:.1} MB with the model, and at most {:.1} MB once it has read a recording and fitted.\n\n\
         | ms | median | least | most |\n|---|---:|---:|---:|\n{}",
        report::circumstances(),
        isolate + model,
        mb(measured.model_bytes),
        mb(measured.refit_bytes),
        rows.concat()
    )
}
