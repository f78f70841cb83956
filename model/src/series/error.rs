use std::path::PathBuf;

use jiff::civil::Date;
use thiserror::Error;
use tickwise_files::FileError;
use tickwise_market::Symbol;

/// What is wrong with a file or folder. Retrying does not help; it has to be mended.
#[derive(Debug, Error)]
pub enum DataError {
    /// The folder cannot be read, or a file in it.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Nothing that could be a symbol's bars.
    #[error("{} has no files of bars; expected SYMBOL.csv, SYMBOL.arrow or SYMBOL.parquet{passed_over}", dir.display())]
    NoFiles {
        /// Folder.
        dir: PathBuf,
        /// What is there, and why it is none.
        passed_over: String,
    },
    /// No file of that symbol.
    #[error("{} has no bars of {symbol}; there are {there}", dir.display())]
    NoSuchSymbol {
        /// Symbol.
        symbol: Symbol,
        /// Where it should be.
        dir: PathBuf,
        /// The symbols that have files.
        there: String,
    },
    /// Several files of one symbol.
    #[error("{first} and {second} in {} are both of {symbol}; keep one of them", dir.display())]
    TwoFiles {
        /// Symbol.
        symbol: Symbol,
        /// Where they are.
        dir: PathBuf,
        /// Name of a file.
        first: String,
        /// Name of another.
        second: String,
    },
    /// A file that is none of bars, or one that is wrong.
    #[error("{}{}{error}", path.display(), error.lead())]
    File {
        /// File.
        path: PathBuf,
        /// What is wrong, where, and what to do.
        error: Box<FileError>,
    },
    /// No adjusted closes where they are asked for.
    #[error("{} has no column adj_close, which --adjusted needs; name it with --columns adj_close=NAME", .0.display())]
    NotAdjusted(PathBuf),
    /// Bars of another interval where days are needed.
    #[error("{} has bars of {found}, and this command needs days: make one row of each day's, with the first open, the highest high, the lowest low, the last close and the sum of the volumes", path.display())]
    NotDays {
        /// File.
        path: PathBuf,
        /// What it has.
        found: &'static str,
    },
    /// A price of zero or below where logarithms are needed.
    #[error("{}: the price {price} on {date} is not positive, and forecasts are of the logarithms of prices; `tickwise indicators` takes such prices", path.display())]
    NotPositive {
        /// File.
        path: PathBuf,
        /// Day.
        date: Date,
        /// Price.
        price: f64,
    },
    /// The folder's `manifest.csv` or `manifest.json`.
    #[error("{}: {problem}", path.display())]
    Manifest {
        /// File.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Several files.
    #[error("{}", lines(.0))]
    Several(Vec<DataError>),
}

/// One line each.
pub fn lines(errors: &[DataError]) -> String {
    let lines: Vec<String> = errors.iter().map(DataError::to_string).collect();
    lines.join("\n")
}
