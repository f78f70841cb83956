//! Daily bars from CSV: `date,open,high,low,close[,adj_close],volume`.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;
use tickwise_market::{Bar, Calendar, InvalidBar, Symbol};

/// One trading day as a file has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailyRow {
    /// Trading day.
    pub date: Date,
    /// Prices and volume as traded.
    pub bar: Bar,
    /// The close adjusted for later splits and dividends, where the file has it.
    pub adjusted_close: Option<f64>,
}

/// What is wrong with a file. Retrying does not help; the file has to be mended.
#[derive(Debug, Error)]
pub enum CsvError {
    /// No file of that symbol.
    #[error("{symbol} has no file {}; there are {there}", path.display())]
    NoSuchSymbol {
        /// Symbol.
        symbol: Symbol,
        /// Where it should be.
        path: PathBuf,
        /// The symbols that have files.
        there: String,
    },
    /// Unreadable, or not CSV, or a missing column, or a field that does not parse.
    #[error("{}: {source}; expected the columns date, open, high, low, close, volume and, if adjusted, adj_close", path.display())]
    Read {
        /// File.
        path: PathBuf,
        /// What the reader says, with the line.
        source: csv::Error,
    },
    /// A header at most.
    #[error("{} has no rows; expected a header and a row for each trading day", .0.display())]
    Empty(PathBuf),
    /// A row that cannot be a bar.
    #[error("{}, line {line}: {problem}", path.display())]
    Row {
        /// File.
        path: PathBuf,
        /// Line, the header being 1.
        line: u64,
        /// What is wrong and what to do.
        problem: RowProblem,
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

#[derive(Deserialize)]
struct Record {
    date: Date,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    adj_close: Option<f64>,
    volume: f64,
}

/// Reads `DIR/SYMBOL.csv`, oldest first.
///
/// # Errors
/// Naming file, line and what to do.
pub fn read(dir: &Path, symbol: &Symbol) -> Result<Vec<DailyRow>, CsvError> {
    let path = dir.join(format!("{symbol}.csv"));
    if !path.exists() {
        return Err(CsvError::NoSuchSymbol { symbol: symbol.clone(), path, there: symbols(dir) });
    }
    let read_error = |source| CsvError::Read { path: path.clone(), source };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(&path).map_err(read_error)?;
    let mut rows: Vec<DailyRow> = Vec::new();
    let mut records = reader.deserialize::<Record>();
    while let Some(record) = records.next() {
        let record = record.map_err(read_error)?;
        let line = records.reader().position().line() - 1;
        let problem = |problem| CsvError::Row { path: path.clone(), line, problem };
        rows.push(row(&record, rows.last()).map_err(problem)?);
    }
    if rows.is_empty() { Err(CsvError::Empty(path)) } else { Ok(rows) }
}

fn row(record: &Record, before: Option<&DailyRow>) -> Result<DailyRow, RowProblem> {
    let Record { date, open, high, low, close, adj_close, volume } = *record;
    let session = Calendar::Nyse.session(date).map(|session| session.open_ms);
    let time_ms = session.or_else(|| Calendar::Nyse.midnight_ms(date)).unwrap_or_default();
    let bar = Bar { time_ms, open, high, low, close, volume }.validated()?;
    if low <= 0.0 || adj_close.is_some_and(|close| !(close > 0.0 && close.is_finite())) {
        return Err(RowProblem::NotPositive);
    }
    match before {
        Some(before) if before.date >= date => Err(RowProblem::NotAscending { date, before: before.date }),
        _ => Ok(DailyRow { date, bar, adjusted_close: adj_close }),
    }
}

fn symbols(dir: &Path) -> String {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".csv")?.to_owned()))
        .filter(|name| name != "manifest")
        .collect();
    names.sort();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<DailyRow>, CsvError> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("X.csv"), text).unwrap();
        read(dir.path(), &"X".parse().unwrap())
    }

    const HEADER: &str = "symbol,date,open,high,low,close,adj_close,volume\n";

    #[test]
    fn columns_are_found_by_name() {
        let rows = read_text("volume,close,low,high,open,date\n7,2,1,3,2,2012-09-04\n").unwrap();
        let bar = rows[0].bar;
        assert_eq!((bar.open, bar.high, bar.low, bar.close, bar.volume), (2.0, 3.0, 1.0, 2.0, 7.0));
        assert_eq!((rows[0].date.to_string(), rows[0].adjusted_close), ("2012-09-04".into(), None));
    }

    #[test]
    fn errors_say_where_and_what_to_do() {
        for (rows, line, advice) in [
            ("X,2012-09-04,2,3,1,2,1,7\nX,2012-09-04,2,3,1,2,1,7\n", "line 3", "sort the rows"),
            ("X,2012-09-04,2,3,1,2,1,7\nX,2012-09-03,2,3,1,2,1,7\n", "line 3", "sort the rows"),
            ("X,2012-09-04,2,3,0,2,1,7\n", "line 2", "not positive"),
            ("X,2012-09-04,2,3,1,2,-1,7\n", "line 2", "not positive"),
            ("X,2012-09-04,2,1,1,2,1,7\n", "line 2", "outside low..high"),
            ("X,2012-09-04,NaN,3,1,2,1,7\n", "line 2", "finite"),
            ("X,2012-09-04,two,3,1,2,1,7\n", "line: 2", "expected the columns"),
            ("X,2012-09-04,2,3\n", "line: 2", "expected the columns"),
        ] {
            let error = read_text(&format!("{HEADER}{rows}")).unwrap_err().to_string();
            assert!(error.contains(line) && error.contains(advice), "{error}");
        }
        for (text, advice) in
            [("", "no rows"), (HEADER, "no rows"), ("date,open\n2012-09-04,2\n", "missing field `high`")]
        {
            let error = read_text(text).unwrap_err().to_string();
            assert!(error.contains("X.csv") && error.contains(advice), "{error}");
        }
        let error = read(Path::new("nowhere"), &"X".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("there are none"), "{error}");
    }
}
