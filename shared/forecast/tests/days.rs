//! Calendar and seasons beside pandas; `golden/days.py` makes the numbers.
#![cfg(feature = "network")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use serde::Deserialize;
use tickwise_forecast::{Features, feature_names};
use tickwise_market::{Bar, Calendar};
use tickwise_replay::{RecordedDay, Recording};

#[derive(Deserialize)]
struct Golden {
    symbol: String,
    /// Index of the origin.
    row: usize,
    /// `[today, next 1, 5, 10, 20][indicator or season]`
    values: Vec<Vec<f32>>,
}

fn bars(symbol: &str) -> Vec<Bar> {
    let path = format!("{}/../../public/replay/{symbol}.arrow", env!("CARGO_MANIFEST_DIR"));
    let recording = Recording::from_arrow(&std::fs::read(path).unwrap()).unwrap();
    let bar = |day: &RecordedDay| {
        let time_ms = Calendar::Nyse.midnight_ms(day.date).unwrap();
        let (open, high, low, close, volume) = (day.open, day.high, day.low, day.close, day.volume);
        Bar { time_ms, open, high, low, close, volume }.with_close(day.adj_close)
    };
    recording.days().iter().map(bar).collect()
}

#[test]
fn days_are_those_of_pandas() {
    let golden: Vec<Golden> = serde_json::from_str(include_str!("golden/days.json")).unwrap();
    let names = feature_names();
    let ends = ["today", "next_1", "next_5", "next_10", "next_20"];
    for Golden { symbol, row, values } in golden {
        let features = Features::all(&bars(&symbol)[..=row]).pop().unwrap();
        for (end, expected) in ends.iter().zip(values) {
            let own =
                names.iter().zip(features.values).filter(|(name, _)| name.ends_with(&format!("_{end}")));
            let own: Vec<(&String, f32)> = own.collect();
            assert_eq!(own.len(), expected.len());
            for ((name, value), expected) in own.into_iter().zip(expected) {
                assert!((value - expected).abs() < 1e-5, "{symbol} {row} {name}: {value}, not {expected}");
            }
        }
    }
}
