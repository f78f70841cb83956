//! Whole files of bars: CSV, Arrow and Parquet.

use tickwise_files::{Options, read};

use super::texts as of_texts;

/// A file of `tests/layouts`.
macro_rules! layout {
    ($path:literal) => {
        include_bytes!(concat!("../../../layouts/files/", $path)).to_vec()
    };
}

pub fn check(input: &[u8]) -> bool {
    let read = read(input.to_vec(), "X", &Options::default());
    match &read {
        Ok(bars) => {
            let times: Vec<_> = bars.rows.iter().map(|row| (row.when.date(), row.bar.time_ms)).collect();
            assert!(!times.is_empty() && times.is_sorted(), "rows are out of order");
            for row in &bars.rows {
                assert_eq!(row.bar.validated(), Ok(row.bar));
                assert!(!row.when.to_string().is_empty());
            }
            bars.notes.iter().for_each(|note| assert!(!note.to_string().is_empty()));
        }
        Err(error) => assert!((1..2_000).contains(&error.to_string().len()), "{error}"),
    }
    read.is_ok()
}

pub fn texts() -> Vec<Vec<u8>> {
    let mut seeds = of_texts([
        "date,open,high,low,close,volume\n2012-09-04,2,3,1,2,7\n2012-09-05,2,3,1,2,8\n",
        "\u{feff}Date;Open;High;Low;Close\r\n04.09.2012;1.665,76;1.675,14;1.664,5;1.674,97\r\n28.09.2012;\"2\";3;1;2\r\n",
        "sep=\t\n<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<VOL>\n20120904\t093000\t2\t3\t1\t2\t11.7M\n",
        "Price,Close,High,Low,Open\nTicker,X,X,X,X\nDate,,,,\n2012-09-04 00:00:00-04:00,2,3,1,2\n",
        "# made up\ntimestamp open high low close\n1346716800000 $2 3 1 null\n1346803200000 -2 3 -4 2e0\n",
        "time,open,high,low,close\n2012-09-04T09:30:00.5Z,2,3,1,2\n2012-09-04 09:31 PM EST,2,3,1,2\nSep 4th 2012,1,1,1,1\n",
    ]);
    seeds.push(
        "date,open,high,low,close\n2012-09-04,1,1,1,1\n".encode_utf16().flat_map(u16::to_le_bytes).collect(),
    );
    seeds.push(layout!("pandas-csv-gz/X.csv.gz"));
    seeds
}

pub fn arrow() -> Vec<Vec<u8>> {
    vec![
        layout!("polars-ipc-lz4/X.arrow"),
        layout!("polars-ipc-zstd/X.arrow"),
        layout!("polars-ipc-stream/X.arrow"),
        layout!("polars-ipc-string-view-dates/X.arrow"),
        layout!("pandas-feather-default/X.arrow"),
        layout!("pyarrow-date64/X.arrow"),
    ]
}

pub fn parquet() -> Vec<Vec<u8>> {
    vec![
        layout!("pandas-parquet-europe-berlin/X.parquet"),
        layout!("duckdb-parquet-decimal/X.parquet"),
        layout!("pyarrow-dictionary-dates/X.parquet"),
        layout!("pyarrow-int96/X.parquet"),
        layout!("polars-parquet-zstd/X.parquet"),
        layout!("polars-parquet-lz4/X.parquet"),
        layout!("polars-parquet-brotli/X.parquet"),
        layout!("polars-parquet-gzip/X.parquet"),
    ]
}
