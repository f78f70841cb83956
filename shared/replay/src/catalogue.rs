use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;

/// `public/replay/manifest.json`: which recordings there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// Where the bars come from.
    pub source: String,
    /// SHA-256 of the source file, hexadecimal.
    pub source_sha256: String,
    /// Terms of use.
    pub licence: String,
    /// One entry a symbol.
    pub recordings: Vec<CatalogueEntry>,
}

/// One recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueEntry {
    /// Symbol; the file is `{symbol}.arrow`.
    pub symbol: Symbol,
    /// Company.
    pub name: String,
    /// First recorded day.
    pub first: Date,
    /// Last recorded day.
    pub last: Date,
    /// Number of days.
    pub rows: usize,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

impl Catalogue {
    /// The entry of a symbol.
    pub fn entry(&self, symbol: &Symbol) -> Option<&CatalogueEntry> {
        self.recordings.iter().find(|entry| &entry.symbol == symbol)
    }

    /// The last day of any recording, where a replay ends.
    pub fn last_day(&self) -> Option<Date> {
        self.recordings.iter().map(|entry| entry.last).max()
    }
}
