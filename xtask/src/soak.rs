//! `cargo xtask soak`: the long forms of tests that `cargo xtask test` runs short.

use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::paths;

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

const PARTS: [Part; 1] = [("fuzz", fuzz)];

/// Runs all parts, or those whose name contains `only`.
///
/// # Errors
/// The first part that fails.
pub fn run(options: &Options) -> Result<()> {
    for (name, part) in PARTS {
        if options.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            part(options)?;
        }
    }
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
    attended(&mut cargo)
}

/// Runs a command with its progress on the terminal.
fn attended(command: &mut Command) -> Result<()> {
    let status = command.current_dir(paths::root()).status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("ended with {status}");
    }
    Ok(())
}
