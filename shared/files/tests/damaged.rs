//! Files whose bytes were changed or cut off are read or refused; none stops the program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use proptest::prelude::*;
use tickwise_files::{Options, read};

const LAYOUTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/layouts/files");

/// A file of each writer, container and codec.
const FILES: [&str; 14] = [
    "pandas-csv-gz/X.csv.gz",
    "pandas-feather-default/X.arrow",
    "pandas-parquet-europe-berlin/X.parquet",
    "polars-ipc-lz4/X.arrow",
    "polars-ipc-stream/X.arrow",
    "polars-ipc-string-view-dates/X.arrow",
    "polars-parquet-brotli/X.parquet",
    "polars-parquet-gzip/X.parquet",
    "polars-parquet-lz4/X.parquet",
    "polars-parquet-snappy/X.parquet",
    "duckdb-parquet-decimal/X.parquet",
    "pyarrow-date64/X.arrow",
    "pyarrow-dictionary-dates/X.parquet",
    "pyarrow-int96/X.parquet",
];

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{LAYOUTS}/{name}")).unwrap()
}

#[test]
fn the_files_are_sound() {
    for name in FILES {
        assert_eq!(read(file(name), name, &Options::default()).unwrap().rows.len(), 60, "{name}");
    }
}

#[test]
fn a_file_cut_off_is_refused_in_plain_words() {
    for name in FILES {
        let whole = file(name);
        for length in (0..whole.len()).step_by(97) {
            // A stream without its end is whole where a batch ends.
            let Err(error) = read(whole[..length].to_vec(), name, &Options::default()) else { continue };
            let error = error.to_string();
            assert!(error.len() < 400 && !error.contains("Error"), "{name}, {length} bytes: {error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_change_of_bytes_stops_the_program(
        name in prop::sample::select(FILES.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        near_the_end in any::<bool>(),
    ) {
        let mut bytes = file(name);
        // What describes the data is at the end of most.
        let start = if near_the_end { bytes.len().saturating_sub(1_500) } else { 0 };
        for (at, byte) in changes {
            let at = start + at.index(bytes.len() - start);
            bytes[at] = byte;
        }
        if let Err(error) = read(bytes, name, &Options::default()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
