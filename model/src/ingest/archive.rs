//! Bars from what the edge has archived: `raw/date=…/symbol=…/FIRST-LAST.ndjson.gz`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::Read,
    path::Path,
};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde::Serialize;
use tickwise_market::{Bar, Calendar, Interval, Symbol};
use tickwise_protocol::{
    archive::{ArchivedEvent, Segment},
    stream::{ClosedBar, ServerMessage},
};

use super::{
    files::{self, Written},
    history::YearMonth,
    store::Store,
};
use crate::{progress, series::DailyRow};

/// The longest segment read, unpacked: the edge writes at most 0.1 MB.
const MAX_SEGMENT_BYTES: u64 = 64 << 20;

/// What was found of a symbol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Events, each counted once.
    pub events: u64,
    /// Events that came again.
    pub duplicates: u64,
    /// Sequence numbers that are nowhere, first and last.
    pub gaps: Vec<(u64, u64)>,
    /// Segments that cannot be read, and why; their events are among the gaps.
    pub damaged: Vec<String>,
    /// Some prices follow a simulated path, as those of a replay's minutes do.
    pub simulated: bool,
    /// Days and minutes that closed.
    days: BTreeMap<jiff::civil::Date, Bar>,
    minutes: BTreeMap<i64, Bar>,
}

/// What was found of a symbol, in numbers.
#[derive(Clone, Debug, Serialize)]
pub struct Summary<'a> {
    symbol: &'a Symbol,
    events: u64,
    /// Days and minutes that closed.
    days: usize,
    minutes: usize,
    duplicates: u64,
    simulated: bool,
    gaps: &'a [(u64, u64)],
    damaged: &'a [String],
}

impl Found {
    /// For `--json`.
    pub fn summary<'a>(&'a self, symbol: &'a Symbol) -> Summary<'a> {
        let Self { events, duplicates, simulated, .. } = *self;
        let (days, minutes) = (self.days.len(), self.minutes.len());
        let (gaps, damaged) = (self.gaps.as_slice(), self.damaged.as_slice());
        Summary { symbol, events, days, minutes, duplicates, simulated, gaps, damaged }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, duplicates, gaps, days, minutes, .. } = self;
        write!(f, "{events} events, {} days, {} minutes", days.len(), minutes.len())?;
        if *duplicates > 0 {
            write!(f, ", {duplicates} duplicates left out")?;
        }
        if self.simulated {
            f.write_str(", minutes simulated by a replay")?;
        }
        gaps.iter().try_for_each(|(first, last)| write!(f, "\n  missing: events {first} to {last}"))?;
        self.damaged.iter().try_for_each(|damaged| write!(f, "\n  damaged: {damaged}"))
    }
}

/// Reads an archive, all symbols or those named, and writes their days and minutes.
///
/// # Errors
/// When the archive cannot be listed, or a file not be written.
pub fn read(store: &Store, symbols: &[Symbol], dir: &Path) -> Result<BTreeMap<Symbol, Found>> {
    let wanted: BTreeSet<&Symbol> = symbols.iter().collect();
    let mut segments: Vec<(Segment, String)> = store
        .names()?
        .into_iter()
        .filter_map(|name| Some((Segment::from_key(&name.replace('\\', "/"))?, name)))
        .filter(|(segment, _)| wanted.is_empty() || wanted.contains(&segment.symbol))
        .collect();
    // By symbol, then by sequence.
    segments.sort();
    let bar = progress::bar(segments.len(), "segments");
    let mut found: BTreeMap<Symbol, Found> = BTreeMap::new();
    let mut next: BTreeMap<Symbol, u64> = BTreeMap::new();
    for (segment, name) in &segments {
        bar.set_message(segment.symbol.to_string());
        let found = found.entry(segment.symbol.clone()).or_default();
        let next = next.entry(segment.symbol.clone()).or_insert(1);
        match store.read(name).and_then(|bytes| events(&bytes)) {
            Ok(events) => events.into_iter().for_each(|event| found.add(event, next)),
            Err(error) => found.damaged.push(format!("{name}: {error:#}")),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let mut written = BTreeMap::new();
    for (symbol, found) in &found {
        written.extend(found.write(symbol, dir)?.map(|days| (symbol.clone(), days)));
    }
    files::enter(dir, "Tickwise archive", &written)?;
    Ok(found)
}

fn events(bytes: &[u8]) -> Result<Vec<ArchivedEvent>> {
    let mut text = String::new();
    GzDecoder::new(bytes).take(MAX_SEGMENT_BYTES).read_to_string(&mut text).context("no gzip of text")?;
    let event = |(number, line): (usize, &str)| {
        serde_json::from_str(line).with_context(|| format!("line {number} is no event"))
    };
    (1..).zip(text.lines()).map(event).collect()
}

impl Found {
    fn add(&mut self, event: ArchivedEvent, next: &mut u64) {
        if event.seq < *next {
            self.duplicates += 1;
            return;
        }
        if event.seq > *next {
            self.gaps.push((*next, event.seq - 1));
        }
        *next = event.seq + 1;
        self.events += 1;
        for message in event.messages {
            if let ServerMessage::Bar(ClosedBar { interval, bar, simulated, .. }) = message {
                match interval {
                    Interval::Day => {
                        let date = Calendar::Nyse.date_at(bar.time_ms);
                        self.days.extend(date.map(|date| (date, bar)));
                    }
                    Interval::Minute => {
                        self.simulated |= simulated;
                        self.minutes.insert(bar.time_ms, bar);
                    }
                    // They are made from minutes.
                    _ => {}
                }
            }
        }
    }

    fn write(&self, symbol: &Symbol, dir: &Path) -> Result<Option<Written>> {
        let mut months: BTreeMap<YearMonth, Vec<Bar>> = BTreeMap::new();
        for bar in self.minutes.values() {
            months.entry(YearMonth::of(bar.time_ms)?).or_default().push(*bar);
        }
        for (month, bars) in &months {
            files::add_minutes(dir, symbol, &month.to_string(), bars)?;
        }
        if self.days.is_empty() {
            return Ok(None);
        }
        let row = |(date, bar): (&jiff::civil::Date, &Bar)| DailyRow {
            date: *date,
            bar: *bar,
            adjusted_close: None,
        };
        files::add_days(dir, symbol, self.days.iter().map(row).collect()).map(Some)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]
mod tests {
    use std::{fs, io::Write};

    use flate2::{Compression, write::GzEncoder};
    use jiff::civil::date;
    use tempfile::TempDir;
    use tickwise_protocol::Origin;

    use super::*;

    const OPEN_MS: i64 = 1_346_765_400_000; // 2012-09-04 09:30 in New York

    fn event(seq: u64) -> ArchivedEvent {
        let symbol: Symbol = "IBM".parse().unwrap();
        let time_ms = OPEN_MS + seq as i64 * 60_000;
        let bar = |interval| {
            let bar =
                Bar { time_ms, open: 1.5, high: 2.0, low: 1.0, close: 1.0 + seq as f64 / 100.0, volume: 7.0 };
            let (symbol, origin) = (symbol.clone(), Origin::Live);
            ServerMessage::Bar(ClosedBar { symbol, seq, interval, bar, simulated: false, origin })
        };
        ArchivedEvent {
            seq,
            messages: vec![bar(Interval::Minute), bar(Interval::FiveMinutes), bar(Interval::Day)],
        }
    }

    fn put(dir: &TempDir, first: u64, last: u64, damage: bool) {
        let segment = Segment { symbol: "IBM".parse().unwrap(), first, last, date: date(2012, 9, 4) };
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        for seq in first..=last {
            writeln!(encoder, "{}", serde_json::to_string(&event(seq)).unwrap()).unwrap();
        }
        let mut bytes = encoder.finish().unwrap();
        if damage {
            bytes.truncate(bytes.len() / 2);
        }
        let path = dir.path().join("lake").join(segment.key());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read_all(dir: &TempDir) -> Found {
        let store = Store::Folder(dir.path().join("lake"));
        read(&store, &[], &dir.path().join("bars")).unwrap().remove(&"IBM".parse().unwrap()).unwrap()
    }

    #[test]
    fn each_event_counts_once_and_what_is_missing_is_told() {
        let dir = tempfile::tempdir().unwrap();
        put(&dir, 1, 10, false);
        put(&dir, 5, 12, false); // 5 to 10 again
        put(&dir, 20, 30, false);
        put(&dir, 31, 40, true);
        put(&dir, 41, 50, false);
        fs::write(dir.path().join("lake/notes.txt"), "not a segment").unwrap();
        let found = read_all(&dir);
        assert_eq!((found.events, found.duplicates), (33, 6));
        assert_eq!(found.gaps, [(13, 19), (31, 40)]);
        assert_eq!(found.damaged.len(), 1);
        assert!(found.damaged[0].contains("000000000031-000000000040.ndjson.gz: no gzip of text"));
        let told = found.to_string();
        assert!(told.contains("missing: events 13 to 19") && told.contains("6 duplicates"), "{told}");

        let minutes = fs::read_to_string(dir.path().join("bars/minutes/IBM/2012-09.csv")).unwrap();
        assert_eq!(minutes.lines().count(), 1 + 33);
        assert_eq!(minutes.lines().nth(1), Some("2012-09-04T13:31:00Z,1.5,2,1,1.01,7"));
        let days = fs::read_to_string(dir.path().join("bars/IBM.csv")).unwrap();
        assert_eq!(days, "date,open,high,low,close,volume\n2012-09-04,1.5,2,1,1.5,7\n");
        assert_eq!(
            crate::series::read_folder(&dir.path().join("bars"), &Default::default()).unwrap().series.len(),
            1
        );
    }

    #[test]
    fn minutes_that_were_there_stay() {
        let dir = tempfile::tempdir().unwrap();
        put(&dir, 1, 10, false);
        read_all(&dir);
        fs::remove_dir_all(dir.path().join("lake")).unwrap();
        put(&dir, 11, 20, false);
        let found = read_all(&dir);
        assert_eq!(found.gaps, [(1, 10)]);
        let minutes = fs::read_to_string(dir.path().join("bars/minutes/IBM/2012-09.csv")).unwrap();
        assert_eq!(minutes.lines().count(), 1 + 20);
    }
}
