use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde::Serialize;
use tickwise_alphavantage::ApiKey;
use tickwise_market::Symbol;
use tickwise_scheduler::Plan;

use super::Usage;
use crate::ingest::{self, History, Location, Outcome, Store, Summary, Vendor, YearMonth, now_ms};

/// `tickwise ingest`
#[derive(Args)]
#[command(
    after_help = "Examples:\n  ALPHAVANTAGE_API_KEY=… tickwise ingest AAPL IBM --output bars\n  tickwise ingest AAPL --plan premium75 --interval 1min --from 2026-01 --output bars\n  tickwise train bars\n  tickwise ingest --from lake --output bars             # what the edge has archived\n  tickwise ingest --from s3://tickwise-archive/raw --endpoint https://ACCOUNT.r2.cloudflarestorage.com --output bars\n\nA free key has the latest 100 days; run it again later and they add up. Premium keys have whole histories, adjusted closes and minutes. Requests are counted in DIR/ingest.json and never exceed the plan; what has been fetched is not fetched again until there is something new. Other programs that use the same key spend from the same quota. Buckets are read with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_REGION.\n\n--json: output, fetched and up_to_date (histories), refused; of an archive output and symbols, each with events, days, minutes, duplicates, simulated, gaps (first and last missing event) and damaged."
)]
pub struct Options {
    /// Symbols, such as AAPL [default: all of an archive]
    symbols: Vec<Symbol>,
    /// Folder for SYMBOL.csv, minutes/SYMBOL/YYYY-MM.csv and manifest.csv
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Environment variable that holds the key
    #[arg(long, value_name = "VARIABLE", default_value = "ALPHAVANTAGE_API_KEY")]
    key_env: String,
    /// The key's plan: free, premium75, premium150, premium300, premium600 or premium1200
    #[arg(long, default_value = "free")]
    plan: Plan,
    /// Length of the bars
    #[arg(long, value_enum, default_value_t = Length::Day)]
    interval: Length,
    /// First month of minutes, such as 2026-01; or an archive: a folder, or s3://bucket/prefix
    #[arg(long, value_name = "MONTH|DIR|URL", required_if_eq("interval", "1min"))]
    from: Option<From>,
    /// Address of the archive's S3 API [default: that of AWS]
    #[arg(long, value_name = "URL", requires = "from")]
    endpoint: Option<String>,
    /// Last month of minutes [default: the current one]
    #[arg(long, value_name = "MONTH", requires = "from")]
    to: Option<YearMonth>,
    /// Address of the vendor, or of a simulator
    #[arg(long, default_value = "https://www.alphavantage.co")]
    url: String,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

/// The document of `--json` for what was fetched.
#[derive(Serialize)]
struct Fetched<'a> {
    output: &'a Path,
    fetched: usize,
    up_to_date: usize,
    /// What was refused, and why.
    refused: &'a [String],
}

/// The document of `--json` for an archive.
#[derive(Serialize)]
struct Read<'a> {
    output: &'a Path,
    symbols: Vec<Summary<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Length {
    /// Days
    #[value(name = "1d", alias = "daily")]
    Day,
    /// Minutes (premium)
    #[value(name = "1min", alias = "1m")]
    Minute,
}

/// Where to begin, or where to read.
#[derive(Clone, Debug)]
enum From {
    Month(YearMonth),
    Archive(Location),
}

impl std::str::FromStr for From {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let looks_like_month = text.len() == 7 && text.starts_with(|c: char| c.is_ascii_digit());
        if looks_like_month { text.parse().map(Self::Month) } else { text.parse().map(Self::Archive) }
    }
}

/// Fetches, or reads an archive, and says what it did.
pub fn run(options: &Options) -> Result<()> {
    match &options.from {
        Some(From::Archive(location)) => read(options, location),
        _ => fetch(options),
    }
}

fn read(options: &Options, location: &Location) -> Result<()> {
    let store = Store::open(location, options.endpoint.as_deref())?;
    let found = ingest::read(&store, &options.symbols, &options.output)?;
    if found.is_empty() {
        bail!("there are no segments; expected raw/date=…/symbol=…/FIRST-LAST.ndjson.gz");
    }
    if options.json {
        let symbols = found.iter().map(|(symbol, found)| found.summary(symbol)).collect();
        super::print_json(&Read { output: &options.output, symbols })?;
    } else {
        let lines: String = found.iter().map(|(symbol, found)| format!("{symbol}: {found}\n")).collect();
        super::print(&lines)?;
    }
    if found.values().any(|found| !found.damaged.is_empty()) {
        bail!("some segments are damaged; all others are in {}", options.output.display());
    }
    Ok(())
}

fn fetch(options: &Options) -> Result<()> {
    if options.symbols.is_empty() {
        bail!(Usage("name symbols to fetch, such as AAPL, or an archive to read with --from"));
    }
    let histories = histories(options)?;
    let key = std::env::var(&options.key_env).with_context(|| {
        format!("the environment variable {} is not set: put your Alpha Vantage key into it", options.key_env)
    })?;
    let key = ApiKey::new(&key).with_context(|| format!("the environment variable {}", options.key_env))?;
    let vendor = Vendor::new(&options.url, key);
    let outcome = ingest::fetch(&vendor, &options.plan, &histories, &options.output)?;
    let Outcome { fetched, up_to_date, refused } = &outcome;
    let output = options.output.as_path();
    if options.json {
        super::print_json(&Fetched { output, fetched: *fetched, up_to_date: *up_to_date, refused })?;
    } else {
        super::print(&format!(
            "{fetched} fetched into {}, {up_to_date} already up to date\n",
            output.display()
        ))?;
    }
    match refused.as_slice() {
        [] => Ok(()),
        refused => bail!("{}", refused.join("\n")),
    }
}

fn histories(options: &Options) -> Result<Vec<History>> {
    let months = match options.from {
        Some(From::Month(from)) if options.interval == Length::Minute => {
            let months = from.to(options.to.map_or_else(|| YearMonth::of(now_ms()), Ok)?);
            if months.is_empty() {
                bail!(Usage("--to lies before --from"));
            }
            months.into_iter().map(Some).collect()
        }
        _ => vec![None],
    };
    let of = |symbol: &Symbol| {
        let symbol = symbol.clone();
        months.iter().map(move |month| History { symbol: symbol.clone(), month: *month }).collect::<Vec<_>>()
    };
    Ok(options.symbols.iter().flat_map(of).collect())
}
