//! `tickwise predict --output` on a folder in which some symbols are young.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{fmt::Write, path::Path, process::Command};

use tickwise_replay::Recording;

fn write_bars(dir: &Path, symbol: &str, rows: usize) {
    let recording = Recording::from_arrow(&std::fs::read("../public/replay/IBM.arrow").unwrap()).unwrap();
    let mut text = String::from("date,open,high,low,close,adj_close,volume\n");
    for day in recording.days().iter().take(rows) {
        let [open, high, low, close] = [day.open, day.high, day.low, day.close];
        writeln!(text, "{},{open},{high},{low},{close},{},{}", day.date, day.adj_close, day.volume).unwrap();
    }
    std::fs::write(dir.join(format!("{symbol}.csv")), text).unwrap();
}

#[test]
fn young_symbols_are_named_and_the_others_forecast() {
    let dir = tempfile::tempdir().unwrap();
    for (symbol, rows) in [("BABY", 57), ("CHILD", 150), ("TEEN", 510)] {
        write_bars(dir.path(), symbol, rows);
    }
    let output = dir.path().join("pred.txt");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
    command.current_dir("..").args(["predict", "--every", "5", "--data"]).arg(dir.path());
    let run = command.arg("--output").arg(&output).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{said}");
    assert!(said.contains("BABY: 57 rows in BABY.csv, a forecast needs 100"), "{said}");
    assert!(said.contains("CHILD: 11 origins have fewer than 500 rows"), "{said}");
    assert!(said.contains("TEEN: 80 origins have fewer than 500 rows"), "{said}");
    let rows = std::fs::read_to_string(output).unwrap();
    let count = |symbol: &str| rows.lines().filter(|row| row.starts_with(symbol)).count();
    assert_eq!([count("BABY"), count("CHILD"), count("TEEN")], [0, 4 * 11, 4 * 83]);
}
