//! `cargo xtask sim`: the Alpha Vantage simulator of the `tests` crate, by hand.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::paths;

/// Runs until Ctrl-C.
///
/// # Errors
/// When it ends by itself; its words are on the terminal.
pub fn run(args: &[String]) -> Result<()> {
    let mut simulator = Command::new("cargo");
    simulator.args(["run", "--quiet", "-p", "tickwise-tests", "--bin", "sim", "--"]).args(args);
    let status = simulator.current_dir(paths::root()).status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("the simulator ended with {status}");
    }
    Ok(())
}
