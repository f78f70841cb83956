//! `date,open,high,low,close[,adj_close],volume`

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use super::{DailyRow, DataError, row::RawRow};

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

/// Parses the text of the file at `path`, oldest row first.
///
/// # Errors
/// Naming file, line and what to do.
pub fn parse(path: &Path, text: &[u8]) -> Result<Vec<DailyRow>, DataError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let mut rows: Vec<DailyRow> = Vec::new();
    let mut records = reader.deserialize::<Record>();
    while let Some(record) = records.next() {
        let record = record.map_err(|source| DataError::Csv { path: path.into(), source })?;
        let number = records.reader().position().line() - 1;
        let Record { date, open, high, low, close, adj_close, volume } = record;
        let raw = RawRow { date, prices: [open, high, low, close], volume, adjusted_close: adj_close };
        let problem = |problem| DataError::Row { path: path.into(), unit: "line", number, problem };
        rows.push(raw.checked(rows.last()).map_err(problem)?);
    }
    Ok(rows)
}
