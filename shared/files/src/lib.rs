//! Bars from files, as people have them: CSV of sites, spreadsheets and languages,
//! Arrow IPC and Parquet of pandas, polars, DuckDB, pyarrow and Spark, and Tickwise's own.
//!
//! Pure: bytes in, [`Bars`] or a [`FileError`] out. Whoever calls reads the file and adds its
//! name to what is said. One rule stands above all: what has two meanings is refused with the
//! way to say which, never guessed. `docs/files.md` lists what is read and what is refused.
//!
//! ```
//! let text = "Date;Open;High;Low;Close;Volume\n04.09.2012;665,76;675,14;664,5;674,97;13139000\n\
//!             28.09.2012;678,75;681,11;666,35;667,1;19091200\n";
//! let bars = tickwise_files::read(text.as_bytes().to_vec(), "AAPL.csv", &Default::default())?;
//! assert_eq!(bars.rows[0].when.to_string(), "2012-09-04");
//! assert_eq!(bars.rows[1].bar.close, 667.1);
//! # Ok::<(), tickwise_files::FileError>(())
//! ```
//!
//! A file goes through five layers, one or a few modules each:
//!
//! | layer | what it does |
//! |---|---|
//! | `container` | tells by their first bytes what the bytes are |
//! | `delimited`, `arrow_ipc`, `parquet_file` | take the columns that matter out of them: a [`table`] |
//! | `names` | knows columns by their names |
//! | `numbers`, `dates` | decide one meaning for a whole column |
//! | `rows` | make bars of it: in order, each once |

mod bars;
mod container;
mod dates;
#[cfg(feature = "csv")]
mod delimited;
mod error;
#[cfg(feature = "csv")]
mod header;
mod names;
mod numbers;
mod options;
mod rows;
mod table;
#[cfg(feature = "csv")]
mod text;

#[cfg(feature = "arrow")]
mod arrow_ipc;
#[cfg(feature = "parquet")]
mod parquet_file;
#[cfg(feature = "arrow")]
mod typed;

pub use bars::{Adjusted, Bars, Note, Row, Spacing, When};
pub use container::{EXTENSIONS, check_head, stem};
pub use dates::Zone;
pub use error::{FileError, RowProblem};
pub use names::Role;
pub use options::{ColumnNames, DayOrder, Options};
pub use table::Place;

use table::Table;

/// Reads the bars of one file. Its name decides only where its bytes do not.
///
/// # Errors
/// What is wrong, where, and what to do. Retrying does not help.
pub fn read(bytes: Vec<u8>, name: &str, options: &Options) -> Result<Bars, FileError> {
    rows::bars(container::table(bytes, name, options)?, options)
}

/// Reads a folder of parts as Spark and pyarrow write them: names and bytes of its files.
///
/// # Errors
/// As [`read`], naming the part.
pub fn read_parts(
    parts: impl IntoIterator<Item = (String, Vec<u8>)>,
    options: &Options,
) -> Result<Bars, FileError> {
    let mut whole: Option<Table> = None;
    // Spark writes a part for each of its tasks, whether it had rows or not.
    for (name, bytes) in parts.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let in_part = |error| FileError::Part { part: name.clone(), error: Box::new(error) };
        let table = container::table(bytes, &name, options).map_err(in_part)?.named(&name);
        whole = Some(match whole {
            None => table,
            Some(whole) => whole.append(table).map_err(in_part)?,
        });
    }
    rows::bars(whole.ok_or(FileError::NoRows)?, options)
}
