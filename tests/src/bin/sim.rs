//! `cargo xtask sim`: Alpha Vantage without a key.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Parser;
use jiff::civil::DateTime;
use tickwise_tests::sim::{Access, Options, Plan, Settings, SimClock, Simulator};

#[derive(Parser)]
#[command(
    name = "cargo xtask sim",
    about = "Simulates Alpha Vantage over HTTP from recorded bars",
    after_help = "Examples:\n  cargo xtask sim                                   # a free key: 25 requests a day, one a second\n  cargo xtask sim --plan premium75 --access realtime --speed 60\n  cargo xtask sim --plan premium600 --access delayed --at 2012-12-04T09:25\n\n  curl 'localhost:8788/query?function=GLOBAL_QUOTE&symbol=IBM&apikey=any'\n  curl -X PATCH localhost:8788/admin/settings -H 'content-type: application/json' -d '{\"latency_ms\": 300}'\n  curl localhost:8788/admin/faults -H 'content-type: application/json' -d '{\"fault\": {\"html\": 503}, \"times\": 3}'\n  curl localhost:8788/admin/clock -H 'content-type: application/json' -d '{\"market\": \"2012-12-05T09:29\", \"speed\": 60}'\n  curl localhost:8788/admin/log\n\nFaults: html, empty, empty_object, truncated, garbage, reset, hang, drip, information, note, error_message, per_second,\nper_minute, per_day, invalid_call, csv_letters, artificial, wrong_types, other_symbol, duplicate_rows, missing_newest,\nstale_day, contradiction. Prices are recorded; their path within a day, rates, texts and news are made up."
)]
struct Cli {
    /// Port on 127.0.0.1
    #[arg(long, default_value_t = 8788)]
    port: u16,
    /// free, or premium and the requests a minute: premium75, premium1200
    #[arg(long, default_value = "free", value_parser = plan)]
    plan: Plan,
    /// How fresh data are: end-of-day, delayed (by 15 minutes) or realtime
    #[arg(long, default_value = "end-of-day", value_parser = access)]
    access: Access,
    /// Time in New York at the start
    #[arg(long, default_value = "2012-12-04T09:25")]
    at: DateTime,
    /// Market time per real time; quotas always go by real time
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Weeks by which recorded days are moved ahead, to lie in the present
    #[arg(long, default_value_t = 0, value_name = "WEEKS")]
    shift: i64,
    /// Folder of recordings [default: public/replay]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

fn plan(text: &str) -> Result<Plan> {
    match text {
        "free" => Ok(Plan::Free),
        _ => {
            let per_minute = text.strip_prefix("premium").context("a plan is free or premium75")?;
            Ok(Plan::Premium(per_minute.parse().context("premium and the requests a minute: premium75")?))
        }
    }
}

fn access(text: &str) -> Result<Access> {
    Ok(match text {
        "end-of-day" => Access::EndOfDay,
        "delayed" => Access::Delayed,
        "realtime" => Access::Realtime,
        _ => bail!("access is end-of-day, delayed or realtime"),
    })
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let default = Options::default();
    let settings =
        Settings { plan: cli.plan, access: cli.access, shift_weeks: cli.shift, ..Settings::default() };
    let simulator = Simulator::start(Options {
        port: cli.port,
        data: cli.data.unwrap_or(default.data),
        settings,
        clock: SimClock::starting_at(cli.at, cli.speed),
    })
    .await?;
    println!("Alpha Vantage is simulated at {}   (Ctrl-C stops it)", simulator.url());
    simulator.wait().await
}
