//! What bytes are, by how they begin; only where that does not tell, by the file's name.

#[cfg(feature = "arrow")]
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{FileError, Options, table::Table};

/// Extensions that files of bars have, in lower case, each perhaps followed by `.gz`.
pub const EXTENSIONS: [&str; 11] =
    ["csv", "tsv", "tab", "txt", "parquet", "pq", "arrow", "arrows", "feather", "ipc", "ftr"];

/// The most that a packed text may hold: as much as a 32-bit machine can address.
#[cfg(feature = "gzip")]
const MAX_UNPACKED_BYTES: u64 = 1 << 31;

/// A file's name without an extension of [`EXTENSIONS`], in whatever case; `None` for other files.
pub fn stem(name: &str) -> Option<&str> {
    let end = |name: &str, extension: &str| {
        let at = name.len().checked_sub(extension.len() + 1)?;
        let (stem, dotted) = name.split_at_checked(at)?;
        let dotted = dotted.strip_prefix('.')?;
        (!stem.is_empty() && dotted.eq_ignore_ascii_case(extension)).then_some(at)
    };
    let plain = end(name, "gz").and_then(|at| name.get(..at)).unwrap_or(name);
    EXTENSIONS.into_iter().find_map(|extension| plain.get(..end(plain, extension)?))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gzip,
    Parquet,
    ArrowFile,
    ArrowStream,
    Text,
}

fn kind(bytes: &[u8], name: &str) -> Result<Kind, FileError> {
    let refuse = |what, remedy| Err(FileError::Unsupported { what, remedy });
    const EXPORT: &str = "export its bars as CSV, Arrow or Parquet";
    const UNPACK: &str = "unpack it first";
    match bytes {
        [] => Err(FileError::Empty),
        [0x1f, 0x8b, ..] => Ok(Kind::Gzip),
        [b'P', b'A', b'R', b'1', ..] => Ok(Kind::Parquet),
        [b'P', b'A', b'R', b'E', ..] => refuse("encrypted Parquet", "write it without encryption"),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Ok(Kind::ArrowFile),
        [0xff, 0xff, 0xff, 0xff, ..] => Ok(Kind::ArrowStream),
        [b'F', b'E', b'A', b'1', ..] => {
            refuse("Feather of version 1", "write version 2, as every Feather writer does since 2020")
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] => {
            refuse("a spreadsheet or a ZIP archive", "save the bars as CSV, or unpack it")
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => refuse("a spreadsheet", "save the bars as CSV"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => refuse("packed by zstd as a whole", UNPACK),
        [0xfd, b'7', b'z', b'X', b'Z', ..] => refuse("packed by xz", UNPACK),
        [b'B', b'Z', b'h', ..] => refuse("packed by bzip2", UNPACK),
        [b'7', b'z', 0xbc, 0xaf, ..] => refuse("a 7z archive", UNPACK),
        [0x04, 0x22, 0x4d, 0x18, ..] => refuse("packed by lz4 as a whole", UNPACK),
        [b'O', b'R', b'C', ..] => refuse("ORC", EXPORT),
        [b'O', b'b', b'j', 1, ..] => refuse("Avro", EXPORT),
        [b'S', b'Q', b'L', b'i', b't', b'e', ..] => refuse("an SQLite database", EXPORT),
        [0x89, b'H', b'D', b'F', ..] => refuse("HDF5", EXPORT),
        [b'%', b'P', b'D', b'F', ..] => refuse("a PDF document", EXPORT),
        _ if matches!(bytes.trim_ascii_start(), [b'{' | b'[', ..]) => refuse(
            "JSON",
            "if a site refused a download, its reason stands in it; else export its bars as CSV",
        ),
        _ if matches!(bytes.trim_ascii_start(), [b'<', b'!' | b'h' | b'H' | b'?', ..]) => {
            refuse("a page of the web", "a download may have been refused: read what it says")
        }
        // Streams of old writers begin with a length.
        [_, _, 0, 0, ..] if extension_is(name, "arrows") => Ok(Kind::ArrowStream),
        _ => Ok(Kind::Text),
    }
}

fn extension_is(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, of)| of.eq_ignore_ascii_case(extension))
}

/// Takes the columns that matter out of whatever it is.
///
/// # Errors
/// When it is of no kind that is read, or damaged, or lacks columns.
pub fn table(bytes: Vec<u8>, name: &str, options: &Options) -> Result<Table, FileError> {
    match kind(&bytes, name)? {
        Kind::Gzip => table(gunzip(&bytes)?, stem(name).unwrap_or_default(), options),
        Kind::Text => text(bytes, options),
        Kind::ArrowFile => arrow(bytes, false, options),
        Kind::ArrowStream => arrow(bytes, true, options),
        Kind::Parquet => parquet(bytes, options),
    }
}

/// Refuses what cannot be bars by its first bytes, as many as there are or some ten thousand: so
/// that a large file of something else need not be read.
///
/// # Errors
/// As [`read`](crate::read).
pub fn check_head(head: &[u8], name: &str, options: &Options) -> Result<(), FileError> {
    match kind(head, name)? {
        Kind::Text => check_text(head, options),
        Kind::Gzip => check_gzip(head, name, options),
        Kind::ArrowFile | Kind::ArrowStream | Kind::Parquet => Ok(()),
    }
}

#[cfg(feature = "csv")]
fn check_text(head: &[u8], options: &Options) -> Result<(), FileError> {
    // No character is cut in two.
    let end = head.iter().rposition(|b| *b == b'\n').map_or(head.len(), |end| end + 1);
    let head = head.get(..end).unwrap_or(head);
    crate::header::find(&crate::text::utf8(head.to_vec())?, options).map(|_| ())
}

#[cfg(feature = "csv")]
fn text(bytes: Vec<u8>, options: &Options) -> Result<Table, FileError> {
    crate::delimited::table(&crate::text::utf8(bytes)?, options)
}

#[cfg(feature = "gzip")]
fn check_gzip(head: &[u8], name: &str, options: &Options) -> Result<(), FileError> {
    use std::io::Read;
    let mut unpacked = Vec::new();
    // It ends in the middle, as the head does.
    let _ = flate2::read::GzDecoder::new(head).take(head.len() as u64).read_to_end(&mut unpacked);
    match kind(&unpacked, stem(name).unwrap_or_default())? {
        Kind::Text => check_text(&unpacked, options),
        _ => Ok(()),
    }
}

#[cfg(feature = "gzip")]
fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, FileError> {
    use std::io::Read;
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(MAX_UNPACKED_BYTES);
    reader.read_to_end(&mut unpacked).map_err(|_| FileError::Damaged { what: "gzip" })?;
    if unpacked.len() as u64 == MAX_UNPACKED_BYTES {
        return Err(FileError::Unsupported {
            what: "more than 2 GB unpacked",
            remedy: "split it by symbol or year",
        });
    }
    if unpacked.starts_with(&[0x1f, 0x8b]) {
        return Err(FileError::Unsupported { what: "gzip within gzip", remedy: "unpack it first" });
    }
    Ok(unpacked)
}

#[cfg(feature = "arrow")]
fn arrow(bytes: Vec<u8>, is_stream: bool, options: &Options) -> Result<Table, FileError> {
    decoded("Arrow", || crate::arrow_ipc::table(&bytes, is_stream, options))
}

#[cfg(feature = "parquet")]
fn parquet(bytes: Vec<u8>, options: &Options) -> Result<Table, FileError> {
    decoded("Parquet", || crate::parquet_file::table(bytes, options))
}

/// The decoders of Arrow and Parquet take much of a file's word for granted and panic where a
/// damaged one lies; that is the file's fault and no reason to stop. What a panic leaves
/// behind is dropped here. Where panics abort, as in a browser, it still ends the program.
#[cfg(feature = "arrow")]
fn decoded(
    what: &'static str,
    decode: impl FnOnce() -> Result<Table, FileError>,
) -> Result<Table, FileError> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(FileError::Damaged { what }))
}

/// What this build has no reader for.
#[cfg(not(all(feature = "csv", feature = "gzip", feature = "arrow", feature = "parquet")))]
fn not_built_in<T>(what: &'static str) -> Result<T, FileError> {
    Err(FileError::Unsupported { what, remedy: "which this build does not read; use another format" })
}

#[cfg(not(feature = "csv"))]
fn check_text(_: &[u8], _: &Options) -> Result<(), FileError> {
    not_built_in("text")
}

#[cfg(not(feature = "csv"))]
fn text(_: Vec<u8>, _: &Options) -> Result<Table, FileError> {
    not_built_in("text")
}

#[cfg(not(feature = "gzip"))]
fn check_gzip(_: &[u8], _: &str, _: &Options) -> Result<(), FileError> {
    not_built_in("gzip")
}

#[cfg(not(feature = "gzip"))]
fn gunzip(_: &[u8]) -> Result<Vec<u8>, FileError> {
    not_built_in("gzip")
}

#[cfg(not(feature = "arrow"))]
fn arrow(_: Vec<u8>, _: bool, _: &Options) -> Result<Table, FileError> {
    not_built_in("Arrow")
}

#[cfg(not(feature = "parquet"))]
fn parquet(_: Vec<u8>, _: &Options) -> Result<Table, FileError> {
    not_built_in("Parquet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_extensions() {
        for (name, expected) in [
            ("AAPL.csv", Some("AAPL")),
            ("BRK.B.CSV.gz", Some("BRK.B")),
            ("0700.HK.Parquet", Some("0700.HK")),
            ("AAPL.arrows", Some("AAPL")),
            ("AAPL", None),
            (".csv", None),
            ("AAPL.gz", None),
            ("AAPL.xlsx", None),
            ("É.csv", Some("É")),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }
}
