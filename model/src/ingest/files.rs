//! Bars in a folder, as `train`, `predict` and `indicators` read them.
//!
//! `SYMBOL.csv` has days (`date,open,high,low,close,volume[,adj_close]`),
//! `minutes/SYMBOL/YYYY-MM.csv` minutes (`time,open,…,volume`, times in UTC), and
//! `manifest.csv` says what there is. A file takes the place of the one before as
//! a whole: where the disk is full, that one stays.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::Path,
};

use anyhow::{Context, Result, bail};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, Symbol};

use crate::series::{DailyRow, read_file};

/// What happened to a file of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Days in it now.
    pub days: usize,
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

/// One line of the manifest. `eval_start` is the reader's own business and stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    symbol: Symbol,
    eval_start: Option<Date>,
    first: Option<Date>,
    last: Option<Date>,
    days: Option<usize>,
    source: Option<String>,
}

/// One line of a file of minutes.
#[derive(Deserialize)]
struct Minute {
    time: Timestamp,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: f64,
}

/// Writes a file as a whole, or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().context("a file needs a folder")?;
    let explain = || format!("{} cannot be written; what was there stays", path.display());
    fs::create_dir_all(dir).with_context(explain)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = dir.join(format!(".{name}.{}", std::process::id()));
    let written = File::create(&temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // It may not even have been created.
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(explain)
}

/// Adds days to those of `SYMBOL.csv`; of a day that both have, the new row counts.
pub fn add_days(dir: &Path, symbol: &Symbol, rows: Vec<DailyRow>) -> Result<Written> {
    let path = dir.join(format!("{symbol}.csv"));
    let mut days: BTreeMap<Date, DailyRow> = BTreeMap::new();
    if path.exists() {
        days.extend(read_file(&path)?.into_iter().map(|row| (row.date, row)));
    }
    days.extend(rows.into_iter().map(|row| (row.date, row)));
    let is_adjusted = days.values().any(|row| row.adjusted_close.is_some());
    if is_adjusted && days.values().any(|row| row.adjusted_close.is_none()) {
        bail!(
            "{} has adjusted closes, and the new days have none: give them another --output",
            path.display()
        );
    }
    let (first, last) = days.keys().next().zip(days.keys().next_back()).context("there are no days")?;
    let written = Written { days: days.len(), first: *first, last: *last };
    let mut text = String::from("date,open,high,low,close,volume");
    text.push_str(if is_adjusted { ",adj_close\n" } else { "\n" });
    for DailyRow { date, bar, adjusted_close } in days.values() {
        let Bar { open, high, low, close, volume, .. } = bar;
        text.push_str(&format!("{date},{open},{high},{low},{close},{volume}"));
        text.push_str(&adjusted_close.map_or("\n".into(), |close| format!(",{close}\n")));
    }
    write(&path, text.as_bytes())?;
    Ok(written)
}

/// Adds minutes to those of one month; of a minute that both have, the new one counts.
pub fn add_minutes(dir: &Path, symbol: &Symbol, month: &str, bars: &[Bar]) -> Result<()> {
    let path = dir.join("minutes").join(symbol.as_str()).join(format!("{month}.csv"));
    let mut minutes: BTreeMap<Timestamp, Minute> = BTreeMap::new();
    if path.is_file() {
        for minute in csv::Reader::from_path(&path)?.deserialize() {
            let minute: Minute =
                minute.with_context(|| format!("{}: correct or remove it", path.display()))?;
            minutes.insert(minute.time, minute);
        }
    }
    for Bar { time_ms, open, high, low, close, volume } in bars.iter().copied() {
        let time = Timestamp::from_millisecond(time_ms)?;
        minutes.insert(time, Minute { time, open, high, low, close, volume });
    }
    let mut text = String::from("time,open,high,low,close,volume\n");
    for Minute { time, open, high, low, close, volume } in minutes.values() {
        text.push_str(&format!("{time},{open},{high},{low},{close},{volume}\n"));
    }
    write(&path, text.as_bytes())
}

/// Enters files of days into `manifest.csv`.
pub fn enter(dir: &Path, source: &str, written: &BTreeMap<Symbol, Written>) -> Result<()> {
    if written.is_empty() {
        return Ok(());
    }
    let path = dir.join("manifest.csv");
    let mut entries: BTreeMap<Symbol, Entry> = BTreeMap::new();
    if path.exists() {
        let mut reader = csv::Reader::from_path(&path)?;
        for entry in reader.deserialize::<Entry>() {
            let entry = entry.with_context(|| format!("{}: correct or remove it", path.display()))?;
            entries.insert(entry.symbol.clone(), entry);
        }
    }
    for (symbol, Written { days, first, last }) in written {
        let eval_start = entries.get(symbol).and_then(|entry| entry.eval_start);
        let entry = Entry {
            symbol: symbol.clone(),
            eval_start,
            first: Some(*first),
            last: Some(*last),
            days: Some(*days),
            source: Some(source.to_owned()),
        };
        entries.insert(symbol.clone(), entry);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    entries.values().try_for_each(|entry| writer.serialize(entry))?;
    write(&path, &writer.into_inner()?)
}
