//! Columns of Arrow, of whatever type, as cells.

use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{
        Date32Type, Date64Type, Float32Type, Float64Type, Int64Type, TimestampMicrosecondType,
        TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    },
};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

use crate::{
    FileError, Role,
    table::{Cells, Clock, Text},
};

const DAY_MS: i64 = 86_400_000;

/// The cells of a column in its chunks.
///
/// # Errors
/// When its type is none for what it should be.
pub fn cells(role: Role, name: &str, chunks: &[ArrayRef]) -> Result<Cells, FileError> {
    let Some(first) = chunks.first() else { return Ok(Cells::Text(Text::default())) };
    let of_type = match first.data_type() {
        DataType::Dictionary(_, value) => (**value).clone(),
        DataType::RunEndEncoded(_, values) => values.data_type().clone(),
        other => other.clone(),
    };
    let refused = || refused(role, name, &of_type);
    let converted = |to: &DataType| -> Result<Vec<ArrayRef>, FileError> {
        chunks.iter().map(|chunk| cast(chunk, to).map_err(|_| refused())).collect()
    };
    match &of_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Ok(text(&converted(&DataType::LargeUtf8)?))
        }
        DataType::Time32(_) | DataType::Time64(_) if role == Role::Time => {
            Ok(text(&converted(&DataType::LargeUtf8)?))
        }
        DataType::Date32 => {
            let days = converted(&of_type)?;
            Ok(Cells::Days(days.iter().flat_map(|chunk| chunk.as_primitive::<Date32Type>().iter()).collect()))
        }
        DataType::Date64 => {
            let chunks = converted(&of_type)?;
            let ms: Vec<Option<i64>> =
                chunks.iter().flat_map(|chunk| chunk.as_primitive::<Date64Type>().iter()).collect();
            Ok(dates(ms))
        }
        DataType::Timestamp(unit, zone) => {
            let chunks = converted(&of_type)?;
            let ms = chunks.iter().flat_map(|chunk| milliseconds(chunk, *unit)).collect();
            let clock = zone.as_ref().map_or(Clock::Unsaid, |zone| Clock::Zone(zone.to_string()));
            Ok(Cells::Times { ms, clock })
        }
        DataType::Float32 => {
            let chunks = converted(&of_type)?;
            let of = |chunk: &ArrayRef| {
                chunk.as_primitive::<Float32Type>().iter().map(decimal).collect::<Vec<_>>()
            };
            Ok(Cells::Numbers(chunks.iter().flat_map(of).collect()))
        }
        integers if role == Role::Date && integers.is_integer() => {
            let chunks = converted(&DataType::Int64)?;
            Ok(Cells::Integers(
                chunks.iter().flat_map(|chunk| chunk.as_primitive::<Int64Type>().iter()).collect(),
            ))
        }
        numbers if numbers.is_numeric() || *numbers == DataType::Null => {
            let chunks = converted(&DataType::Float64)?;
            let of = |chunk: &ArrayRef| {
                chunk.as_primitive::<Float64Type>().iter().map(|x| x.unwrap_or(f64::NAN)).collect::<Vec<_>>()
            };
            Ok(Cells::Numbers(chunks.iter().flat_map(of).collect()))
        }
        _ if role == Role::Symbol => Ok(Cells::Numbers(Vec::new())),
        _ => Err(refused()),
    }
}

fn text(chunks: &[ArrayRef]) -> Cells {
    let mut text = Text::default();
    for chunk in chunks {
        chunk.as_string::<i64>().iter().for_each(|cell| text.push(cell.unwrap_or_default().as_bytes()));
    }
    Cells::Text(text)
}

fn dates(ms: Vec<Option<i64>>) -> Cells {
    if ms.iter().flatten().all(|ms| ms % DAY_MS == 0) {
        let day = |ms: Option<i64>| i32::try_from(ms? / DAY_MS).ok();
        return Cells::Days(ms.into_iter().map(day).collect());
    }
    Cells::Times { ms, clock: Clock::Unsaid }
}

fn milliseconds(chunk: &ArrayRef, unit: TimeUnit) -> Vec<Option<i64>> {
    match unit {
        TimeUnit::Second => {
            chunk.as_primitive::<TimestampSecondType>().iter().map(|at| at?.checked_mul(1_000)).collect()
        }
        TimeUnit::Millisecond => chunk.as_primitive::<TimestampMillisecondType>().iter().collect(),
        TimeUnit::Microsecond => chunk
            .as_primitive::<TimestampMicrosecondType>()
            .iter()
            .map(|at| Some(at?.div_euclid(1_000)))
            .collect(),
        TimeUnit::Nanosecond => chunk
            .as_primitive::<TimestampNanosecondType>()
            .iter()
            .map(|at| Some(at?.div_euclid(1_000_000)))
            .collect(),
    }
}

/// The decimal number that a price of seven digits stands for, not its binary neighbour.
fn decimal(number: Option<f32>) -> f64 {
    number.map_or(f64::NAN, |number| number.to_string().parse().unwrap_or_else(|_| f64::from(number)))
}

fn refused(role: Role, name: &str, of_type: &DataType) -> FileError {
    let found = match of_type {
        DataType::Boolean => "true and false",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "bytes"
        }
        DataType::Struct(_) | DataType::Map(..) => "nested columns",
        DataType::Time32(_) | DataType::Time64(_) => "times of the day",
        DataType::Duration(_) | DataType::Interval(_) => "spans of time",
        _ => "lists",
    };
    let (expected, remedy) = match role {
        Role::Date | Role::Time => ("dates", "dates or text such as 2020-12-31"),
        _ => ("numbers", "numbers"),
    };
    FileError::ColumnType { column: name.to_owned(), found: found.into(), expected, remedy }
}
