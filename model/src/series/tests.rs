use std::{fs::File, path::Path, sync::Arc};

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;

use super::*;

const HEADER: &str = "symbol,date,open,high,low,close,adj_close,volume\n";

fn symbol() -> Symbol {
    "X".parse().unwrap()
}

fn read_text(text: &str) -> Result<Vec<DailyRow>, DataError> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("X.csv"), text).unwrap();
    read_symbol(dir.path(), &symbol())
}

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
}

#[test]
fn folders_without_bars_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let error = read_symbol(dir.path(), &symbol()).unwrap_err();
    assert!(error.to_string().contains("there are none"), "{error}");
    let error = read_folder(dir.path()).unwrap_err();
    assert!(error.to_string().contains("SYMBOL.csv"), "{error}");
    let error = read_folder(Path::new("nowhere")).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
    for (manifest, problem) in [("symbol\nX\n", "no bars of X"), ("name\nX\n", "symbol")] {
        std::fs::write(dir.path().join("manifest.csv"), manifest).unwrap();
        let error = read_folder(dir.path()).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn a_manifest_gives_order_and_first_origins() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["A", "B", "C"] {
        let rows = format!("{HEADER}{name},2012-09-04,2,3,1,2,1,7\n");
        std::fs::write(dir.path().join(format!("{name}.csv")), rows).unwrap();
    }
    let manifest = "symbol,rows,eval_start\nC,1,2012-09-04\nA,1,\n";
    std::fs::write(dir.path().join("manifest.csv"), manifest).unwrap();
    let series = read_folder(dir.path()).unwrap();
    let names: Vec<&str> = series.iter().map(|one| one.symbol.as_str()).collect();
    assert_eq!(names, ["C", "A"]);
    assert_eq!(series[0].eval_start, Some(jiff::civil::date(2012, 9, 4)));
    assert_eq!(series[1].eval_start, None);
    // Prices in proportion to the adjusted close.
    assert_eq!((series[0].bars[0].high, series[0].bars[0].close, series[0].closes[0]), (1.5, 1.0, 2.0));
}

#[test]
fn the_recorded_bars_are_a_folder() {
    let series = read_folder(Path::new("../public/replay")).unwrap();
    assert_eq!(series.len(), 5);
    assert!(
        series.iter().all(|one| one.bars.len() == one.dates.len() && one.closes.len() == one.dates.len())
    );
}

/// Dates as text and volumes as integers, as some tools write them.
fn table(dates: [&str; 2], close: f64) -> RecordBatch {
    let prices = |value: f64| Arc::new(Float64Array::from(vec![value, value])) as ArrayRef;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("date", Arc::new(StringArray::from(dates.to_vec()))),
        ("open", prices(2.0)),
        ("high", prices(3.0)),
        ("low", prices(1.0)),
        ("close", prices(close)),
        ("volume", Arc::new(Int64Array::from(vec![7, 8]))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn write(dir: &Path, extension: &str, table: &RecordBatch) {
    let file = File::create(dir.join(format!("X.{extension}"))).unwrap();
    if extension == "arrow" {
        let mut writer = FileWriter::try_new(file, table.schema_ref()).unwrap();
        writer.write(table).unwrap();
        writer.finish().unwrap();
    } else {
        let mut writer = ArrowWriter::try_new(file, table.schema(), None).unwrap();
        writer.write(table).unwrap();
        writer.close().unwrap();
    }
}

#[test]
fn arrow_and_parquet_read_as_csv_does() {
    let text = "date,open,high,low,close,volume\n2012-09-04,2,3,1,2.5,7\n2012-09-05,2,3,1,2.5,8\n";
    let expected = read_text(text).unwrap();
    for extension in ["arrow", "parquet"] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), extension, &table(["2012-09-04", "2012-09-05"], 2.5));
        assert_eq!(read_symbol(dir.path(), &symbol()).unwrap(), expected);
        for (bad, advice) in [
            (table(["2012-09-05", "2012-09-04"], 2.5), "row 2: 2012-09-04 follows 2012-09-05; sort"),
            (table(["2012-09-04", "2012-09-05"], 5.0), "row 1: open or close lies outside low..high"),
            (
                table(["2012-09-04", "2012-09-05"], 2.5).project(&[0, 1, 2, 3, 4]).unwrap(),
                "\"volume\" is missing",
            ),
            (table(["2012-09-04", "soon"], 2.5), "gaps"),
        ] {
            write(dir.path(), extension, &bad);
            let error = read_symbol(dir.path(), &symbol()).unwrap_err().to_string();
            assert!(error.contains(&format!("X.{extension}")) && error.contains(advice), "{error}");
        }
        std::fs::write(dir.path().join(format!("X.{extension}")), "no table").unwrap();
        let error = read_symbol(dir.path(), &symbol()).unwrap_err().to_string();
        assert!(error.contains("not a readable"), "{error}");
    }
}
