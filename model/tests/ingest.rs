//! `tickwise ingest` against the simulated Alpha Vantage over HTTP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;
use tickwise_tests::sim::{Fault, Options, Plan, Scripted, Settings, Simulator};

/// Appears nowhere: every test searches what it got for it.
const KEY: &str = "Q7ZSECRETKEY0XY9";

struct Bench {
    vendor: Simulator,
    dir: TempDir,
}

struct Ran {
    success: bool,
    told: String,
}

impl Bench {
    async fn new(plan: Plan) -> Self {
        let settings = Settings { plan, ..Settings::default() };
        let vendor = Simulator::start(Options { settings, ..Options::default() }).await.unwrap();
        Self { vendor, dir: tempfile::tempdir().unwrap() }
    }

    async fn ingest(&self, arguments: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
        command.arg("ingest").args(arguments.split(' ')).args(["--url", &self.vendor.url()]);
        command.arg("--output").arg(self.dir.path()).env("ALPHAVANTAGE_API_KEY", KEY);
        // The simulator answers meanwhile.
        let ran = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        let ran = ran_from(&ran);
        assert!(!ran.told.contains(KEY), "{}", ran.told);
        assert_no_key(self.dir.path());
        ran
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    fn asked(&self) -> usize {
        self.vendor.log().len()
    }

    fn fail(&self, fault: Fault, times: u32) {
        self.vendor.script(Scripted { fault, function: None, times });
    }
}

fn ran_from(output: &Output) -> Ran {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    Ran { success: output.status.success(), told: String::from_utf8(text).unwrap() }
}

fn assert_no_key(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_no_key(&path);
        } else {
            assert!(!fs::read_to_string(&path).unwrap().contains(KEY), "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_histories_are_fetched_once_and_read_by_the_other_commands() {
    let bench = Bench::new(Plan::Premium(75)).await;
    let ran = bench.ingest("IBM MSFT --plan premium75").await;
    assert!(ran.success && ran.told.contains("2 fetched"), "{}", ran.told);
    let ibm = bench.file("IBM.csv");
    assert!(ibm.starts_with("date,open,high,low,close,volume,adj_close\n"), "{}", &ibm[..80]);
    assert!(ibm.lines().count() > 2_000);
    let last = ibm.lines().last().unwrap();
    assert!(last.starts_with("2012-12-03,"), "the day of the simulator has not closed: {last}");
    let manifest = bench.file("manifest.csv");
    assert!(manifest.contains("\nIBM,,") && manifest.contains("Alpha Vantage"), "{manifest}");

    let ran = bench.ingest("IBM MSFT --plan premium75").await;
    assert!(ran.success && ran.told.contains("0 fetched") && ran.told.contains("2 already"), "{}", ran.told);
    assert_eq!(bench.asked(), 2);

    let mut indicators = Command::new(env!("CARGO_BIN_EXE_tickwise"));
    indicators.args(["indicators", "IBM", "--adjusted", "--name", "sma(20)", "--data"]).arg(bench.dir.path());
    let ran = ran_from(&indicators.output().unwrap());
    assert!(ran.success && ran.told.contains("2012-12-03,"), "{}", ran.told);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_quota_is_spent_it_stops_and_goes_on_another_day() {
    let bench = Bench::new(Plan::Free).await;
    bench.vendor.set(|settings| settings.per_day = 2);
    let ran = bench.ingest("IBM MSFT AAPL").await;
    assert!(!ran.success && ran.told.contains("requests are spent: 2 of 3 done"), "{}", ran.told);
    assert!(!bench.dir.path().join("AAPL.csv").exists());
    assert_eq!(bench.file("IBM.csv").lines().count(), 101, "a free key has 100 days");
    assert!(bench.file("manifest.csv").contains("\nMSFT,"));

    let asked = bench.asked();
    let ran = bench.ingest("IBM MSFT AAPL").await;
    assert!(!ran.success && ran.told.contains("0 of 1 done"), "{}", ran.told);
    assert_eq!(bench.asked(), asked, "a spent day is not asked again");

    bench.vendor.set(|settings| settings.per_day = 25);
    bench.vendor.advance_ms(30 * 3_600_000);
    let ran = bench.ingest("IBM MSFT AAPL").await;
    assert!(ran.success, "{}", ran.told);
    assert_eq!(bench.file("AAPL.csv").lines().count(), 101);
    assert!(bench.vendor.log()[asked..].iter().all(|request| request.outcome == "ok"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_answer_is_asked_for_again_and_a_broken_one_changes_nothing() {
    let bench = Bench::new(Plan::Premium(75)).await;
    bench.fail(Fault::Truncated(500), 1);
    let ran = bench.ingest("IBM --plan premium75").await;
    assert!(ran.success, "{}", ran.told);
    assert_eq!(bench.asked(), 2);

    let before = bench.file("IBM.csv");
    let ingest = bench.file("ingest.json");
    fs::write(bench.dir.path().join("ingest.json"), ingest.replace("IBM days", "other")).unwrap();
    bench.fail(Fault::Garbage, 3);
    let ran = bench.ingest("IBM --plan premium75").await;
    assert!(!ran.success && ran.told.contains("cannot be read: "), "{}", ran.told);
    assert!(ran.told.contains("run the same command again"), "{}", ran.told);
    assert_eq!((bench.asked(), bench.file("IBM.csv")), (5, before));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_symbol_stops_no_other() {
    let bench = Bench::new(Plan::Premium(75)).await;
    let ran = bench.ingest("NOSUCH IBM --plan premium75").await;
    assert!(!ran.success && ran.told.contains("1 fetched"), "{}", ran.told);
    assert!(ran.told.contains("NOSUCH days") && ran.told.contains("check the spelling"), "{}", ran.told);
    assert!(bench.file("IBM.csv").lines().count() > 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_key_may_not_ask_says_what_it_needs() {
    let bench = Bench::new(Plan::Free).await;
    for arguments in ["IBM MSFT --plan premium75", "IBM --interval 1min --from 2012-09 --to 2012-10"] {
        let asked = bench.asked();
        let ran = bench.ingest(arguments).await;
        assert!(!ran.success && ran.told.contains("needs a premium key"), "{}", ran.told);
        assert_eq!(bench.asked(), asked + 1, "what comes next would fail alike");
    }
    let echo = format!("the parameter apikey {KEY} is invalid or missing.");
    bench.fail(Fault::ErrorMessage(echo), 1);
    let ran = bench.ingest("IBM").await;
    assert!(!ran.success && ran.told.contains("refuses the API key: check the variable"), "{}", ran.told);
    bench.fail(Fault::Information(format!("Something new about {KEY}.")), 1);
    assert!(!bench.ingest("IBM").await.success);
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_come_by_month() {
    let bench = Bench::new(Plan::Premium(75)).await;
    let ran = bench.ingest("IBM --plan premium75 --interval 1min --from 2012-09 --to 2012-10").await;
    assert!(ran.success && ran.told.contains("2 fetched"), "{}", ran.told);
    let september = bench.file("minutes/IBM/2012-09.csv");
    assert!(
        september.starts_with("time,open,high,low,close,volume\n2012-09-04T13:30:00Z,"),
        "{september:.99}"
    );
    // 19 sessions of 390 minutes, in some of which nothing may have traded.
    assert!(september.lines().count() > 7_000, "{}", september.lines().count());
    assert!(bench.dir.path().join("minutes/IBM/2012-10.csv").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_and_a_journal_that_cannot_be_read_say_so() {
    let bench = Bench::new(Plan::Premium(75)).await;
    // No file can take the place of a folder that is not empty.
    fs::create_dir_all(bench.dir.path().join("minutes/IBM/2012-09.csv/there")).unwrap();
    let ran = bench.ingest("IBM --plan premium75 --interval 1min --from 2012-09 --to 2012-09").await;
    assert!(!ran.success && ran.told.contains("what was there stays"), "{}", ran.told);
    let left: Vec<_> = fs::read_dir(bench.dir.path().join("minutes/IBM")).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing half written is left: {left:?}");

    fs::write(bench.dir.path().join("ingest.json"), "{").unwrap();
    let ran = bench.ingest("IBM --plan premium75").await;
    assert!(!ran.success && ran.told.contains("remove it to begin anew"), "{}", ran.told);
    assert_eq!(bench.asked(), 1);
}

#[test]
fn without_a_key_it_says_where_to_put_it() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
    command.args(["ingest", "IBM", "--output", "nowhere"]).env_remove("ALPHAVANTAGE_API_KEY");
    let ran = ran_from(&command.output().unwrap());
    assert!(!ran.success && ran.told.contains("ALPHAVANTAGE_API_KEY is not set"), "{}", ran.told);
}
