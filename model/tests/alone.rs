//! `tickwise` in an empty folder, without environment and without a checkout.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use tickwise_replay::Recording;

fn command(dir: &Path, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
    command.current_dir(dir).env_clear().args(args.split_whitespace());
    command
}

fn run(dir: &Path, args: &str) -> Output {
    command(dir, args).output().unwrap()
}

fn empty() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a command that succeeds prints.
fn printed(dir: &Path, args: &str) -> String {
    let output = run(dir, args);
    assert_eq!(output.status.code(), Some(0), "{args}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn document(dir: &Path, args: &str) -> Value {
    let printed = printed(dir, args);
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{args}: {error}: {printed:.200}"))
}

#[test]
fn it_forecasts_from_what_is_built_in_and_says_so() {
    let dir = empty();
    let told = printed(dir.path(), "predict AAPL");
    assert!(told.starts_with("AAPL from its close of 430.47 on 2013-03-01, by mlp-"), "{told}");
    let bars = "Bars: the recordings built into tickwise, 3270 from 2000-03-01 to 2013-03-01.";
    assert!(told.contains(bars) && told.contains("Model: built into tickwise."), "{told}");
    assert!(told.contains("not today's market"), "{told}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is written");
}

#[test]
fn a_checkout_and_what_is_built_in_forecast_the_same_with_all_digits() {
    let mut built_in = document(empty().path(), "predict IBM --as-of 2012-09-04 --json");
    let mut files = document(Path::new(".."), "predict IBM --as-of 2012-09-04 --json");
    let sources = |document: &mut Value| {
        ["bars_source", "model_source"].map(|name| document[name].take().as_str().unwrap().to_owned())
    };
    assert_eq!(sources(&mut built_in), ["the recordings built into tickwise", "built into tickwise"]);
    let [bars, model] = sources(&mut files);
    assert!(bars == "public/replay" && model.starts_with("public/models/mlp-"), "{bars}, {model}");
    assert_eq!(built_in, files);

    assert_eq!(built_in["origin_date"], "2012-09-04");
    assert_eq!(built_in["in_sample"], false);
    for name in ["quantiles", "prices", "p_up", "volatility"] {
        assert_eq!(built_in[name].as_array().unwrap().len(), 20, "{name}");
    }
    let number = |value: &Value| value.as_f64().unwrap();
    let expected = number(&built_in["origin_close"]) * number(&built_in["quantiles"][19][6]).exp();
    assert_eq!(number(&built_in["prices"][19][6]), expected, "no digit is lost");
}

#[test]
fn indicators_come_as_a_line_of_json_for_each_day() {
    let dir = empty();
    let args = "indicators MSFT --name sma(2) --name macd";
    let lines = printed(dir.path(), &format!("{args} --json"));
    assert_eq!(lines, printed(dir.path(), &format!("{args} --format json")));
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let csv = printed(dir.path(), args);
    assert_eq!(rows.len() + 1, csv.lines().count());
    assert!(rows[0]["sma_2"].is_null() && rows[0]["date"] == "2000-03-01", "{}", rows[0]);
    let names: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let last: Vec<&str> = csv.lines().last().unwrap().split(',').collect();
    for (name, value) in names.iter().zip(&last).skip(1) {
        assert_eq!(rows[rows.len() - 1][name], value.parse::<f64>().unwrap(), "{name}");
    }
    let told = text(&run(dir.path(), args).stderr);
    assert!(told.contains("built into tickwise, 2000-03-01 to 2013-03-01"), "{told}");

    let list = document(dir.path(), "indicators --list --json");
    let rsi = list.as_array().unwrap().iter().find(|one| one["name"] == "rsi").unwrap();
    assert_eq!(
        (&rsi["parameters"][0]["default"], &rsi["outputs"][0]["unit"]),
        (&14.0.into(), &"percent".into())
    );
}

/// The first years of a recorded symbol.
fn write_bars(dir: &Path, symbol: &str, rows: usize) {
    let recording = Recording::from_arrow(&fs::read(format!("../public/replay/{symbol}.arrow")).unwrap());
    let mut csv = String::from("date,open,high,low,close,adj_close,volume\n");
    for day in recording.unwrap().days().iter().take(rows) {
        let [open, high, low, close] = [day.open, day.high, day.low, day.close];
        writeln!(csv, "{},{open},{high},{low},{close},{},{}", day.date, day.adj_close, day.volume).unwrap();
    }
    fs::create_dir_all(dir).unwrap();
    fs::write(dir.join(format!("{symbol}.csv")), csv).unwrap();
}

#[test]
fn a_model_is_trained_published_and_used_without_a_checkout() {
    let dir = empty();
    let dir = dir.path();
    write_bars(&dir.join("bars"), "IBM", 560);
    fs::write(dir.join("quick.toml"), "trained_until = \"2002-04-30\"\n[training]\nepochs = 1\n").unwrap();
    let trained = document(dir, "train bars --config quick.toml --json");
    assert_eq!(trained["output"], "tickwise-training");
    assert_eq!(trained["bars_sources"], serde_json::json!(["bars"]));
    let id = trained["manifest"]["id"].as_str().unwrap();

    let published = document(dir, "export --json");
    assert_eq!(published["output"], format!("tickwise-models/{id}"));
    assert_eq!(
        published["weights_bytes"],
        fs::read(dir.join("tickwise-training/model.safetensors")).unwrap().len()
    );
    assert_eq!(fs::read_to_string(dir.join("tickwise-models/current")).unwrap().trim(), id);

    let forecast = document(dir, &format!("predict IBM --data bars --model tickwise-models/{id} --json"));
    assert_eq!((&forecast["model"], &forecast["bars"]), (&id.into(), &560.into()));
    let written = document(dir, "predict --data bars --output pred.csv --every 50 --json");
    let rows = fs::read_to_string(dir.join("pred.csv")).unwrap().lines().count() - 1;
    assert_eq!(written["forecasts"], rows);
    assert_eq!(written["symbols"][0]["origins"], rows / 4);

    let record = document(dir, "evaluate --data bars --model tickwise-training --json --save metrics.json");
    assert_eq!((&record["model"], &record["model_source"]), (&id.into(), &"tickwise-training".into()));
    assert_eq!(record["metrics"].as_array().unwrap().len(), 4);
    let saved: Value = serde_json::from_slice(&fs::read(dir.join("metrics.json")).unwrap()).unwrap();
    assert_eq!(record["metrics"], saved);
}

#[test]
fn a_record_is_verified_as_json_too() {
    let dir = empty();
    let record = include_str!("../../shared/record/tests/golden/record.json");
    fs::write(dir.path().join("good.json"), record).unwrap();
    let good = document(dir.path(), "verify-record good.json --json");
    assert_eq!(
        (&good["holds"], &good["entries"], &good["head"]["number"]),
        (&true.into(), &8.into(), &8.into())
    );

    let mut changed: Value = serde_json::from_str(record).unwrap();
    changed["entries"][1]["entry"]["quantiles"][0][6] = 0.5.into();
    fs::write(dir.path().join("bad.json"), changed.to_string()).unwrap();
    let output = run(dir.path(), "verify-record bad.json --json");
    let bad: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &bad["holds"]), (Some(1), &false.into()));
    assert!(bad["faults"][0].as_str().unwrap().starts_with("entry 2: hash"), "{bad}");
}

#[test]
fn the_exit_status_tells_failures_from_wrong_command_lines() {
    let dir = empty();
    for (args, code, told) in [
        ("--version", 0, ""),
        ("predict NOPE", 1, "tickwise ingest NOPE"),
        ("predict IBM --data nowhere", 1, "there is no folder nowhere"),
        ("predict IBM --model nowhere", 1, "tickwise train"),
        ("predict IBM --as-of 1990-01-01", 1, "choose --as-of from 2000-03-01 to 2013-03-01"),
        ("indicators NOPE --name sma", 1, "which has AAPL, FB, GOOG, IBM, MSFT"),
        ("export", 1, "tickwise-training/manifest.json: run `tickwise train` first"),
        ("verify-record nowhere.json", 1, "nowhere.json"),
        ("ingest IBM --output bars", 1, "ALPHAVANTAGE_API_KEY is not set"),
        ("", 2, "Usage"),
        ("nonsense", 2, "nonsense"),
        ("predict --output p.csv --every 0", 2, "--every"),
        ("predict --output p.csv --horizons 5,21", 2, "from 1 to 20"),
        ("indicators IBM --name smaa", 2, "there are sma"),
        ("ingest --output bars", 2, "name symbols"),
        (
            "ingest IBM --output bars --interval 1min --from 2012-09 --to 2012-08",
            2,
            "--to lies before --from",
        ),
        ("man nonsense", 2, "tickwise --help"),
        ("completions tcsh", 2, "bash, zsh, fish"),
        ("bench indicators --bars nowhere --reps 0", 2, "at least 1"),
    ] {
        let output = run(dir.path(), args);
        let said = text(&output.stderr);
        assert!(output.status.code() == Some(code) && said.contains(told), "{args}: {said}");
        let lines = said.lines().filter(|line| line.starts_with("error: ")).count();
        assert!(code != 1 || (lines == 1 && said.lines().count() == 1), "one sentence: {said}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is written");
}

/// Every command's words, `bench forecast` too.
fn commands() -> Vec<String> {
    let top = [
        "ingest",
        "train",
        "evaluate",
        "export",
        "predict",
        "verify-record",
        "indicators",
        "completions",
        "man",
        "bench",
    ];
    let bench = ["bench forecast", "bench indicators"];
    top.into_iter().chain(bench).map(str::to_owned).collect()
}

#[test]
fn every_help_has_examples_and_the_exit_status() {
    let dir = empty();
    let root = printed(dir.path(), "--help");
    for name in commands() {
        let help = printed(dir.path(), &format!("{name} --help"));
        assert!(help.contains("Exit status:\n  0  done"), "{help}");
        assert!(help.contains("Example") || name == "bench", "{help}");
        assert!(name.contains(' ') || root.contains(&format!("\n  {name} ")), "{name} is not in:\n{root}");
    }
    assert!(root.contains("Exit status:"), "{root}");
}

#[test]
fn shells_are_given_completions_of_every_command_and_option() {
    let dir = empty();
    for (shell, first) in
        [("bash", "_tickwise() {"), ("zsh", "#compdef tickwise"), ("fish", "# Print an optspec")]
    {
        let script = printed(dir.path(), &format!("completions {shell}"));
        assert!(script.starts_with(first), "{shell}: {script:.100}");
        for word in ["verify-record", "completions", "as-of", "keep-current", "json"] {
            assert!(script.contains(word), "{shell} has no {word}");
        }
    }
}

#[test]
fn every_command_has_a_man_page() {
    let dir = empty();
    printed(dir.path(), "man --dir pages/man1");
    for name in commands() {
        let file = format!("pages/man1/tickwise-{}.1", name.replace(' ', "-"));
        let page = fs::read_to_string(dir.path().join(&file)).unwrap();
        assert!(page.contains(".TH") && page.contains("Exit status:"), "{file}: {page}");
        assert_eq!(page, printed(dir.path(), &format!("man {name}")), "{name}");
    }
    let page = fs::read_to_string(dir.path().join("pages/man1/tickwise.1")).unwrap();
    assert_eq!(page, printed(dir.path(), "man"));
    assert!(page.contains("tickwise\\-predict(1)"), "{page}");
}

/// As `tickwise … | head -1` does.
#[test]
fn a_reader_that_has_read_enough_is_no_failure() {
    let dir = empty();
    for args in [
        "indicators AAPL --name sma",
        "indicators AAPL --name sma --json",
        "completions zsh",
        "man",
        "--help",
    ] {
        let mut command = command(dir.path(), args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        let status = child.wait().unwrap();
        assert!(status.success() && !told.contains("panicked"), "{args}: {status}: {told}");
    }
}
