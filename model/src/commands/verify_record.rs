use std::{
    fs,
    io::{Read, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;
use tickwise_market::Symbol;
use tickwise_record::{Anchor, Fault, Hash, HorizonScore, Record, Summary, verify};

/// `tickwise verify-record`
#[derive(Args)]
#[command(
    after_help = "Examples:\n  curl 'localhost:8787/api/v1/predictions/AAPL/record?limit=520' | tickwise verify-record -\n  tickwise verify-record aapl.json --expect 5f0c…  # a hash noted earlier is still in the chain\n\nThe byte layout that hashes are of is documented in shared/record/src/bytes.rs.\nExits with 1 when anything does not hold, naming entry and field.\n\n--json: symbol, holds, entries (their number), head (number, hash), faults, and live and replayed as the API has them:\nforecasts, origins, and by horizon (trading days) count, pinball and naive_pinball (log return), inside_50, _80 and _90\n(shares). It is printed also where the record does not hold."
)]
pub struct Options {
    /// The JSON that the API answers; - is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Hash of an entry, noted earlier, that has to be in the chain
    #[arg(long, value_name = "HASH")]
    expect: Option<Hash>,
    /// Print one JSON document instead of text
    #[arg(long)]
    json: bool,
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    symbol: &'a Symbol,
    /// Nothing is wrong, and the expected hash is in the chain.
    holds: bool,
    entries: usize,
    /// Number and hash of the newest entry.
    head: Anchor,
    faults: Vec<String>,
    live: &'a Summary,
    replayed: &'a Summary,
}

/// Recomputes chain and scores.
pub fn run(options: &Options) -> Result<()> {
    let record: Record =
        serde_json::from_str(&read(&options.file)?).context("this is no record of forecasts")?;
    let faults = verify(&record);
    let is_expected = options.expect.is_none_or(|hash| {
        record.anchor.hash == hash || record.entries.iter().any(|scored| scored.hash == hash)
    });
    if options.json {
        super::print_json(&Document {
            symbol: &record.symbol,
            holds: faults.is_empty() && is_expected,
            entries: record.entries.len(),
            head: record.head,
            faults: faults.iter().map(Fault::to_string).collect(),
            live: &record.live,
            replayed: &record.replayed,
        })?;
    }
    if !faults.is_empty() {
        faults.iter().for_each(super::note);
        bail!("the record of {} does not hold: {} faults", record.symbol, faults.len());
    }
    if let Some(expected) = options.expect.filter(|_| !is_expected) {
        bail!("no entry has the hash {expected}: history was rewritten, or pruned beyond it");
    }
    if options.json { Ok(()) } else { super::print(&report(&record)) }
}

fn read(file: &Path) -> Result<String> {
    if file != Path::new("-") {
        let explain = || format!("{} cannot be read; name a file of what the API answers", file.display());
        return fs::read_to_string(file).with_context(explain);
    }
    let mut text = String::new();
    stdin().read_to_string(&mut text).context("the standard input cannot be read")?;
    Ok(text)
}

fn report(record: &Record) -> String {
    let mut text = format!(
        "{}: {} entries hold, up to number {} with hash {}\n",
        record.symbol,
        record.entries.len(),
        record.head.number,
        record.head.hash
    );
    for (name, summary) in [("live", &record.live), ("replayed", &record.replayed)] {
        text += &table(name, summary);
    }
    text
}

fn table(name: &str, summary: &Summary) -> String {
    let Some([first, last]) = summary.origins else { return format!("{name}: nothing scored yet\n") };
    let mut text = format!("{name}: {} forecasts from {first} to {last}\n", summary.forecasts);
    text += "| days | scored | pinball bp | naive bp | inside 50/80/90 % |\n|---:|---:|---:|---:|---|\n";
    for HorizonScore { horizon, count, pinball, naive_pinball, inside_50, inside_80, inside_90 } in
        &summary.horizons
    {
        let percent =
            [inside_50, inside_80, inside_90].map(|share| format!("{:.0}", share * 100.0)).join(" / ");
        text += &format!(
            "| {horizon} | {count} | {:.2} | {:.2} | {percent} |\n",
            pinball * 1e4,
            naive_pinball * 1e4
        );
    }
    text
}
