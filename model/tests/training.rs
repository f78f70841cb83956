//! `tickwise train` from the outside: the same seed, and a run that is killed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use tickwise_replay::Recording;

/// The first years of two symbols, of which the last days measure.
fn write_bars(dir: &Path) {
    let mut until = String::new();
    for symbol in ["AAPL", "IBM"] {
        let recording =
            Recording::from_arrow(&std::fs::read(format!("../public/replay/{symbol}.arrow")).unwrap())
                .unwrap();
        let mut text = String::from("date,open,high,low,close,adj_close,volume\n");
        for day in recording.days().iter().take(560) {
            let [open, high, low, close] = [day.open, day.high, day.low, day.close];
            writeln!(text, "{},{open},{high},{low},{close},{},{}", day.date, day.adj_close, day.volume)
                .unwrap();
        }
        std::fs::write(dir.join(format!("{symbol}.csv")), text).unwrap();
        until = recording.days()[540].date.to_string();
    }
    let config = format!("trained_until = \"{until}\"\n[training]\nepochs = 4\n");
    std::fs::write(dir.join("quick.toml"), config).unwrap();
}

fn train(bars: &Path, out: &Path, seed: u64) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
    command.arg("train").arg(bars).arg("--config").arg(bars.join("quick.toml")).arg("--out").arg(out);
    command.args(["--seed", &seed.to_string()]);
    command
}

fn finished(mut command: Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn files(out: &Path) -> [Vec<u8>; 3] {
    ["model.safetensors", "manifest.json", "curves.json"].map(|name| std::fs::read(out.join(name)).unwrap())
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_a_killed_run_goes_on_to_them() {
    let dir = tempfile::tempdir().unwrap();
    write_bars(dir.path());
    let [whole, again, other, killed] =
        ["whole", "again", "other", "killed"].map(|name| dir.path().join(name));
    finished(train(dir.path(), &whole, 5));
    finished(train(dir.path(), &again, 5));
    finished(train(dir.path(), &other, 6));
    assert_eq!(files(&whole), files(&again));
    assert_ne!(files(&whole)[0], files(&other)[0]);

    // The second network is being trained: the checkpoint of the first is written.
    let mut run = train(dir.path(), &killed, 5).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("network 2 of 3")));
    run.kill().unwrap();
    run.wait().unwrap();
    let resumed = finished(train(dir.path(), &killed, 5));
    let said = String::from_utf8_lossy(&resumed.stderr).into_owned();
    assert!(said.contains("network 1: taken from the last run"), "{said}");
    assert_eq!(files(&whole), files(&killed));
}
