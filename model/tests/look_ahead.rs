//! `tickwise predict` as a scorer runs it, with the future scrambled.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{fmt::Write, path::Path, process::Command};

use tickwise_replay::Recording;

/// Row after which everything is another price path.
const CUT: usize = 700;

fn write_bars(dir: &Path, scrambled: bool) {
    let recording = Recording::from_arrow(&std::fs::read("../public/replay/IBM.arrow").unwrap()).unwrap();
    let mut text = String::from("symbol,date,open,high,low,close,adj_close,volume\n");
    for (index, day) in recording.days().iter().take(900).enumerate() {
        let factor = if scrambled && index > CUT { 1.0 + 0.3 * (index as f64 * 12.9898).sin() } else { 1.0 };
        let [open, high, low, close, adjusted] =
            [day.open, day.high, day.low, day.close, day.adj_close].map(|price| price * factor);
        let volume = day.volume * factor;
        writeln!(text, "IBM,{},{open},{high},{low},{close},{adjusted},{volume}", day.date).unwrap();
    }
    std::fs::write(dir.join("IBM.csv"), text).unwrap();
    std::fs::write(
        dir.join("manifest.csv"),
        format!("symbol,eval_start\nIBM,{}\n", recording.days()[500].date),
    )
    .unwrap();
}

fn predict(dir: &Path) -> Vec<String> {
    let output = dir.join("pred.csv");
    let run = Command::new(env!("CARGO_BIN_EXE_tickwise"))
        .current_dir("..")
        .args(["predict", "--every", "5", "--horizons", "1,5,10,20", "--data"])
        .arg(dir)
        .arg("--output")
        .arg(&output)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    std::fs::read_to_string(output).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_forecast_knows_nothing_of_what_comes_later() {
    let [real, other] = [false, true].map(|scrambled| {
        let dir = tempfile::tempdir().unwrap();
        write_bars(dir.path(), scrambled);
        predict(dir.path())
    });
    assert_eq!(real[0], "symbol,origin_date,horizon,q05,q10,q25,q50,q75,q90,q95,p_up,vol");
    assert_eq!(real.len(), 1 + 4 * 80);
    let known = 1 + 4 * ((CUT - 500) / 5 + 1);
    assert_eq!(real[..known], other[..known]);
    assert!(real[known..].iter().zip(&other[known..]).all(|(real, other)| real != other));
}
