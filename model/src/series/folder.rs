//! Which files a folder has, and in what order.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::Deserialize;
use tickwise_market::Symbol;
use tickwise_replay::Catalogue;

use super::{DailyRow, DataError, Series, columns, csv as csv_file, sha256};

/// A file's extension by its kind, in the order of preference.
const EXTENSIONS: [&str; 3] = ["parquet", "arrow", "csv"];

/// One row of `manifest.csv`; other columns are not read.
#[derive(Deserialize)]
struct Entry {
    symbol: Symbol,
    eval_start: Option<Date>,
    #[serde(skip)]
    source: Option<String>,
}

/// Reads every symbol of a folder: those of its `manifest.csv` or
/// `manifest.json` in their order, or else of every file, by name.
///
/// # Errors
/// Naming file, line or row, and what to do.
pub fn read_folder(dir: &Path) -> Result<Vec<Series>, DataError> {
    let entries = entries(dir)?;
    if entries.is_empty() {
        return Err(DataError::NoFiles(dir.into()));
    }
    entries.into_iter().map(|entry| series(dir, entry)).collect()
}

/// Reads one symbol's rows, oldest first, as the file has them.
///
/// # Errors
/// Naming file, line or row, and what to do.
pub fn read_symbol(dir: &Path, symbol: &Symbol) -> Result<Vec<DailyRow>, DataError> {
    read_file(&file(dir, symbol)?)
}

/// Reads the rows of one file, oldest first.
///
/// # Errors
/// Naming file, line or row, and what to do.
pub fn read_file(path: &Path) -> Result<Vec<DailyRow>, DataError> {
    rows(path, read(path)?)
}

fn series(dir: &Path, entry: Entry) -> Result<Series, DataError> {
    let path = file(dir, &entry.symbol)?;
    let bytes = read(&path)?;
    let sha256 = sha256(&bytes);
    let rows = rows(&path, bytes)?;
    Ok(Series {
        symbol: entry.symbol,
        dates: rows.iter().map(|row| row.date).collect(),
        bars: rows.iter().map(DailyRow::adjusted).collect(),
        closes: rows.iter().map(|row| row.bar.close).collect(),
        eval_start: entry.eval_start,
        file: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        folder: dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        source: entry.source,
        sha256,
    })
}

fn rows(path: &Path, bytes: Vec<u8>) -> Result<Vec<DailyRow>, DataError> {
    let rows = match path.extension().and_then(|extension| extension.to_str()) {
        Some("parquet") => columns::read_parquet(path, bytes)?,
        Some("arrow") => columns::read_arrow(path, &bytes)?,
        _ => csv_file::parse(path, &bytes)?,
    };
    if rows.is_empty() { Err(DataError::Empty(path.into())) } else { Ok(rows) }
}

fn entries(dir: &Path) -> Result<Vec<Entry>, DataError> {
    let path = dir.join("manifest.csv");
    if path.exists() {
        let bytes = read(&path)?;
        let entries: Result<Vec<Entry>, _> =
            csv::Reader::from_reader(bytes.as_slice()).deserialize().collect();
        let problem = |error: csv::Error| {
            format!("{error}; expected the columns symbol and, to score forecasts, eval_start")
        };
        return entries.map_err(|error| DataError::Manifest { path, problem: problem(error) });
    }
    let path = dir.join("manifest.json");
    if path.exists() {
        let catalogue: Catalogue = serde_json::from_slice(&read(&path)?).map_err(|error| {
            DataError::Manifest { path, problem: format!("{error}; expected a catalogue of recordings") }
        })?;
        let source = Some(format!("{} ({})", catalogue.source, catalogue.licence));
        let entry = |symbol| Entry { symbol, eval_start: None, source: source.clone() };
        return Ok(catalogue.recordings.into_iter().map(|recording| entry(recording.symbol)).collect());
    }
    Ok(files(dir)?.into_keys().map(|symbol| Entry { symbol, eval_start: None, source: None }).collect())
}

/// The file of a symbol.
fn file(dir: &Path, symbol: &Symbol) -> Result<PathBuf, DataError> {
    let files = files(dir)?;
    files.get(symbol).cloned().ok_or_else(|| {
        let names: Vec<&str> = files.keys().map(Symbol::as_str).collect();
        let there = if names.is_empty() { "none".into() } else { names.join(", ") };
        DataError::NoSuchSymbol { symbol: symbol.clone(), dir: dir.into(), there }
    })
}

/// Files of bars by symbol.
fn files(dir: &Path) -> Result<BTreeMap<Symbol, PathBuf>, DataError> {
    let error = |source| DataError::Io { path: dir.into(), source };
    let paths: Result<BTreeSet<PathBuf>, _> =
        fs::read_dir(dir).map_err(error)?.map(|file| file.map(|file| file.path())).collect();
    let paths = paths.map_err(error)?;
    let mut files = BTreeMap::new();
    for extension in EXTENSIONS {
        for path in paths.iter().filter(|path| path.extension().is_some_and(|found| found == extension)) {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| *stem != "manifest");
            if let Some(symbol) = stem.and_then(|stem| stem.parse().ok()) {
                files.entry(symbol).or_insert_with(|| path.clone());
            }
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    fs::read(path).map_err(|source| DataError::Io { path: path.into(), source })
}
