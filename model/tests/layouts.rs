//! Bars as people have them (`tests/layouts`, written by the real writers) through the command.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{
    path::Path,
    process::{Command, Output},
};

const LAYOUTS: &str = "../tests/layouts";

fn indicators(folder: &str, more: &[&str]) -> Output {
    let names: &[&str] = if more.contains(&"--name") {
        &[]
    } else {
        &["--name", "rsi(14)", "--name", "sma(3)", "--name", "obv"]
    };
    let data = Path::new(LAYOUTS).join("files").join(folder);
    Command::new(env!("CARGO_BIN_EXE_tickwise"))
        .args(["indicators", "X", "--data", data.to_str().unwrap()])
        .args(names)
        .args(more)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What is wrong with a table of indicators, if anything.
fn difference(have: &str, want: &str) -> Option<String> {
    let (have, want): (Vec<&str>, Vec<&str>) = (have.lines().collect(), want.lines().collect());
    if have.len() != want.len() {
        return Some(format!("{} lines instead of {}", have.len(), want.len()));
    }
    let is_close = |(a, b): (&str, &str)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
        _ => a == b,
    };
    let is_same = |(a, b): &(&&str, &&str)| a.split(',').zip(b.split(',')).all(is_close);
    have.iter().zip(&want).find(|pair| !is_same(pair)).map(|(a, b)| format!("{a} instead of {b}"))
}

/// What is wrong with what the command makes of a layout, if anything.
fn fault(layout: &str, gives: &str, options: &[&str]) -> Option<String> {
    let output = indicators(layout, options);
    let (have, said) = (text(&output.stdout), text(&output.stderr));
    if gives == "refused" {
        let is_one_sentence = said.lines().count() == 1 && said.len() < 400 && said.contains("X");
        return (output.status.code() != Some(1) || !is_one_sentence)
            .then(|| format!("not refused in a sentence: {said}"));
    }
    if !output.status.success() {
        return Some(said);
    }
    let names: Vec<&str> =
        options.iter().copied().filter(|word| ["--name", "sma(3)"].contains(word)).collect();
    let of = |base: &str, more: &[&str]| text(&indicators(base, more).stdout);
    match gives {
        "same" => difference(&have, &of("base", &names)),
        "adjusted" => difference(&have, &of("base-adjusted", &["--adjusted"])),
        "days" => difference(&have, &of("base-less", &names))
            .or_else(|| (!said.contains("1 row without prices left out")).then(|| format!("silent: {said}"))),
        "minutes" => {
            (have.lines().count() != 391).then(|| format!("{} lines of 390 minutes", have.lines().count()))
        }
        "base" => None,
        other => Some(format!("{other} is no result")),
    }
}

#[test]
fn every_layout_is_read_or_refused() {
    let mut reader = csv::Reader::from_path(Path::new(LAYOUTS).join("layouts.csv")).unwrap();
    let mut faults = Vec::new();
    let mut count = 0;
    for record in reader.records() {
        let record = record.unwrap();
        let options: Vec<&str> = record[2].split_whitespace().collect();
        faults
            .extend(fault(&record[0], &record[1], &options).map(|fault| format!("{}: {fault}", &record[0])));
        count += 1;
    }
    assert!(faults.is_empty(), "{} of {count} layouts are wrong:\n{}", faults.len(), faults.join("\n"));
    assert!(count > 130, "{count} layouts");
}
