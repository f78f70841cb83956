//! Reads recorded bars.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use tickwise_market::{Bar, Symbol};
use tickwise_replay::{Catalogue, Recording};

/// A symbol's daily bars, adjusted for splits and dividends.
#[derive(Clone, Debug)]
pub struct Series {
    /// Symbol.
    pub symbol: Symbol,
    /// Trading days, oldest first.
    pub dates: Vec<Date>,
    /// Their bars.
    pub bars: Vec<Bar>,
    /// Closes as traded.
    pub closes: Vec<f64>,
    /// Name of the file.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// Reads every recording of a folder with a `manifest.json`, as `public/replay`.
pub fn read(dir: &Path) -> Result<Vec<Series>> {
    let path = dir.join("manifest.json");
    let json = fs::read(&path).with_context(|| format!("{}: no recordings here", path.display()))?;
    let catalogue: Catalogue =
        serde_json::from_slice(&json).with_context(|| format!("{} does not parse", path.display()))?;
    catalogue.recordings.iter().map(|entry| read_one(dir, &entry.symbol)).collect()
}

fn read_one(dir: &Path, symbol: &Symbol) -> Result<Series> {
    let file = format!("{symbol}.arrow");
    let path = dir.join(&file);
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let recording = Recording::from_arrow(&bytes).with_context(|| path.display().to_string())?;
    let dates: Vec<Date> = recording.days().iter().map(|day| day.date).collect();
    let last = dates.last().copied().context("a recording without days")?;
    Ok(Series {
        symbol: symbol.clone(),
        bars: recording.total_return_bars(last),
        closes: recording.days().iter().map(|day| day.close).collect(),
        dates,
        file,
        sha256: sha256(&bytes),
    })
}

/// SHA-256, hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
