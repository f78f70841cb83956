//! Which files a folder has, of which symbols.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use percent_encoding::percent_decode_str;
use tickwise_files::stem;
use tickwise_market::Symbol;

use super::DataError;

/// Files that are no bars and no surprise: `ingest` keeps its own books.
const BOOKS: [&str; 3] = ["manifest.csv", "manifest.json", "ingest.json"];

/// A folder, listed once.
#[derive(Debug)]
pub struct Listing {
    dir: PathBuf,
    files: BTreeMap<Symbol, Vec<PathBuf>>,
    /// Names of files that are of no symbol, and why.
    passed_over: BTreeMap<&'static str, Vec<String>>,
}

impl Listing {
    /// Lists a folder.
    ///
    /// # Errors
    /// When the system does not let it be listed.
    pub fn of(dir: &Path) -> Result<Self, DataError> {
        let mut listing = Self { dir: dir.into(), files: BTreeMap::new(), passed_over: BTreeMap::new() };
        for path in children(dir)? {
            let name = file_name(&path);
            if name.starts_with(['.', '_']) || BOOKS.contains(&name.as_str()) {
                continue;
            }
            match symbol_of(&path, &name) {
                Ok(Some(symbol)) => listing.files.entry(symbol).or_default().push(path),
                Ok(None) => {}
                Err(reason) => listing.passed_over.entry(reason).or_default().push(name),
            }
        }
        Ok(listing)
    }

    /// The symbols that have files.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.files.keys()
    }

    /// The file of a symbol, or its folder of parts.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn file(&self, symbol: &Symbol) -> Result<&Path, DataError> {
        match self.files.get(symbol).map(Vec::as_slice) {
            Some([only]) => Ok(only),
            Some([first, second, ..]) => Err(DataError::TwoFiles {
                symbol: symbol.clone(),
                dir: self.dir.clone(),
                first: file_name(first),
                second: file_name(second),
            }),
            _ => {
                let names: Vec<&str> = self.symbols().map(Symbol::as_str).collect();
                let there = if names.is_empty() { "none".into() } else { names.join(", ") };
                let there = there + &self.passed_over();
                Err(DataError::NoSuchSymbol { symbol: symbol.clone(), dir: self.dir.clone(), there })
            }
        }
    }

    /// What is there and of no symbol, to be said after something else; empty where there is none.
    pub fn passed_over(&self) -> String {
        const NAMED: usize = 5;
        let reason = |(reason, names): (&&str, &Vec<String>)| {
            let mut text = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
            if names.len() > NAMED {
                text += &format!(" and {} more", names.len() - NAMED);
            }
            format!("; passed over {text}: {reason}")
        };
        self.passed_over.iter().map(reason).collect()
    }
}

/// The paths in a folder, by name.
fn children(dir: &Path) -> Result<BTreeSet<PathBuf>, DataError> {
    let error = |source| DataError::Io { path: dir.into(), source };
    fs::read_dir(dir).map_err(error)?.map(|file| file.map(|file| file.path()).map_err(error)).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The symbol in a file's name; none for folders of something else.
fn symbol_of(path: &Path, name: &str) -> Result<Option<Symbol>, &'static str> {
    let name = match stem(name) {
        Some(stem) => stem,
        None if path.is_dir() && is_of_parts(path) => name.rsplit_once('=').map_or(name, |(_, name)| name),
        None if path.is_dir() => return Ok(None),
        None => return Err("not CSV, Arrow or Parquet by their extension"),
    };
    let decoded = percent_decode_str(name).decode_utf8_lossy();
    decoded.parse().map(Some).map_err(|_| "their names are no symbols")
}

/// Whether a folder has files of bars itself, or parts by year and the like.
fn is_of_parts(dir: &Path) -> bool {
    let is_part = |path: &PathBuf| {
        let name = file_name(path);
        stem(&name).is_some() || path.is_dir() && name.contains('=')
    };
    children(dir).is_ok_and(|paths| paths.iter().any(is_part))
}

/// The files in a folder of parts and the folders in it, by name.
pub fn parts(dir: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut parts = Vec::new();
    for path in children(dir)? {
        let name = file_name(&path);
        if name.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            parts.extend(self::parts(&path)?);
        } else if stem(&name).is_some() {
            parts.push(path);
        }
    }
    Ok(parts)
}
