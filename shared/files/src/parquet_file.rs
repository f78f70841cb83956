//! Parquet of any writer.

use std::collections::BTreeMap;

use parquet::{
    arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, Encoding, PageType, Type},
    errors::ParquetError,
    file::{
        metadata::RowGroupMetaData,
        reader::{FileReader as _, SerializedFileReader},
    },
};

use crate::{
    FileError, Options, names,
    table::{Cells, Clock, Column, Places, Table},
    typed,
};

/// The most rows that are decoded at a time.
const BATCH_ROWS: usize = 64 * 1024;

/// Takes the columns that matter out of it.
///
/// # Errors
/// When it is damaged, or packed by what this build lacks, or its columns are not of bars.
pub fn table(bytes: Vec<u8>, options: &Options) -> Result<Table, FileError> {
    let bytes = bytes::Bytes::from(bytes);
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).map_err(|error| damaged(&error))?;
    let schema = builder.schema().clone();
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let roles = names::roles(&names, options)?;
    if !builder.metadata().row_groups().iter().all(|group| lies_within(group, bytes.len())) {
        return Err(FileError::Damaged { what: "Parquet" });
    }
    can_unpack(&builder, &roles)?;
    has_its_dictionaries(bytes, &roles).map_err(|error| damaged(&error))?;
    let is_int96 = |index: usize| {
        let columns = builder.parquet_schema();
        (0..columns.num_columns()).any(|leaf| {
            columns.get_column_root_idx(leaf) == index && columns.column(leaf).physical_type() == Type::INT96
        })
    };
    let int96: Vec<bool> = roles.iter().map(|(_, index)| is_int96(*index)).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), roles.iter().map(|(_, index)| *index));
    let reader =
        builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| damaged(&error))?;
    let batches =
        reader.collect::<Result<Vec<_>, _>>().map_err(|_| FileError::Damaged { what: "Parquet" })?;
    // Columns come in the order of the file, each once.
    let mut sorted: Vec<usize> = roles.iter().map(|(_, index)| *index).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let position: BTreeMap<usize, usize> = sorted.into_iter().zip(0..).collect();
    let mut columns = Vec::new();
    for ((role, index), is_int96) in roles.into_iter().zip(int96) {
        let at = position.get(&index).copied().unwrap_or_default();
        let arrays: Vec<_> = batches.iter().filter_map(|batch| batch.columns().get(at).cloned()).collect();
        let name = names.get(index).cloned().unwrap_or_default();
        let mut cells = typed::cells(role, &name, &arrays)?;
        // Those who write the old 96-bit times write them in UTC.
        if is_int96 && let Cells::Times { clock, .. } = &mut cells {
            *clock = Clock::Zone("UTC".into());
        }
        columns.push((role, Column::new(&name, cells)));
    }
    let len = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
    Ok(Table { columns, len, places: Places::rows() })
}

fn damaged(error: &ParquetError) -> FileError {
    match error {
        ParquetError::NYI(_) => FileError::Unsupported {
            what: "Parquet with a part that is not read here",
            remedy: "write it by pandas, polars, DuckDB or pyarrow with their defaults",
        },
        _ => FileError::Damaged { what: "Parquet" },
    }
}

/// Whether each column lies where there is a file: the decoder takes the file's word for
/// that, too, and stops the program at a place before its beginning.
fn lies_within(group: &RowGroupMetaData, len: usize) -> bool {
    group.num_rows() >= 0
        && group.columns().iter().all(|column| {
            let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
            let end = start.checked_add(column.compressed_size()).and_then(|end| usize::try_from(end).ok());
            let is_positive =
                [start, column.data_page_offset(), column.compressed_size(), column.num_values()]
                    .iter()
                    .all(|number| *number >= 0);
            is_positive && end.is_some_and(|end| end <= len)
        })
}

/// Whether the pages that refer to a dictionary come after one: the decoder takes the file's word
/// for it, and stops the program where it lies.
fn has_its_dictionaries(bytes: bytes::Bytes, roles: &names::Roles) -> Result<(), ParquetError> {
    let reader = SerializedFileReader::new(bytes)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let is_read = |leaf: &usize| roles.iter().any(|(_, index)| *index == schema.get_column_root_idx(*leaf));
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        for leaf in (0..group.num_columns().min(schema.num_columns())).filter(is_read) {
            let mut pages = group.get_column_page_reader(leaf)?;
            let mut has_dictionary = false;
            while let Some(page) = pages.get_next_page()? {
                let refers = matches!(page.encoding(), Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
                if page.page_type() == PageType::DICTIONARY_PAGE {
                    has_dictionary = true;
                } else if refers && !has_dictionary {
                    return Err(ParquetError::General(
                        "a page refers to a dictionary that is not there".into(),
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Whether this build has the codecs of the columns.
fn can_unpack<T>(
    builder: &parquet::arrow::arrow_reader::ArrowReaderBuilder<T>,
    roles: &names::Roles,
) -> Result<(), FileError> {
    let schema = builder.parquet_schema();
    for group in builder.metadata().row_groups() {
        for (leaf, column) in group.columns().iter().enumerate().take(schema.num_columns()) {
            if !roles.iter().any(|(_, index)| *index == schema.get_column_root_idx(leaf)) {
                continue;
            }
            let (codec, is_built_in) = match column.compression() {
                Compression::UNCOMPRESSED => continue,
                Compression::SNAPPY => ("snappy", cfg!(feature = "snappy")),
                Compression::GZIP(_) => ("gzip", cfg!(feature = "gzip")),
                Compression::BROTLI(_) => ("brotli", cfg!(feature = "brotli")),
                Compression::LZ4 | Compression::LZ4_RAW => ("lz4", cfg!(feature = "lz4")),
                Compression::ZSTD(_) => ("zstd", cfg!(feature = "zstd")),
                Compression::LZO => ("LZO", false),
            };
            if !is_built_in {
                return Err(FileError::Codec { codec: codec.into() });
            }
        }
    }
    Ok(())
}
