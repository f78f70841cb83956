//! Bars of a folder: of one symbol, or of all.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
};

use anyhow::ensure;
use jiff::civil::Date;
use rayon::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tickwise_files::{Adjusted, Bars, FileError, Options, Spacing};
use tickwise_market::Symbol;
use tickwise_replay::Catalogue;

use super::{
    DailyRow, DataError, Series, error, hexadecimal,
    listing::{self, Listing},
};

/// A file longer than that is read as a whole only when its head is that of bars.
const LARGE_BYTES: u64 = 16 << 20;

const HEAD_BYTES: usize = 64 << 10;

/// One row of `manifest.csv`; other columns are not read.
#[derive(Deserialize)]
struct Entry {
    symbol: Symbol,
    eval_start: Option<Date>,
    #[serde(skip)]
    source: Option<String>,
}

/// Every symbol that could be read.
#[derive(Debug, Default)]
pub struct Folder {
    /// Their bars.
    pub series: Vec<Series>,
    /// Files that could not be read; no reason not to go on with the others.
    pub failures: Failures,
}

impl Folder {
    /// Adds those of another folder. A symbol that both have is two series.
    pub fn extend(&mut self, other: Self) {
        self.series.extend(other.series);
        self.failures.0.extend(other.failures.0);
    }
}

/// Files that could not be read.
#[derive(Debug, Default)]
#[must_use = "a run that left files out ends with an error"]
pub struct Failures(Vec<DataError>);

impl Failures {
    /// Names them once the rest is done.
    ///
    /// # Errors
    /// When there are any.
    pub fn finish(&self) -> anyhow::Result<()> {
        let count = self.0.len();
        let files = if count == 1 { "file was" } else { "files were" };
        ensure!(count == 0, "{count} {files} left out, all others are done\n{}", error::lines(&self.0));
        Ok(())
    }
}

/// Reads the days of every symbol of a folder: those of its `manifest.csv` or
/// `manifest.json` in their order, or else of every file, by name.
///
/// # Errors
/// When the folder cannot be listed, or nothing in it be read.
pub fn read_folder(dir: &Path, options: &Options) -> Result<Folder, DataError> {
    let listing = Listing::of(dir)?;
    let entries = match entries(dir)? {
        Some(entries) => entries,
        None => {
            let entry = |symbol: &Symbol| Entry { symbol: symbol.clone(), eval_start: None, source: None };
            let passed_over = listing.passed_over();
            if !passed_over.is_empty() && listing.symbols().next().is_some() {
                eprintln!("{}{passed_over}", dir.display());
            }
            listing.symbols().map(entry).collect()
        }
    };
    if entries.is_empty() {
        return Err(DataError::NoFiles { dir: dir.into(), passed_over: listing.passed_over() });
    }
    let read: Vec<Result<(Series, Said), DataError>> =
        entries.into_par_iter().map(|entry| series(dir, &listing, entry, options)).collect();
    let (mut series, mut failures) = (Vec::new(), Vec::new());
    for one in read {
        match one {
            Ok((one, said)) => {
                said.print();
                series.push(one);
            }
            Err(failure) => failures.push(failure),
        }
    }
    match (series.is_empty(), failures.len()) {
        (true, 1) => Err(failures.swap_remove(0)),
        (true, _) => Err(DataError::Several(failures)),
        (false, _) => Ok(Folder { series, failures: Failures(failures) }),
    }
}

/// Reads the days of one symbol.
///
/// # Errors
/// When there is no such file, or it has no days that can be forecast.
pub fn read_one(dir: &Path, symbol: &Symbol, options: &Options) -> Result<Series, DataError> {
    let entries = entries(dir)?.unwrap_or_default();
    let entry = entries.into_iter().find(|entry| entry.symbol == *symbol);
    let entry = entry.unwrap_or_else(|| Entry { symbol: symbol.clone(), eval_start: None, source: None });
    let (series, said) = series(dir, &Listing::of(dir)?, entry, options)?;
    said.print();
    Ok(series)
}

/// Reads one symbol's bars, oldest first, as the file has them, of any interval.
///
/// # Errors
/// When there is no such file, or it has no bars.
pub fn read_symbol(dir: &Path, symbol: &Symbol, options: &Options) -> Result<Bars, DataError> {
    let listing = Listing::of(dir)?;
    Ok(read(listing.file(symbol)?, options)?.said())
}

/// Reads one symbol's bars, each with an adjusted close.
///
/// # Errors
/// As [`read_symbol`], and when there are none, or not in all rows.
pub fn read_adjusted(dir: &Path, symbol: &Symbol, options: &Options) -> Result<Bars, DataError> {
    let listing = Listing::of(dir)?;
    let path = listing.file(symbol)?;
    let bars = read(path, options)?.said();
    match bars.adjusted {
        Adjusted::Whole => Ok(bars),
        Adjusted::Absent => Err(DataError::NotAdjusted(path.into())),
        Adjusted::Gap(error) => Err(file_error(path, error)),
    }
}

/// Reads the rows of one file of days, oldest first.
///
/// # Errors
/// When it has no days.
pub fn read_file(path: &Path) -> Result<Vec<DailyRow>, DataError> {
    let bars = read(path, &Options::default())?.said();
    if let Adjusted::Gap(error) = bars.adjusted {
        return Err(file_error(path, error));
    }
    Ok(bars.rows.iter().map(DailyRow::from).collect())
}

fn series(
    dir: &Path,
    listing: &Listing,
    entry: Entry,
    options: &Options,
) -> Result<(Series, Said), DataError> {
    let path = listing.file(&entry.symbol)?;
    let FileRead { bars, sha256, said } = read(path, options)?;
    let rows = forecastable(path, bars)?;
    let series = Series {
        symbol: entry.symbol,
        dates: rows.iter().map(|row| row.date).collect(),
        bars: rows.iter().map(DailyRow::adjusted).collect(),
        closes: rows.iter().map(|row| row.bar.close).collect(),
        eval_start: entry.eval_start,
        file: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        folder: dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        source: entry.source,
        sha256,
    };
    Ok((series, said))
}

/// Bars that the forecaster can use: days, of positive prices, adjusted all or none.
fn forecastable(path: &Path, bars: Bars) -> Result<Vec<DailyRow>, DataError> {
    let not_days = |found| DataError::NotDays { path: path.into(), found };
    match bars.spacing {
        Spacing::Day => {}
        Spacing::Intraday => return Err(not_days("parts of a day")),
        Spacing::Longer => return Err(not_days("weeks or longer")),
    }
    if let Adjusted::Gap(error) = bars.adjusted {
        return Err(file_error(path, error));
    }
    let rows: Vec<DailyRow> = bars.rows.iter().map(DailyRow::from).collect();
    match rows.iter().find(|row| row.bar.low <= 0.0) {
        Some(row) => Err(DataError::NotPositive { path: path.into(), date: row.date, price: row.bar.low }),
        None => Ok(rows),
    }
}

/// A file that was read, or a folder of parts.
struct FileRead {
    bars: Bars,
    /// Of its bytes, hexadecimal.
    sha256: String,
    said: Said,
}

impl FileRead {
    /// The bars, once what was done to them is said.
    fn said(self) -> Bars {
        self.said.print();
        self.bars
    }
}

/// What was done to the rows of a file, a sentence each.
struct Said(Vec<String>);

impl Said {
    fn print(&self) {
        self.0.iter().for_each(|sentence| eprintln!("{sentence}"));
    }
}

fn read(path: &Path, options: &Options) -> Result<FileRead, DataError> {
    let mut hash = Sha256::new();
    let bars = if path.is_dir() {
        let mut parts = Vec::new();
        for part in listing::parts(path)? {
            let name = part.strip_prefix(path).unwrap_or(&part).display().to_string();
            let bytes = bytes(&part, options)?;
            hash.update(&bytes);
            parts.push((name, bytes));
        }
        tickwise_files::read_parts(parts, options)
    } else {
        let bytes = bytes(path, options)?;
        hash.update(&bytes);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        tickwise_files::read(bytes, &name, options)
    };
    let bars = bars.map_err(|error| file_error(path, error))?;
    let said = Said(bars.notes.iter().map(|note| format!("{}: {note}", path.display())).collect());
    Ok(FileRead { bars, sha256: hexadecimal(&hash.finalize()), said })
}

fn bytes(path: &Path, options: &Options) -> Result<Vec<u8>, DataError> {
    let io = |source| DataError::Io { path: path.into(), source };
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut bytes = Vec::new();
    if length > LARGE_BYTES {
        bytes.resize(HEAD_BYTES, 0);
        file.read_exact(&mut bytes).map_err(io)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        tickwise_files::check_head(&bytes, &name, options).map_err(|error| file_error(path, error))?;
    }
    let rest = usize::try_from(length).unwrap_or_default().saturating_sub(bytes.len());
    bytes.reserve_exact(rest + 1);
    file.read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

fn file_error(path: &Path, error: FileError) -> DataError {
    DataError::File { path: path.into(), error: Box::new(error) }
}

/// What the folder's manifest has, if there is one.
fn entries(dir: &Path) -> Result<Option<Vec<Entry>>, DataError> {
    let read = |path: &Path| fs::read(path).map_err(|source| DataError::Io { path: path.into(), source });
    let path = dir.join("manifest.csv");
    if path.exists() {
        let bytes = read(&path)?;
        let entries: Result<Vec<Entry>, _> =
            csv::Reader::from_reader(bytes.as_slice()).deserialize().collect();
        let problem = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            format!(
                "line {line} cannot be read; expected the columns symbol and, to score forecasts, eval_start as 2012-09-04"
            )
        };
        return entries.map(Some).map_err(|error| DataError::Manifest { path, problem: problem(error) });
    }
    let path = dir.join("manifest.json");
    if path.exists() {
        let catalogue: Catalogue = serde_json::from_slice(&read(&path)?).map_err(|_| {
            let problem = "it is no catalogue of recordings; mend it, or remove it to read every file".into();
            DataError::Manifest { path, problem }
        })?;
        let source = Some(format!("{} ({})", catalogue.source, catalogue.licence));
        let entry = |symbol| Entry { symbol, eval_start: None, source: source.clone() };
        let recordings = catalogue.recordings.into_iter().map(|recording| entry(recording.symbol));
        return Ok(Some(recordings.collect()));
    }
    Ok(None)
}
