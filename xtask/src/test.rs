//! `cargo xtask test`: every check, in the order of how soon it fails.

use std::{process::Command, time::Instant};

use anyhow::Result;

use crate::{build, paths, step, tools};

/// Crates that run in a browser or at the edge.
const WASM_CRATES: [&str; 11] = [
    "tickwise-alphavantage",
    "tickwise-files",
    "tickwise-market",
    "tickwise-indicators",
    "tickwise-forecast",
    "tickwise-protocol",
    "tickwise-record",
    "tickwise-replay",
    "tickwise-scheduler",
    "tickwise-edge",
    "tickwise-frontend",
];

type Check = (&'static str, fn() -> Result<()>);

const CHECKS: [Check; 8] = [
    ("format", || cargo("check formatting", &["fmt", "--all", "--check"])),
    ("clippy", || {
        cargo("lint for this machine", &["clippy", "--workspace", "--all-targets", "--", "-Dwarnings"])
    }),
    ("clippy-wasm", clippy_wasm),
    ("unit", || {
        cargo("unit, property and doc tests", &["test", "--workspace", "--exclude", "tickwise-tests"])
    }),
    ("simulator", || cargo("tests of the simulator", &["test", "-p", "tickwise-tests", "--test", "sim"])),
    ("build", build::release),
    ("worker", || end_to_end("tests of the Worker in workerd", "worker")),
    ("browser", || {
        build::golden()?;
        end_to_end("tests of the page in Chromium", "browser")
    }),
];

/// Runs all checks, or those whose name contains `only`.
///
/// # Errors
/// The first check that fails.
pub fn run(only: Option<&str>) -> Result<()> {
    let started = Instant::now();
    tools::ensure()?;
    for (name, check) in CHECKS {
        if only.is_none_or(|only| name.contains(only)) {
            check()?;
        }
    }
    println!("\nEvery check passed {}.", step::seconds(started.elapsed()));
    Ok(())
}

fn cargo(name: &str, args: &[&str]) -> Result<()> {
    step::run(name, Command::new("cargo").args(args).current_dir(paths::root()))
}

fn clippy_wasm() -> Result<()> {
    let packages = WASM_CRATES.iter().flat_map(|name| ["-p", name]);
    let mut clippy = Command::new("cargo");
    clippy.args(["clippy", "--target", "wasm32-unknown-unknown"]).args(packages).args(["--", "-Dwarnings"]);
    step::run("lint for wasm", clippy.current_dir(paths::root()))
}

/// One test program of the `tests` crate. Tests start their own servers; a few
/// at a time is all that two cores carry.
fn end_to_end(name: &str, program: &str) -> Result<()> {
    let mut test = tools::command("cargo")?;
    test.args(["test", "-p", "tickwise-tests", "--test", program, "--", "--test-threads=2"]);
    step::run(name, &mut test)
}
