//! `tickwise predict SYMBOL` writes prices with the digits that they have, and says what is
//! not known of the days ahead.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{fmt::Write, path::Path, process::Command};

use jiff::civil::Date;
use tickwise_market::Calendar;
use tickwise_replay::Recording;

/// IBM's first 150 recorded days at another level, from another day on.
fn write_bars(dir: &Path, symbol: &str, level: f64, after: Date) {
    let recording = Recording::from_arrow(&std::fs::read("../public/replay/IBM.arrow").unwrap()).unwrap();
    let mut text = String::from("date,open,high,low,close,volume\n");
    for (day, date) in recording.days().iter().zip(Calendar::Nyse.planned_after(after)).take(150) {
        let [open, high, low, close] = [day.open, day.high, day.low, day.close].map(|price| price * level);
        writeln!(text, "{date},{open},{high},{low},{close},{}", day.volume).unwrap();
    }
    std::fs::write(dir.join(format!("{symbol}.csv")), text).unwrap();
}

fn predict(level: f64, after: Date) -> String {
    let dir = tempfile::tempdir().unwrap();
    write_bars(dir.path(), "X", level, after);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
    let run = command.current_dir("..").args(["predict", "X", "--data"]).arg(dir.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

/// The prices of the first day.
fn prices(text: &str) -> Vec<f64> {
    let row = text.lines().find(|line| line.starts_with("   1 ")).unwrap();
    row.split_whitespace().skip(1).map(|price| price.parse().unwrap()).collect()
}

#[test]
fn quantiles_differ_at_every_level() {
    let usual = prices(&predict(1.0, jiff::civil::date(2020, 1, 1)));
    for level in [1e-7, 1e-3, 1e6] {
        let text = predict(level, jiff::civil::date(2020, 1, 1));
        let prices = prices(&text);
        assert_eq!(prices.len(), 7, "{text}");
        assert!(prices.array_windows().all(|[lower, higher]| lower < higher), "{text}");
        for (price, usual) in prices.iter().zip(&usual) {
            assert!((price / (usual * level) - 1.0).abs() < 2e-4, "{text}");
        }
    }
}

#[test]
fn dates_that_nobody_has_announced_are_said() {
    let says =
        |after| predict(1.0, after).contains("Federal Reserve's decisions are known from 1998 to 2027");
    assert!(!says(jiff::civil::date(2020, 1, 1)));
    assert!(says(jiff::civil::date(2030, 1, 1)));
}
