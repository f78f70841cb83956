//! Runs a command beside the Worker in workerd: `{url}` in its words, and the
//! variable `TICKWISE_URL`, are the Worker's address. Its status is the command's.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use clap::Parser;
use jiff::civil::date;
use tickwise_tests::{
    Server,
    sim::{Access, Options, Plan, Settings, SimClock, Simulator},
};

#[derive(Parser)]
struct Cli {
    /// Live prices of the simulated vendor instead of a replay
    #[arg(long)]
    live: bool,
    /// Setting of the Worker, as NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// What to run
    #[arg(trailing_var_arg = true, required = true)]
    command: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let Cli { live, var, command } = Cli::parse();
    let mut vars = Vec::new();
    for setting in &var {
        let (name, value) =
            setting.split_once('=').with_context(|| format!("{setting}: expected NAME=VALUE"))?;
        vars.push((name, value));
    }
    let vendor = if live { Some(vendor().await?) } else { None };
    let vendor_url = vendor.as_ref().map(Simulator::url);
    if let Some(url) = &vendor_url {
        vars.extend([
            ("ALPHAVANTAGE_API_KEY", "SIMULATED"),
            ("ALPHAVANTAGE_URL", url),
            ("ALPHAVANTAGE_PLAN", "premium1200"),
            ("ALPHAVANTAGE_ENTITLEMENT", "realtime"),
            ("SYMBOLS", "AAPL,FB,GOOG,IBM,MSFT"),
        ]);
    }
    let server = Server::start(&vars).await?.quiet();
    let url = server.url("");
    let words: Vec<_> = command.iter().map(|word| word.replace("{url}", &url)).collect();
    let (program, arguments) = words.split_first().context("no command")?;
    let mut command = Command::new(program);
    command.args(arguments).env("TICKWISE_URL", url).stdin(Stdio::null());
    let status = tokio::task::spawn_blocking(move || command.status()).await?;
    let status = status.with_context(|| format!("{program} cannot be started"))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// With a realtime plan, half an hour after an opening.
async fn vendor() -> Result<Simulator> {
    // Questions come as fast as they are answered.
    let settings = Settings {
        plan: Plan::Premium(1200),
        access: Access::Realtime,
        premium_per_second: 1_000,
        ..Settings::default()
    };
    let clock = SimClock::starting_at(date(2012, 12, 4).at(10, 0, 0, 0), 1.0);
    Simulator::start(Options { settings, clock, ..Options::default() }).await
}
