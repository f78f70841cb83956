//! Arrow IPC: files and streams, which Feather is, too; and recordings of `public/replay`.

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use tickwise_replay::{Recording, arrow_file};

use crate::{
    FileError, Options, Role, names,
    table::{Cells, Column, Places, Table},
    typed,
};

/// Takes the columns that matter out of it.
///
/// # Errors
/// When it is damaged, or packed by what this build lacks, or its columns are not of bars.
pub fn table(bytes: &[u8], is_stream: bool, options: &Options) -> Result<Table, FileError> {
    let (schema, batches) = if is_stream {
        let reader = arrow_file::open_stream(bytes).map_err(damaged)?;
        (reader.schema(), reader.collect::<Result<Vec<_>, _>>())
    } else {
        let reader = arrow_file::open(bytes).map_err(damaged)?;
        (reader.schema(), reader.collect())
    };
    if schema.column_with_name("open_e4").is_some() {
        return recording(bytes);
    }
    of_batches(&schema, &batches.map_err(damaged)?, options)
}

/// Whatever is wrong with the bytes: the library's words are for its developers.
pub fn damaged(error: ArrowError) -> FileError {
    let text = error.to_string();
    match ["lz4", "zstd"]
        .into_iter()
        .find(|codec| text.contains(&format!("{codec} IPC compression requires")))
    {
        Some(codec) => FileError::Codec { codec: codec.into() },
        None => FileError::Damaged { what: "Arrow" },
    }
}

fn of_batches(schema: &Schema, batches: &[RecordBatch], options: &Options) -> Result<Table, FileError> {
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut columns = Vec::new();
    for (role, index) in names::roles(&names, options)? {
        let arrays: Vec<_> = batches.iter().filter_map(|batch| batch.columns().get(index).cloned()).collect();
        let name = names.get(index).cloned().unwrap_or_default();
        let cells = typed::cells(role, &name, &arrays)?;
        columns.push((role, Column::new(&name, cells)));
    }
    let len = batches.iter().map(RecordBatch::num_rows).sum();
    Ok(Table { columns, len, places: Places::rows() })
}

fn recording(bytes: &[u8]) -> Result<Table, FileError> {
    let recording = Recording::from_arrow(bytes).map_err(|_| FileError::Damaged { what: "a recording" })?;
    let days = recording.days();
    let numbers =
        |of: fn(&tickwise_replay::RecordedDay) -> f64| Cells::Numbers(days.iter().map(of).collect());
    let epoch = jiff::civil::date(1970, 1, 1);
    let day = |day: &tickwise_replay::RecordedDay| {
        i32::try_from(day.date.duration_since(epoch).as_hours() / 24).ok()
    };
    let columns = [
        (Role::Date, Cells::Days(days.iter().map(day).collect())),
        (Role::Open, numbers(|day| day.open)),
        (Role::High, numbers(|day| day.high)),
        (Role::Low, numbers(|day| day.low)),
        (Role::Close, numbers(|day| day.close)),
        (Role::AdjClose, numbers(|day| day.adj_close)),
        (Role::Volume, numbers(|day| day.volume)),
    ];
    let column = |(role, cells): (Role, Cells)| (role, Column::new(&role.to_string(), cells));
    Ok(Table { columns: columns.into_iter().map(column).collect(), len: days.len(), places: Places::rows() })
}
