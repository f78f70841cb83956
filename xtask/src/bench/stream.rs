//! The stream beside a minimal JavaScript hub: load from this machine only.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::report;
use crate::{build::Profile, paths, step, tools, worker};

/// `cargo xtask bench stream`
#[derive(Args)]
pub struct Options {
    /// Readers of each server
    #[arg(long, default_value_t = 1_000)]
    clients: usize,
    /// Rounds; in each the hub and we are measured once, and the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of a measurement at 80 % of the hub's ceiling
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Go on for so many minutes and watch workerd's memory
    #[arg(long, default_value_t = 0.0)]
    minutes: f64,
    /// Keep the table in docs/benchmarks.md
    #[arg(long)]
    save: bool,
    /// Measure what was built before
    #[arg(long)]
    no_build: bool,
}

/// Builds the Worker and the load generator, runs it and prints its tables.
///
/// # Errors
/// When something cannot be built or run.
pub fn run(options: &Options) -> Result<()> {
    tools::ensure()?;
    if !options.no_build {
        worker::build(Profile::Wasm)?;
        let mut cargo = tools::command("cargo")?;
        cargo.args(["build", "--release", "-p", "tickwise-tests", "--bin", "stream-load"]);
        step::run("build the load generator", &mut cargo)?;
    }
    let program = paths::target().join("release/stream-load");
    let mut load = tools::command(program.to_string_lossy().as_ref())?;
    // Where the tests' servers look for the repository.
    load.env("CARGO_MANIFEST_DIR", paths::root().join("tests"));
    let Options { clients, rounds, seconds, minutes, .. } = options;
    let arguments = format!("--clients {clients} --rounds {rounds} --seconds {seconds} --minutes {minutes}");
    load.args(arguments.split(' '));
    let output = load.stderr(Stdio::inherit()).output().context("the load generator cannot be started")?;
    ensure!(output.status.success(), "the load generator ended with {}", output.status);
    let chapter = format!(
        "## Stream\n\n`cargo xtask bench stream --save {arguments}`,\n{}: quotes published to one symbol and sent\n\
         to every reader, one a frame, beside a Durable Object of some thirty lines of JavaScript\n\
         (`tests/bench/stream/hub.js`) under the same wrangler and workerd, by one Gateway. Ours are\n\
         numbered, stored in SQLite before they are sent, and acknowledged by every reader once a second; the hub only\n\
         repeats. Latency is from publisher to reader by one clock. Load, servers and readers share the machine's\n\
         processors: compare rows of one run only.\n\n{}",
        report::circumstances(),
        String::from_utf8(output.stdout)?
    );
    println!("\n{chapter}");
    if options.save { report::save(chapter.trim_end()) } else { Ok(()) }
}
