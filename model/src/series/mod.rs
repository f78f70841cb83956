//! Bars from folders of files, a file or a folder of parts a symbol, read by `tickwise-files`.

mod error;
mod folder;
mod listing;
mod reading;
mod row;
#[cfg(test)]
mod tests;

pub use error::DataError;
pub use folder::{Folder, read_adjusted, read_file, read_folder, read_one, read_symbol};
pub use reading::Reading;
pub use row::DailyRow;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use tickwise_market::{Bar, Symbol};

/// A symbol's daily bars, adjusted for splits and dividends where the file says how.
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
    /// First forecast origin that is scored, where the folder's `manifest.csv` names one.
    pub eval_start: Option<Date>,
    /// Name of the file.
    pub file: String,
    /// Name of its folder.
    pub folder: String,
    /// Where the bars come from, as far as the folder says.
    pub source: Option<String>,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

impl Series {
    /// Number of bars up to and including a day.
    pub fn until(&self, day: Date) -> usize {
        self.dates.partition_point(|date| *date <= day)
    }
}

/// SHA-256, hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Two digits a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
