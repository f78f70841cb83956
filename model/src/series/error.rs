use std::path::PathBuf;

use jiff::civil::Date;
use thiserror::Error;
use tickwise_market::{InvalidBar, Symbol};
use tickwise_replay::RecordingError;

/// The columns that a file may have.
pub const COLUMNS: &str = "date, open, high, low, close, volume and, if adjusted, adj_close";

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
    #[error("{} has no files of bars; expected SYMBOL.csv, SYMBOL.arrow or SYMBOL.parquet", .0.display())]
    NoFiles(PathBuf),
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
    /// Unreadable, or not CSV, or a missing column, or a field that does not parse.
    #[error("{}: {source}; expected the columns {COLUMNS}", path.display())]
    Csv {
        /// File.
        path: PathBuf,
        /// What the reader says, with the line.
        source: csv::Error,
    },
    /// Not an Arrow IPC file, or a truncated one.
    #[error("{}: not a readable Arrow file: {source}", path.display())]
    Arrow {
        /// File.
        path: PathBuf,
        /// What the reader says.
        source: arrow_schema::ArrowError,
    },
    /// Not a Parquet file, or a truncated one.
    #[error("{}: not a readable Parquet file: {source}", path.display())]
    Parquet {
        /// File.
        path: PathBuf,
        /// What the reader says.
        source: parquet::errors::ParquetError,
    },
    /// A recording of `public/replay` that does not read.
    #[error("{}: {source}", path.display())]
    Recording {
        /// File.
        path: PathBuf,
        /// What is wrong.
        source: RecordingError,
    },
    /// A column is absent, has gaps, or cannot be read as numbers or dates.
    #[error("{}: column {column:?} {problem}; expected the columns {COLUMNS}", path.display())]
    Column {
        /// File.
        path: PathBuf,
        /// Name.
        column: &'static str,
        /// What is wrong.
        problem: &'static str,
    },
    /// A header at most.
    #[error("{} has no rows; expected one for each trading day", .0.display())]
    Empty(PathBuf),
    /// A row that cannot be a bar.
    #[error("{}, {unit} {number}: {problem}", path.display())]
    Row {
        /// File.
        path: PathBuf,
        /// `line` of a text file, the header being 1, or `row` of a table, the first being 1.
        unit: &'static str,
        /// Which.
        number: u64,
        /// What is wrong and what to do.
        problem: RowProblem,
    },
    /// The folder's `manifest.csv` or `manifest.json`.
    #[error("{}: {problem}", path.display())]
    Manifest {
        /// File.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// Why a row cannot be a bar.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum RowProblem {
    /// Numbers out of order.
    #[error("{0}; correct the row or remove it")]
    Bar(#[from] InvalidBar),
    /// A price of zero or below.
    #[error("a price is not positive; correct the row or remove it")]
    NotPositive,
    /// The date before is not earlier.
    #[error("{date} follows {before}; sort the rows by date and remove duplicates")]
    NotAscending {
        /// Of this row.
        date: Date,
        /// Of the row before.
        before: Date,
    },
}
