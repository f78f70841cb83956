//! Where bars come from when no folder is named: the files of a checkout
//! of Tickwise, or the recordings that the command contains.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use tickwise_files::{Bars, Options};
use tickwise_market::Symbol;
use tickwise_replay::Catalogue;

use crate::{
    built_in,
    published::MODELS,
    series::{self, DailyRow, Reading, Series},
};

/// Recordings of a checkout.
const REPLAY: &str = "public/replay";

/// Whether the current folder is a checkout, whose files come before built-in ones.
pub fn is_checkout() -> bool {
    Path::new(MODELS).join("current").exists() && Path::new(REPLAY).join("manifest.json").exists()
}

/// Where bars come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Files, one a symbol.
    Folder {
        /// Their folder.
        dir: PathBuf,
        /// What they do not say themselves.
        options: Options,
    },
    /// The recordings that the command contains.
    BuiltIn,
}

impl Source {
    /// The folder that is named, or else the recordings of the checkout, or else those built in.
    pub fn named_or_recorded(given: Option<&Path>, reading: &Reading) -> Self {
        let folder = |dir: &Path| Self::Folder { dir: dir.into(), options: reading.options() };
        match given {
            Some(dir) => folder(dir),
            None if is_checkout() => folder(Path::new(REPLAY)),
            None => Self::BuiltIn,
        }
    }

    /// Reads the days of every symbol.
    ///
    /// # Errors
    /// When the folder cannot be read, or nothing in it: with what to do.
    pub fn series(&self) -> Result<series::Folder> {
        match self {
            Self::Folder { dir, options } => {
                check(dir)?;
                Ok(series::read_folder(dir, options)?)
            }
            Self::BuiltIn => {
                let Catalogue { source, licence, recordings, .. } = catalogue()?;
                let symbols = recordings.into_iter().map(|recording| recording.symbol);
                let series: Result<_> =
                    symbols.map(|symbol| recorded(symbol, format!("{source} ({licence})"))).collect();
                Ok(series::Folder { series: series?, ..Default::default() })
            }
        }
    }

    /// Reads the days of one symbol.
    ///
    /// # Errors
    /// When the symbol is not there, or its file cannot be read: with what to do.
    pub fn one(&self, symbol: &Symbol) -> Result<Series> {
        match self {
            Self::Folder { dir, options } => {
                check(dir)?;
                Ok(series::read_one(dir, symbol, options)?)
            }
            Self::BuiltIn => {
                self.look_up(symbol)?;
                let Catalogue { source, licence, .. } = catalogue()?;
                recorded(symbol.clone(), format!("{source} ({licence})"))
            }
        }
    }

    /// Reads one symbol's bars of any interval, oldest first, as traded; each has an adjusted
    /// close where that is asked for.
    ///
    /// # Errors
    /// When the symbol is not there, or its file cannot be read: with what to do.
    pub fn bars(&self, symbol: &Symbol, are_adjusted: bool) -> Result<Bars> {
        match self {
            Self::Folder { dir, options } => {
                check(dir)?;
                let read = if are_adjusted { series::read_adjusted } else { series::read_symbol };
                Ok(read(dir, symbol, options)?)
            }
            Self::BuiltIn => {
                self.look_up(symbol)?;
                built_in_bars(symbol)
            }
        }
    }

    fn look_up(&self, symbol: &Symbol) -> Result<()> {
        let catalogue = catalogue()?;
        if catalogue.entry(symbol).is_none() {
            bail!(
                self.without(symbol, catalogue.recordings.iter().map(|recording| recording.symbol.as_str()))
            );
        }
        Ok(())
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
            Self::Folder { dir, .. } => dir.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            Self::BuiltIn => "replay".into(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { dir, .. } => write!(f, "{}", dir.display()),
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

fn built_in_bars(symbol: &Symbol) -> Result<Bars> {
    Ok(tickwise_files::read(bytes(symbol)?.to_vec(), &file(symbol), &Options::default())?)
}

/// As `series::read_folder` would read it from a checkout.
fn recorded(symbol: Symbol, source: String) -> Result<Series> {
    let rows: Vec<DailyRow> = built_in_bars(&symbol)?.rows.iter().map(DailyRow::from).collect();
    Ok(Series {
        dates: rows.iter().map(|row| row.date).collect(),
        bars: rows.iter().map(DailyRow::adjusted).collect(),
        closes: rows.iter().map(|row| row.bar.close).collect(),
        eval_start: None,
        file: file(&symbol),
        folder: Source::BuiltIn.name(),
        source: Some(source),
        sha256: series::sha256(bytes(&symbol)?),
        symbol,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_reads_as_the_checkout_does() {
        let folder = Path::new("../public/replay");
        let files = Source::named_or_recorded(Some(folder), &Reading::default());
        let all = |source: &Source| format!("{:?}", source.series().unwrap().series);
        assert_eq!(all(&Source::BuiltIn), all(&files));
        let symbol = "IBM".parse().unwrap();
        assert_eq!(Source::BuiltIn.bars(&symbol, true).unwrap(), files.bars(&symbol, true).unwrap());
        assert!(Source::BuiltIn.one(&"ZZZZ".parse().unwrap()).is_err());
    }
}
