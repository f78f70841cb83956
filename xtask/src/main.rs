//! Development tasks: `cargo xtask --help`.

mod api_clients;
mod bench;
mod bindgen;
mod browsers;
mod budget;
mod build;
mod dev;
mod doctor;
mod fuzz_api;
mod moto;
mod npm;
mod paths;
mod pypi;
mod reload;
mod sim;
mod soak;
mod state;
mod step;
mod test;
mod tools;
mod wasm_opt;
mod watch;
mod worker;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Develops, tests and builds Tickwise",
    after_help = "Examples:\n  cargo xtask dev             # everything from a fresh clone to a running dashboard\n  cargo xtask dev --port 9000\n  cargo xtask dev --live-sim  # the live source, from a simulated vendor\n  cargo xtask test            # every check that has to pass before a commit lands\n  cargo xtask build           # what `npx wrangler deploy` uploads, with its size budgets\n  cargo xtask bench indicators"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what is missing, builds, serves, and rebuilds on changes
    Dev {
        /// Port on 127.0.0.1
        #[arg(long, default_value_t = 8787)]
        port: u16,
        /// Replayed time per real time, instead of wrangler.toml's REPLAY_SPEED
        #[arg(long)]
        speed: Option<f64>,
        /// The live source without a key: Alpha Vantage simulated, with a realtime plan
        #[arg(long, conflicts_with = "speed")]
        live_sim: bool,
    },
    /// Runs every check: formatting, lints, unit, Worker and browser tests
    Test {
        /// Only the checks whose name contains this text
        #[arg(long)]
        only: Option<String>,
    },
    /// Builds dashboard and Worker as deployed and checks their sizes
    Build,
    /// Measures speed beside peers, in one run
    #[command(subcommand)]
    Bench(Bench),
    /// Runs the long forms of the tests: ten million inputs for every parser, a thousand joins of history and
    /// stream, fifty kills under traffic
    Soak(soak::Options),
    /// Asks the Worker what the OpenAPI description allows and forbids, by Schemathesis
    FuzzApi(fuzz_api::Options),
    /// Simulates Alpha Vantage over HTTP from recorded bars: `cargo xtask sim --help`
    #[command(disable_help_flag = true)]
    Sim {
        /// As `cargo xtask sim --help` says
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Installs the pinned build tools and npm packages where they are missing
    Setup,
    /// Says what this machine has and lacks, what needs it, and the command that mends it
    Doctor,
}

#[derive(Subcommand)]
enum Bench {
    /// Files of bars beside polars and pyarrow
    Files(bench::files::Options),
    /// Training, forecasts of a folder and single forecasts: time and memory
    Forecast(bench::forecast::Options),
    /// Indicators beside ta, yata, kand and TA-Lib, and in WebAssembly
    Indicators(bench::indicators::Options),
    /// Two reference networks beside onnxruntime-web, in WebAssembly
    Inference(bench::inference::Options),
    /// From nothing installed to a running page and to a whole `.ci/run`, beside an earlier commit
    Setup(bench::setup::Options),
    /// The stream under load beside a minimal JavaScript hub
    Stream(bench::stream::Options),
    /// Forecasts by the built Worker in workerd, and its cold start
    EdgeInference(bench::edge_inference::Options),
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Dev { port, speed, live_sim } => dev::run(&dev::Options { port, speed, live_sim }),
        Task::Test { only } => test::run(only.as_deref()),
        Task::Build => tools::ensure().and_then(|()| build::release()),
        Task::Bench(Bench::Files(options)) => bench::files::run(&options),
        Task::Bench(Bench::Forecast(options)) => bench::forecast::run(&options),
        Task::Bench(Bench::Indicators(options)) => bench::indicators::run(&options),
        Task::Bench(Bench::Inference(options)) => bench::inference::run(&options),
        Task::Soak(options) => soak::run(&options),
        Task::Bench(Bench::Setup(options)) => bench::setup::run(&options),
        Task::Bench(Bench::Stream(options)) => bench::stream::run(&options),
        Task::Bench(Bench::EdgeInference(options)) => bench::edge_inference::run(&options),
        Task::FuzzApi(options) => fuzz_api::run(&options),
        Task::Sim { args } => sim::run(&args),
        Task::Setup => tools::ensure(),
        Task::Doctor => doctor::run(),
    }
}

fn main() -> std::process::ExitCode {
    let outcome = bindgen::called_by_name().unwrap_or_else(|| run(Cli::parse().task));
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n\x1b[31merror:\x1b[0m {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
