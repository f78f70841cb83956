//! `cargo xtask test`: every check, in the order of how soon it fails.

use std::{process::Command, thread, time::Instant};

use anyhow::{Result, bail};

use crate::{
    browsers, build, doctor, paths, step,
    tools::{self, WASM_TARGET},
};

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

struct Check {
    name: &'static str,
    run: fn() -> Result<()>,
    /// How many steps it takes.
    steps: usize,
}

const FORMAT: Check =
    Check { name: "format", run: || cargo("check formatting", &["fmt", "--all", "--check"]), steps: 1 };
const CLIPPY: Check = Check { name: "clippy", run: clippy, steps: 1 };
const UNIT: Check = Check { name: "unit", run: unit, steps: 1 };
const SIMULATOR: Check =
    Check { name: "simulator", run: || end_to_end("tests of the simulator", "sim"), steps: 1 };
const CLIPPY_WASM: Check = Check { name: "clippy-wasm", run: clippy_wasm, steps: 1 };
const BUILD: Check = Check { name: "build", run: build::release, steps: 4 };
const WORKER: Check =
    Check { name: "worker", run: || end_to_end("tests of the Worker in workerd", "worker"), steps: 1 };
const BROWSER: Check = Check { name: "browser", run: browser, steps: 2 };

/// One after the other. The lanes of a stage run at the same time: they share no build
/// folder, and each has minutes in which it keeps one processor busy at most.
const STAGES: [&[&[Check]]; 3] =
    [&[&[FORMAT]], &[&[CLIPPY, UNIT, SIMULATOR], &[CLIPPY_WASM, BUILD]], &[&[WORKER, BROWSER]]];

/// Runs all checks, or those whose name contains `only`.
///
/// # Errors
/// The first check that fails.
pub fn run(only: Option<&str>) -> Result<()> {
    let started = Instant::now();
    let is_chosen = |check: &&Check| only.is_none_or(|only| check.name.contains(only));
    let chosen: Vec<_> = STAGES.into_iter().flatten().copied().flatten().filter(is_chosen).collect();
    let with_browsers = chosen.iter().any(|check| check.name == BROWSER.name);
    if with_browsers {
        doctor::require_browsers()?;
    }
    let missing = tools::missing()?;
    let drivers = usize::from(with_browsers && browsers::lacks_geckodriver());
    step::plan(missing.len() + drivers + chosen.iter().map(|check| check.steps).sum::<usize>());
    tools::install(&missing)?;
    for stage in STAGES {
        let lanes = stage.iter().map(|lane| lane.iter().filter(is_chosen).collect::<Vec<_>>());
        side_by_side(lanes.collect())?;
    }
    println!("\nEvery check passed {}.", step::seconds(started.elapsed()));
    Ok(())
}

/// Runs every lane to its end or to its first error.
fn side_by_side(lanes: Vec<Vec<&Check>>) -> Result<()> {
    thread::scope(|scope| {
        let lanes: Vec<_> = lanes
            .into_iter()
            .map(|lane| scope.spawn(|| lane.into_iter().try_for_each(|check| (check.run)())))
            .collect();
        let outcomes: Vec<_> =
            lanes.into_iter().map(|lane| lane.join().unwrap_or_else(|_| bail!("a check panicked"))).collect();
        outcomes.into_iter().collect()
    })
}

fn cargo(name: &str, args: &[&str]) -> Result<()> {
    step::run(name, Command::new("cargo").args(args).current_dir(paths::root()))
}

fn clippy() -> Result<()> {
    cargo("lint for this machine", &["clippy", "--workspace", "--all-targets", "--", "-Dwarnings"])
}

fn clippy_wasm() -> Result<()> {
    let packages = WASM_CRATES.iter().flat_map(|name| ["-p", name]);
    let mut clippy = Command::new("cargo");
    clippy.args(["clippy", "--target", WASM_TARGET]).args(packages).args(["--", "-Dwarnings"]);
    step::run("lint for wasm", clippy.current_dir(paths::root()))
}

fn unit() -> Result<()> {
    cargo("unit, property and doc tests", &["test", "--workspace", "--exclude", "tickwise-tests"])
}

fn browser() -> Result<()> {
    build::golden()?;
    browsers::ensure_geckodriver()?;
    end_to_end("tests of the page in the browsers", "browser")
}

/// One test program of the `tests` crate. Tests start their own servers; a few
/// at a time is all that two cores carry.
fn end_to_end(name: &str, program: &str) -> Result<()> {
    let mut test = tools::command("cargo")?;
    // With the features of the whole workspace, so that what the unit tests have compiled is used again.
    test.args(["test", "--workspace", "--test", program, "--", "--test-threads=2"]);
    step::run(name, &mut test)
}
