//! `tickwise indicators` as a user runs it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::process::{Command, Output};

fn tickwise(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tickwise")).args(args).output().unwrap()
}

#[test]
fn prints_a_column_an_output_and_adjusts_on_request() {
    let dir = tempfile::tempdir().unwrap();
    let rows = "symbol,date,open,high,low,close,adj_close,volume\n\
        X,2003-02-13,46,48,46,47,23.5,100\n\
        X,2003-02-14,47,49,46,48,24,100\n\
        X,2003-02-18,24,26,24,25,25,200\n";
    std::fs::write(dir.path().join("X.csv"), rows).unwrap();
    let data = dir.path().to_str().unwrap();
    let run = |more: &[&str]| {
        let args =
            [&["indicators", "X", "--data", data, "--name", "sma(2)", "--name", "roc(1)"], more].concat();
        let output = tickwise(&args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let raw = run(&["--format", "csv"]);
    let lines: Vec<&str> = raw.lines().collect();
    assert_eq!(lines[..2], ["date,sma_2,roc_1", "2003-02-13,,"]);
    assert!(lines[3].starts_with("2003-02-18,36.5,-47.9"), "{raw}");
    let adjusted = run(&["--adjusted"]);
    assert!(adjusted.lines().last().unwrap().starts_with("2003-02-18,24.5,4.16"), "{adjusted}");
}

/// Twenty for one: `RAW.csv` with `adj_close`, `DONE.csv` adjusted by hand (made-up prices).
#[test]
fn adjusted_bars_give_what_bars_adjusted_by_hand_give() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/split");
    let names = tickwise_indicators::REGISTRY.iter().flat_map(|definition| ["--name", definition.name]);
    let names: Vec<&str> = names.collect();
    let run = |symbol: &str, more: &[&str]| {
        let output = tickwise(&[&["indicators", symbol, "--data", dir], &names[..], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect()
    };
    let (raw, done): (Vec<Vec<String>>, Vec<Vec<String>>) = (run("RAW", &["--adjusted"]), run("DONE", &[]));
    assert_eq!((raw.len(), &raw[0]), (done.len(), &done[0]));
    let column = raw[0].iter().position(|name| name == "mfi_14").unwrap();
    let day = raw.iter().find(|row| row[0] == "2022-07-04").unwrap();
    assert_eq!(format!("{:.2}", day[column].parse::<f64>().unwrap()), "36.75");
    for (column, name) in raw[0].iter().enumerate().skip(1) {
        let values = |rows: &[Vec<String>]| -> Vec<Option<f64>> {
            rows[1..].iter().map(|row| row[column].parse().ok()).collect()
        };
        let (ours, right) = (values(&raw), values(&done));
        let largest = right.iter().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        for (row, pair) in ours.into_iter().zip(right).enumerate() {
            let is_right = match pair {
                (Some(ours), Some(right)) => (ours - right).abs() <= 1e-9 * largest,
                (ours, right) => ours == right,
            };
            assert!(is_right, "{name} in row {row}: {pair:?}");
        }
    }
}

#[test]
fn a_year_has_the_days_of_the_market() {
    let dir = tempfile::tempdir().unwrap();
    let days = jiff::civil::date(2024, 1, 1).series(jiff::Span::new().days(1)).take(30);
    let rows = days.map(|day| format!("{day},1,1,1,1,1\n")).collect::<String>();
    std::fs::write(dir.path().join("COIN.csv"), format!("date,open,high,low,close,volume\n{rows}")).unwrap();
    let output =
        tickwise(&["indicators", "COIN", "--data", dir.path().to_str().unwrap(), "--name", "volatility"]);
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("date,volatility_20_365\n"));
}

#[test]
fn refusals_say_what_there_is() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("X.csv"), "date,open,high,low,close,volume\n2003-02-13,1,1,1,1,1\n")
        .unwrap();
    let data = dir.path().to_str().unwrap();
    for (args, advice) in [
        (vec!["indicators", "Y", "--data", data, "--name", "sma"], "there are X"),
        (vec!["indicators", "X", "--data", data, "--name", "smaa"], "there are sma"),
        (vec!["indicators", "X", "--data", data, "--name", "sma(0)"], "from 1 to 1000"),
        (vec!["indicators", "X", "--data", data, "--name", "sma", "--adjusted"], "adj_close"),
        (vec!["indicators", "X", "--data", data], "--name"),
    ] {
        let output = tickwise(&args);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(advice), "{text}");
    }
}
