//! Tables of columns: Arrow IPC and Parquet.

use std::path::Path;

use arrow_array::{
    Array, ArrayRef, RecordBatch,
    cast::AsArray,
    types::{Date32Type, Float64Type},
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use jiff::ToSpan;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tickwise_replay::{Recording, arrow_file};

use super::{DailyRow, DataError, row::RawRow};

/// Reads an Arrow IPC file: a recording of `public/replay`, or a table of the
/// columns that a CSV file would have, of any numeric type.
///
/// # Errors
/// Naming file, row and what to do.
pub fn read_arrow(path: &Path, bytes: &[u8]) -> Result<Vec<DailyRow>, DataError> {
    let error = |source| DataError::Arrow { path: path.into(), source };
    let reader = arrow_file::open(bytes).map_err(error)?;
    if reader.schema().column_with_name("open_e4").is_some() {
        return read_recording(path, bytes);
    }
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(error)?;
    rows(path, &batches)
}

/// Reads a Parquet file of the columns that a CSV file would have.
///
/// # Errors
/// Naming file, row and what to do.
pub fn read_parquet(path: &Path, bytes: Vec<u8>) -> Result<Vec<DailyRow>, DataError> {
    let error = |source| DataError::Parquet { path: path.into(), source };
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).map_err(error)?;
    let reader = builder.build().map_err(error)?;
    let batches = reader.collect::<Result<Vec<_>, ArrowError>>();
    rows(path, &batches.map_err(|source| DataError::Arrow { path: path.into(), source })?)
}

fn read_recording(path: &Path, bytes: &[u8]) -> Result<Vec<DailyRow>, DataError> {
    let error = |source| DataError::Recording { path: path.into(), source };
    let recording = Recording::from_arrow(bytes).map_err(error)?;
    let mut rows: Vec<DailyRow> = Vec::with_capacity(recording.days().len());
    for (day, number) in recording.days().iter().zip(1..) {
        let raw = RawRow {
            date: day.date,
            prices: [day.open, day.high, day.low, day.close],
            volume: day.volume,
            adjusted_close: Some(day.adj_close),
        };
        let problem = |problem| DataError::Row { path: path.into(), unit: "row", number, problem };
        rows.push(raw.checked(rows.last()).map_err(problem)?);
    }
    Ok(rows)
}

fn rows(path: &Path, batches: &[RecordBatch]) -> Result<Vec<DailyRow>, DataError> {
    let mut rows: Vec<DailyRow> = Vec::new();
    for batch in batches {
        let numbers = |name| column(path, batch, name, &DataType::Float64);
        let dates = column(path, batch, "date", &DataType::Date32)?;
        let prices = [numbers("open")?, numbers("high")?, numbers("low")?, numbers("close")?];
        let volume = numbers("volume")?;
        let adjusted = batch.column_by_name("adj_close").map(|_| numbers("adj_close")).transpose()?;
        let at = |array: &ArrayRef, i: usize| array.as_primitive::<Float64Type>().value(i);
        for i in 0..batch.num_rows() {
            let days = dates.as_primitive::<Date32Type>().value(i);
            let date = jiff::civil::date(1970, 1, 1).checked_add(days.days());
            let out_of_range = |_| DataError::Column {
                path: path.into(),
                column: "date",
                problem: "has a date out of range",
            };
            let raw = RawRow {
                date: date.map_err(out_of_range)?,
                prices: [0, 1, 2, 3].map(|k: usize| prices.get(k).map_or(f64::NAN, |array| at(array, i))),
                volume: at(&volume, i),
                adjusted_close: adjusted.as_ref().map(|array| at(array, i)),
            };
            let number = rows.len() as u64 + 1;
            let problem = |problem| DataError::Row { path: path.into(), unit: "row", number, problem };
            rows.push(raw.checked(rows.last()).map_err(problem)?);
        }
    }
    Ok(rows)
}

/// A column without gaps, converted to `to`: dates also from text and timestamps.
fn column(
    path: &Path,
    batch: &RecordBatch,
    column: &'static str,
    to: &DataType,
) -> Result<ArrayRef, DataError> {
    let error = |problem| DataError::Column { path: path.into(), column, problem };
    let array = batch.column_by_name(column).ok_or_else(|| error("is missing"))?;
    let wrong_type = if *to == DataType::Date32 { "holds no dates" } else { "holds no numbers" };
    let converted = cast(array, to).map_err(|_| error(wrong_type))?;
    if converted.null_count() > 0 { Err(error("has gaps")) } else { Ok(converted) }
}
