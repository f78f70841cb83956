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
