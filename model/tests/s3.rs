//! `tickwise ingest --from s3://…` against moto's server, whose address is in
//! `MOTO_URL`: `cargo xtask soak --only s3` installs and starts it.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::{env, fs, io::Write, process::Command, time::Duration};

use flate2::{Compression, write::GzEncoder};
use jiff::civil::date;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use tickwise_market::{Bar, Interval, Symbol};
use tickwise_protocol::{
    Origin,
    archive::{ArchivedEvent, Segment},
    stream::{ClosedBar, ServerMessage},
};

const FOR: Duration = Duration::from_secs(60);
const OPEN_MS: i64 = 1_346_765_400_000; // 2012-09-04 09:30 in New York

fn segment(symbol: &Symbol, first: u64, last: u64) -> (String, Vec<u8>) {
    let segment = Segment { symbol: symbol.clone(), first, last, date: date(2012, 9, 4) };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for seq in first..=last {
        let time_ms = OPEN_MS + i64::try_from(seq).unwrap() * 60_000;
        let bar = Bar { time_ms, open: 1.0, high: 2.0, low: 1.0, close: 1.5, volume: 1.0 };
        let (symbol, interval, origin) = (symbol.clone(), Interval::Minute, Origin::Live);
        let bar = ClosedBar { symbol, seq, interval, bar, simulated: false, origin };
        let event = ArchivedEvent { seq, messages: vec![ServerMessage::Bar(bar)] };
        writeln!(encoder, "{}", serde_json::to_string(&event).unwrap()).unwrap();
    }
    (format!("some/prefix/{}", segment.key()), encoder.finish().unwrap())
}

#[test]
fn a_bucket_is_read_page_by_page() {
    let url = env::var("MOTO_URL").unwrap();
    let bucket = Bucket::new(url.parse().unwrap(), UrlStyle::Path, "lake", "us-east-1").unwrap();
    let credentials = Credentials::new("testing", "secret-of-the-bucket");
    ureq::put(bucket.create_bucket(&credentials).sign(FOR).as_str()).send_empty().unwrap();
    let symbol: Symbol = "BRK.B".parse().unwrap();
    // A page lists 1,000 objects. One segment is missing, one lies there twice.
    let mut objects: Vec<_> = (0..1_050_u64).map(|n| segment(&symbol, 2 * n + 1, 2 * n + 2)).collect();
    objects.remove(700);
    objects.push(segment(&symbol, 1, 4));
    objects.push(("some/prefix/other.txt".into(), b"not a segment".to_vec()));
    for (key, bytes) in &objects {
        ureq::put(bucket.put_object(Some(&credentials), key).sign(FOR).as_str()).send(bytes).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let ingest = |bucket: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickwise"));
        command.args(["ingest", "--from", &format!("s3://{bucket}"), "--endpoint", &url, "--output"]);
        command.arg(dir.path()).env("AWS_ACCESS_KEY_ID", "testing");
        let output = command.env("AWS_SECRET_ACCESS_KEY", "secret-of-the-bucket").output().unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!told.contains("secret-of-the-bucket") && !told.contains("X-Amz"), "{told}");
        (output.status.success(), told)
    };
    let (success, told) = ingest("lake/some/prefix");
    assert!(success, "{told}");
    assert!(told.contains("BRK.B: 2098 events") && told.contains("4 duplicates left out"), "{told}");
    assert!(told.contains("missing: events 1401 to 1402"), "{told}");
    let minutes = fs::read_to_string(dir.path().join("minutes/BRK.B/2012-09.csv")).unwrap();
    assert_eq!(minutes.lines().count(), 1 + 2_098);

    let (success, told) = ingest("nowhere");
    assert!(!success && told.contains("no such bucket"), "{told}");
    let (success, told) = ingest("lake/other");
    assert!(!success && told.contains("there are no segments"), "{told}");
}
