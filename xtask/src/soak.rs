//! `cargo xtask soak`: the long forms of tests that `cargo xtask test` runs short.

use std::{process::Command, time::Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{build, moto::Moto, paths, step, tools};

/// What to run, and for how long.
#[derive(Args)]
pub struct Options {
    /// Only the parts whose name contains this text
    #[arg(long)]
    only: Option<String>,
    /// Inputs for each parser of outside bytes
    #[arg(long, default_value_t = 10_000_000)]
    inputs: u64,
}

type Part = (&'static str, fn(&Options) -> Result<()>);

const PARTS: [Part; 4] = [
    ("fuzz", fuzz),
    ("join", |_| {
        worker_test("join history and stream a thousand times", "history_and_stream_join_at_random_instants")
    }),
    ("kill", |_| worker_test("kill -9 fifty times under traffic", "kill_9_at_random_moments")),
    ("s3", |_| s3()),
];

/// Runs all parts, or those whose name contains `only`.
///
/// # Errors
/// The first part that fails.
pub fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    for (name, part) in PARTS {
        if options.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            part(options)?;
        }
    }
    println!("\nEvery long test passed {}.", step::seconds(started.elapsed()));
    Ok(())
}

/// Optimised, but with the checks of a debug build: an overflow is a finding too.
fn fuzz(options: &Options) -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "run",
        "--profile",
        "soak",
        "-p",
        "tickwise-fuzz",
        "--",
        "--inputs",
        &options.inputs.to_string(),
    ]);
    attended(cargo.current_dir(paths::root()))
}

/// A test of the Worker in workerd, with the long form's counts.
fn worker_test(name: &str, filter: &str) -> Result<()> {
    tools::ensure()?;
    build::release()?;
    let mut test = tools::command("cargo")?;
    test.args(["test", "-p", "tickwise-tests", "--test", "worker", filter, "--", "--nocapture"]);
    step::run(name, test.env("TICKWISE_SOAK", "1"))
}

/// The archive over S3.
fn s3() -> Result<()> {
    let moto = Moto::start()?;
    let mut test = Command::new("cargo");
    test.args(["test", "-p", "tickwise-model", "--features", "moto", "--test", "s3"]);
    step::run("read an archive from moto's S3", test.env("MOTO_URL", &moto.url).current_dir(paths::root()))
}

/// Runs a command with its progress on the terminal.
fn attended(command: &mut Command) -> Result<()> {
    let status = command.status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("ended with {status}");
    }
    Ok(())
}
