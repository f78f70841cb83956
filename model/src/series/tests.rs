use std::{
    fs::{self, File},
    path::Path,
    sync::Arc,
};

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use tickwise_files::Options;

use super::*;

const HEADER: &str = "symbol,date,open,high,low,close,adj_close,volume\n";

fn symbol() -> Symbol {
    "X".parse().unwrap()
}

/// Reads the days of X.
fn read_days(dir: &Path) -> Result<Vec<DailyRow>, DataError> {
    read_symbol(dir, &symbol(), &Options::default())
        .map(|bars| bars.rows.iter().map(DailyRow::from).collect())
}

fn read_all(dir: &Path) -> Result<Vec<Series>, DataError> {
    read_folder(dir, &Options::default()).map(|folder| folder.series)
}

fn read_text(text: &str) -> Result<Vec<DailyRow>, DataError> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("X.csv"), text).unwrap();
    read_days(dir.path())
}

/// Days of a symbol that nobody could take for another's.
fn days(name: &str) -> String {
    format!("{HEADER}{name},2012-09-04,2,3,1,2,1,7\n")
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
        ("X,2012-09-04,2,3,1,2,1,7\nX,2012-09-04,2,3,1,2,1,8\n", "line 3", "remove one of the two rows"),
        ("X,2012-09-04,2,3,1,2,1,-7\n", "line 2", "volume is negative"),
        ("X,2012-09-04,2,1,1,2,1,7\n", "line 2", "outside low"),
        ("X,2012-09-04,NaN,3,1,2,1,7\n", "line 2", "column \"open\" is empty"),
        ("X,2012-09-04,two,3,1,2,1,7\n", "line 2", "\"two\", no number"),
        ("X,2012-09-04,2,3\n", "line 2", "4 fields"),
        ("X,2012-09-04,2,inf,1,2,1,7\n", "line 2", "infinite"),
    ] {
        let error = read_text(&format!("{HEADER}{rows}")).unwrap_err().to_string();
        assert!(error.contains(line) && error.contains(advice), "{error}");
    }
    for (text, advice) in [("", "empty"), (HEADER, "no rows"), ("date,open\n2012-09-04,2\n", "known as high")]
    {
        let error = read_text(text).unwrap_err().to_string();
        assert!(error.contains("X.csv: ") && error.contains(advice), "{error}");
    }
}

#[test]
fn folders_without_bars_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let error = read_days(dir.path()).unwrap_err();
    assert!(error.to_string().contains("there are none"), "{error}");
    let error = read_all(dir.path()).unwrap_err();
    assert!(error.to_string().contains("SYMBOL.csv"), "{error}");
    let error = read_all(Path::new("nowhere")).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
    for (manifest, problem) in [("symbol\nX\n", "no bars of X"), ("name\nX\n", "symbol")] {
        fs::write(dir.path().join("manifest.csv"), manifest).unwrap();
        let error = read_all(dir.path()).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn a_manifest_gives_order_and_first_origins() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["A", "B", "C"] {
        fs::write(dir.path().join(format!("{name}.csv")), days(name)).unwrap();
    }
    let manifest = "symbol,rows,eval_start\nC,1,2012-09-04\nA,1,\n";
    fs::write(dir.path().join("manifest.csv"), manifest).unwrap();
    let series = read_all(dir.path()).unwrap();
    let names: Vec<&str> = series.iter().map(|one| one.symbol.as_str()).collect();
    assert_eq!(names, ["C", "A"]);
    assert_eq!(series[0].eval_start, Some(jiff::civil::date(2012, 9, 4)));
    assert_eq!(series[1].eval_start, None);
    // Prices in proportion to the adjusted close.
    assert_eq!((series[0].bars[0].high, series[0].bars[0].close, series[0].closes[0]), (1.5, 1.0, 2.0));
}

#[test]
fn the_recorded_bars_are_a_folder() {
    let series = read_all(Path::new("../public/replay")).unwrap();
    assert_eq!(series.len(), 5);
    assert!(
        series.iter().all(|one| one.bars.len() == one.dates.len() && one.closes.len() == one.dates.len())
    );
}

#[test]
fn one_bad_file_stops_nothing_but_itself() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    put("GOOD.csv", &days("GOOD"));
    put("BAD.csv", "date,open\n2012-09-04,2\n");
    put("CL=F.csv", "date,open,high,low,close\n2020-04-20,17,18,-40.32,-37.63\n");
    put("aapl.csv", &days("AAPL"));
    put("AAPL.CSV.gz", "");
    put("MINUTES.csv", "time,open,high,low,close\n2012-09-04T13:30Z,1,1,1,1\n2012-09-04T13:31Z,1,1,1,1\n");
    let Folder { series, failures } = read_folder(dir.path(), &Options::default()).unwrap();
    assert_eq!(series.iter().map(|one| one.symbol.as_str()).collect::<Vec<_>>(), ["GOOD"]);
    let error = failures.finish().unwrap_err().to_string();
    for said in [
        "4 files were left out",
        "BAD.csv: ",
        "CL=F.csv: the price -40.32 on 2020-04-20 is not positive",
        "AAPL.CSV.gz and aapl.csv in ",
        "MINUTES.csv has bars of parts of a day",
    ] {
        assert!(error.contains(said), "{error}");
    }
    // Of one symbol only that symbol's file is read; where logarithms are not needed, any price will do.
    let bars = read_symbol(dir.path(), &"CL=F".parse().unwrap(), &Options::default()).unwrap();
    assert_eq!(bars.rows[0].bar.close, -37.63);
}

#[test]
fn names_of_files_are_symbols_or_passed_over_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let names = ["M&M.NS", "BTC_USDT", "^GSPC", "EURUSD=X", "0700.HK", "BRK.B", "NA", "TRUE"];
    for name in names {
        fs::write(dir.path().join(format!("{name}.csv")), days("X")).unwrap();
    }
    fs::write(dir.path().join("%5EDJI.csv"), days("X")).unwrap();
    for name in ["my file.csv", "notes.md", ".hidden", "_SUCCESS"] {
        fs::write(dir.path().join(name), "").unwrap();
    }
    fs::create_dir_all(dir.path().join("minutes/IBM")).unwrap();
    assert_eq!(read_all(dir.path()).unwrap().len(), names.len() + 1);
    for name in names.iter().chain(&["^DJI", "m&m.ns"]) {
        assert!(read_symbol(dir.path(), &name.parse().unwrap(), &Options::default()).is_ok(), "{name}");
    }
    let error = read_days(dir.path()).unwrap_err().to_string();
    for said in ["passed over my file.csv: their names are no symbols", "notes.md: not CSV, Arrow or Parquet"]
    {
        assert!(error.contains(said), "{error}");
    }
    assert!(!error.contains("hidden") && !error.contains("minutes"), "{error}");
}

#[test]
fn a_folder_of_parts_is_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let years = dir.path().join("X.parquet");
    for (year, dates) in [("2012", ["2012-12-28", "2012-12-31"]), ("2013", ["2013-01-02", "2013-01-03"])] {
        fs::create_dir_all(years.join(format!("year={year}"))).unwrap();
        write(&years.join(format!("year={year}/part-0.parquet")), &table(dates, 2.5));
    }
    fs::write(years.join("_SUCCESS"), "").unwrap();
    assert_eq!(read_days(dir.path()).unwrap().len(), 4);
    fs::write(years.join("year=2013/part-1.parquet"), "PAR1").unwrap();
    let error = read_days(dir.path()).unwrap_err().to_string();
    assert!(error.contains("X.parquet, year=2013/part-1.parquet: it is Parquet that is damaged"), "{error}");
}

#[test]
fn a_large_file_of_something_else_is_refused_by_its_head() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("X.csv");
    fs::write(&path, "a,b\n1,2\n").unwrap();
    // Nothing is stored of what lies between.
    File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
    let error = read_days(dir.path()).unwrap_err().to_string();
    assert!(error.contains("X.csv: its first line"), "{error}");
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

fn write(path: &Path, table: &RecordBatch) {
    let file = File::create(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "arrow") {
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
        let path = dir.path().join(format!("X.{extension}"));
        write(&path, &table(["2012-09-04", "2012-09-05"], 2.5));
        assert_eq!(read_days(dir.path()).unwrap(), expected);
        for (bad, advice) in [
            (table(["2012-09-04", "2012-09-05"], 5.0), "row 1: open 2 or close 5 lies outside"),
            (table(["2012-09-04", "2012-09-05"], 2.5).project(&[0, 1, 2, 3, 5]).unwrap(), "known as close"),
            (table(["2012-09-04", "soon"], 2.5), "row 2: column \"date\" holds \"soon\", no date"),
        ] {
            write(&path, &bad);
            let error = read_days(dir.path()).unwrap_err().to_string();
            assert!(error.contains(&format!("X.{extension}")) && error.contains(advice), "{error}");
        }
        let magic = if extension == "arrow" { "ARROW1, no table" } else { "PAR1, no table" };
        fs::write(&path, magic).unwrap();
        let error = read_days(dir.path()).unwrap_err().to_string();
        assert!(error.contains("damaged or cut off"), "{error}");
        fs::write(&path, "no table").unwrap();
        let error = read_days(dir.path()).unwrap_err().to_string();
        assert!(error.contains("no names of columns"), "{error}");
    }
}
