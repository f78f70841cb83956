//! `cargo xtask fuzz-api`: Schemathesis asks the Worker in workerd what the OpenAPI
//! description allows and what it forbids, and compares the answers with it; then clients
//! made of the description ask it.

use std::{process::Command, time::Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{api_clients, build, paths, pypi::Package, step, tools};

const SCHEMATHESIS: Package = Package { requirement: "schemathesis==4.32.5", program: "schemathesis" };

/// Of the Worker that is asked.
const METRICS_TOKEN: &str = "metrics-token-of-the-fuzzed-worker";

/// Any text of this form is somebody's.
const ALERT_TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What to ask, and how much.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cargo xtask fuzz-api                       # some minutes\n  cargo xtask fuzz-api --examples 1000 --only replay\n  cargo xtask fuzz-api --clients\n  cargo xtask fuzz-api --built --seed 7 -- --include-operation-id bars"
)]
pub struct Options {
    /// The most requests that are made up for each operation, in each phase
    #[arg(long, default_value_t = 100)]
    examples: u32,
    /// Only the clients that generators make of the description
    #[arg(long, conflicts_with_all = ["only", "more"])]
    clients: bool,
    /// Only this source of prices; both by default, and the clients
    #[arg(long)]
    only: Option<Source>,
    /// Repeats a run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ask what `cargo xtask build` has built before
    #[arg(long)]
    built: bool,
    /// More words for `schemathesis run`
    #[arg(last = true)]
    more: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Source {
    /// Recorded days
    Replay,
    /// Alpha Vantage, simulated
    Live,
}

/// Installs what is missing, builds, and asks.
///
/// # Errors
/// When an answer is not as described; Schemathesis has shown how to ask again. When a
/// generated client is refused.
pub fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    tools::ensure()?;
    if !options.built {
        build::release()?;
    }
    if !options.clients {
        schemathesis(options)?;
    }
    if options.only.is_none() {
        println!("\nClients made of its description:");
        api_clients::run()?;
    }
    println!("\nThe API is as it describes itself {}.", step::seconds(started.elapsed()));
    Ok(())
}

fn schemathesis(options: &Options) -> Result<()> {
    let schemathesis = SCHEMATHESIS.ensure()?;
    let ours = paths::root().join("xtask/fuzz_api").canonicalize()?;
    for (source, name) in [(Source::Replay, "a replay"), (Source::Live, "live prices, simulated")] {
        if options.only.is_some_and(|only| only != source) {
            continue;
        }
        println!("\nThe API over {name}:");
        let mut cargo = Command::new("cargo");
        cargo.args(["run", "--quiet", "-p", "tickwise-tests", "--bin", "with-worker", "--"]);
        cargo.args((source == Source::Live).then_some("--live"));
        cargo.arg(format!("--var=METRICS_TOKEN={METRICS_TOKEN}"));
        cargo.arg(&schemathesis).arg("--config-file").arg(ours.join("schemathesis.toml"));
        cargo.args(["run", "{url}/api/v1/openapi.json", "--checks", "all"]);
        cargo.args(["--max-examples", &options.examples.to_string(), "--seed", &options.seed.to_string()]);
        cargo.args(&options.more);
        cargo.env("FUZZ_API_HOOKS", ours.join("hooks.py"));
        cargo.env("FUZZ_API_CACHE", paths::target().join("fuzz-api"));
        cargo.env("FUZZ_API_METRICS_TOKEN", METRICS_TOKEN).env("FUZZ_API_ALERT_TOKEN", ALERT_TOKEN);
        let status = cargo.current_dir(paths::root()).status().context("cargo cannot be started")?;
        ensure!(status.success(), "over {name} the API is not as it describes itself");
    }
    Ok(())
}
