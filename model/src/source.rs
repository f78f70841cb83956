//! Where daily bars come from when no folder is named: the files of a checkout
//! of Tickwise, or the recordings that the command contains.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use tickwise_market::Symbol;
use tickwise_replay::Catalogue;

use crate::{
    built_in,
    published::MODELS,
    series::{self, DailyRow, Series},
};

/// Recordings of a checkout.
const REPLAY: &str = "public/replay";

/// Whether the current folder is a checkout, whose files come before built-in ones.
pub fn is_checkout() -> bool {
    Path::new(MODELS).join("current").exists() && Path::new(REPLAY).join("manifest.json").exists()
}

/// Where daily bars come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bars {
    /// A folder of files, one a symbol.
    Folder(PathBuf),
    /// The recordings that the command contains.
    BuiltIn,
}

impl Bars {
    /// The folder that is named, or else the recordings of the checkout, or else those built in.
    pub fn named_or_recorded(given: Option<&Path>) -> Self {
        match given {
            Some(dir) => Self::Folder(dir.into()),
            None if is_checkout() => Self::Folder(REPLAY.into()),
            None => Self::BuiltIn,
        }
    }

    /// Reads every symbol.
    ///
    /// # Errors
    /// When the folder or one of its files cannot be read: with what to do.
    pub fn series(&self) -> Result<Vec<Series>> {
        match self {
            Self::Folder(dir) => {
                check(dir)?;
                Ok(series::read_folder(dir)?)
            }
            Self::BuiltIn => {
                let catalogue = catalogue()?;
                let source = format!("{} ({})", catalogue.source, catalogue.licence);
                let symbols = catalogue.recordings.into_iter().map(|recording| recording.symbol);
                symbols.map(|symbol| recorded(symbol, &source)).collect()
            }
        }
    }

    /// Reads one symbol's rows, oldest first, as traded.
    ///
    /// # Errors
    /// When the symbol is not there, or its file cannot be read: with what to do.
    pub fn rows(&self, symbol: &Symbol) -> Result<Vec<DailyRow>> {
        match self {
            Self::Folder(dir) => {
                check(dir)?;
                Ok(series::read_symbol(dir, symbol)?)
            }
            Self::BuiltIn => {
                let catalogue = catalogue()?;
                if catalogue.entry(symbol).is_none() {
                    let there = catalogue.recordings.iter().map(|recording| recording.symbol.as_str());
                    bail!(self.without(symbol, there));
                }
                rows(symbol)
            }
        }
    }

    /// Says that a symbol is not among those that are there, and what to do.
    pub fn without<'a>(&self, symbol: &Symbol, there: impl Iterator<Item = &'a str>) -> String {
        let there: Vec<&str> = there.collect();
        format!(
            "{symbol} has no bars in {self}, which has {}; fetch them with `tickwise ingest {symbol} --output bars` and name the folder with --data bars",
            there.join(", ")
        )
    }

    /// Short name, for titles.
    pub fn name(&self) -> String {
        match self {
            Self::Folder(dir) => dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Self::BuiltIn => "replay".into(),
        }
    }
}

impl fmt::Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(dir) => write!(f, "{}", dir.display()),
            Self::BuiltIn => f.write_str("the recordings built into tickwise"),
        }
    }
}

fn check(dir: &Path) -> Result<()> {
    ensure!(
        dir.is_dir(),
        "there is no folder {}; fetch bars into it with `tickwise ingest AAPL --output {0}`, or name another one",
        dir.display()
    );
    Ok(())
}

fn catalogue() -> Result<Catalogue> {
    serde_json::from_slice(built_in::CATALOGUE).context("the catalogue built into tickwise")
}

fn file(symbol: &Symbol) -> String {
    format!("{symbol}.arrow")
}

fn bytes(symbol: &Symbol) -> Result<&'static [u8]> {
    let found = built_in::RECORDINGS.iter().find(|(name, _)| *name == symbol.as_str());
    found.map(|(_, bytes)| *bytes).with_context(|| format!("tickwise was built without {}", file(symbol)))
}

fn rows(symbol: &Symbol) -> Result<Vec<DailyRow>> {
    Ok(series::read_arrow(Path::new(&file(symbol)), bytes(symbol)?)?)
}

/// As `series::read_folder` would read it from a checkout.
fn recorded(symbol: Symbol, source: &str) -> Result<Series> {
    let rows = rows(&symbol)?;
    Ok(Series {
        dates: rows.iter().map(|row| row.date).collect(),
        bars: rows.iter().map(DailyRow::adjusted).collect(),
        closes: rows.iter().map(|row| row.bar.close).collect(),
        eval_start: None,
        file: file(&symbol),
        folder: Bars::BuiltIn.name(),
        source: Some(source.to_owned()),
        sha256: series::sha256(bytes(&symbol)?),
        symbol,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_reads_as_the_checkout_does() {
        let files = Bars::Folder("../public/replay".into()).series().unwrap();
        let built_in = Bars::BuiltIn.series().unwrap();
        assert_eq!(format!("{built_in:?}"), format!("{files:?}"));
        let symbol = "IBM".parse().unwrap();
        let rows = Bars::Folder("../public/replay".into()).rows(&symbol).unwrap();
        assert_eq!(Bars::BuiltIn.rows(&symbol).unwrap(), rows);
    }
}
