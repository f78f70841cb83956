//! The recordings that ship with the product.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use std::fs;

use jiff::civil::{Date, date};
use tickwise_market::{BarBuilder, Calendar, Interval};
use tickwise_replay::{Catalogue, Recording, RecordingError, day_path};

const DIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../public/replay");

fn recording(symbol: &str) -> Recording {
    Recording::from_arrow(&fs::read(format!("{DIR}/{symbol}.arrow")).unwrap()).unwrap()
}

fn catalogue() -> Catalogue {
    serde_json::from_slice(&fs::read(format!("{DIR}/manifest.json")).unwrap()).unwrap()
}

#[test]
fn the_catalogue_describes_the_files() {
    for entry in catalogue().recordings {
        let days = recording(entry.symbol.as_str()).days().to_vec();
        assert_eq!(days.len(), entry.rows);
        assert_eq!((days[0].date, days[days.len() - 1].date), (entry.first, entry.last));
    }
}

#[test]
fn every_recorded_day_is_a_session() {
    for entry in catalogue().recordings {
        for day in recording(entry.symbol.as_str()).days() {
            assert!(Calendar::Nyse.session(day.date).is_some(), "{} {}", entry.symbol, day.date);
        }
    }
}

#[test]
fn every_replayed_day_rebuilds_its_bar_exactly() {
    for entry in catalogue().recordings {
        for day in recording(entry.symbol.as_str()).days().iter().filter(|d| d.date >= date(2010, 1, 1)) {
            let session = Calendar::Nyse.session(day.date).unwrap();
            let bar = day.session_bar().unwrap();
            let mut builder = BarBuilder::new(Calendar::Nyse, Interval::Day);
            for tick in day_path(&entry.symbol, &session, &bar) {
                assert_eq!(builder.push(&tick), None);
            }
            assert_eq!(builder.finish(), Some(bar), "{} {}", entry.symbol, day.date);
        }
    }
}

/// Close-to-close change of the split-adjusted bars on a day.
fn change_on(symbol: &str, day: Date, as_of: Date) -> f64 {
    let bars = recording(symbol).split_adjusted_bars(as_of);
    let open_ms = Calendar::Nyse.session(day).unwrap().open_ms;
    let index = bars.iter().position(|bar| bar.time_ms == open_ms).unwrap();
    bars[index].close / bars[index - 1].close - 1.0
}

#[test]
fn known_splits_leave_no_jump() {
    // As traded: AAPL 101.25 -> 55.63 and 88.99 -> 44.86, MSFT 48.30 -> 24.96.
    for (symbol, day, change) in [
        ("AAPL", date(2000, 6, 21), 0.0989),
        ("AAPL", date(2005, 2, 28), 0.0082),
        ("MSFT", date(2003, 2, 18), 0.0335),
    ] {
        let end = date(2013, 3, 1);
        assert!((change_on(symbol, day, end) - change).abs() < 5e-4, "{symbol} {day}");
        assert!((change_on(symbol, day, day) - change).abs() < 5e-4, "{symbol} {day} on the day itself");
    }
}

#[test]
fn a_split_is_not_known_before_its_day() {
    let before = recording("MSFT").split_adjusted_bars(date(2003, 2, 14));
    assert_eq!(before.last().unwrap().close, 48.30);
    let after = recording("MSFT").split_adjusted_bars(date(2003, 2, 18));
    // Monday the 17th was a holiday.
    assert_eq!(recording("MSFT").last_session_ms(date(2003, 2, 17)), before.last().map(|bar| bar.time_ms));
    assert_eq!(after[after.len() - 2].close, 24.15);
}

#[test]
fn total_returns_follow_the_sources_adjusted_close() {
    let recording = recording("MSFT");
    let bars = recording.total_return_bars(date(2013, 3, 1));
    for (bar, day) in bars.iter().zip(recording.days()) {
        assert!((bar.close / day.adj_close - 1.0).abs() < 1e-12, "{}", day.date);
        assert_eq!(bar.volume, day.volume);
    }
}

#[test]
fn damaged_files_are_refused_not_misread() {
    let bytes = fs::read(format!("{DIR}/FB.arrow")).unwrap();
    assert!(matches!(Recording::from_arrow(&[]), Err(RecordingError::Arrow(_))));
    assert!(matches!(Recording::from_arrow(b"garbage garbage garbage"), Err(RecordingError::Arrow(_))));
    for length in [8, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(Recording::from_arrow(&bytes[..length]).is_err(), "{length} bytes");
    }
}
