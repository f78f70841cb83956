//! `tickwise verify-record`: what holds, what does not, and where.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

/// Made by another program: `shared/record/tests/golden/record.py`.
const RECORD: &str = include_str!("../../shared/record/tests/golden/record.json");

fn verify(record: &str, options: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
    command.args(["verify-record", "-"]).args(options);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(record.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = process.wait_with_output().unwrap();
    (status.success(), String::from_utf8(if status.success() { stdout } else { stderr }).unwrap())
}

fn changed(change: impl FnOnce(&mut Value)) -> (bool, String) {
    let mut record: Value = serde_json::from_str(RECORD).unwrap();
    change(&mut record);
    verify(&record.to_string(), &[])
}

#[test]
fn a_record_that_holds_is_summed_up() {
    let (ok, text) = verify(RECORD, &[]);
    assert!(ok && text.starts_with("IBM: 8 entries hold, up to number 8 with hash "), "{text}");
    assert!(text.contains("replayed: 2 forecasts from 2012-09-04 to 2012-09-06"), "{text}");
}

#[test]
fn what_was_tampered_with_is_named() {
    for (change, expected) in [
        (
            Box::new(|r: &mut Value| r["entries"][1]["entry"]["quantiles"][0][6] = json!(0.5))
                as Box<dyn FnOnce(&mut Value)>,
            "entry 2: hash: the entry's bytes give",
        ),
        (
            Box::new(|r: &mut Value| drop(r["entries"].as_array_mut().unwrap().remove(3))),
            "entry 5: number: expected 4 after 3",
        ),
        (
            Box::new(|r: &mut Value| r["entries"].as_array_mut().unwrap().swap(1, 2)),
            "entry 3: number: expected 2 after 1",
        ),
        (
            Box::new(|r: &mut Value| r["entries"][2]["outcomes"][0]["realised"] = json!(0.1)),
            "entry 3: outcomes[0].realised: 0.1",
        ),
    ] {
        let (ok, text) = changed(change);
        assert!(!ok && text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn a_hash_noted_earlier_has_to_be_in_the_chain() {
    let record: Value = serde_json::from_str(RECORD).unwrap();
    assert!(verify(RECORD, &["--expect", record["entries"][4]["hash"].as_str().unwrap()]).0);
    let (ok, text) = verify(RECORD, &["--expect", &"7".repeat(64)]);
    assert!(!ok && text.contains("history was rewritten"), "{text}");
}

#[test]
fn what_is_no_record_is_said() {
    let (ok, text) = verify("{}", &[]);
    assert!(!ok && text.contains("this is no record of forecasts"), "{text}");
}
