//! Every output against TA-Lib (`golden/make.py`), from the first defined value.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use tickwise_indicators::{AnyIndicator, Spec};
use tickwise_market::Bar;

const GOLDEN: &str = include_str!("golden/talib_msft.csv");

/// Relative to the series' largest magnitude.
const TOLERANCE: f64 = 1e-9;

fn columns() -> Vec<(&'static str, Vec<Option<f64>>)> {
    let mut lines = GOLDEN.lines();
    let mut columns: Vec<(&str, Vec<Option<f64>>)> =
        lines.next().unwrap().split(';').map(|name| (name, Vec::new())).collect();
    for line in lines {
        for (column, text) in columns.iter_mut().zip(line.split(';')) {
            column.1.push((!text.is_empty()).then(|| text.parse().unwrap()));
        }
    }
    columns
}

#[test]
fn agrees_with_talib() {
    let columns = columns();
    let prices = |index: usize| columns[index].1.iter().map(|value| value.unwrap());
    let bars: Vec<Bar> = prices(0)
        .zip(prices(1))
        .zip(prices(2))
        .map(|((high, low), close)| Bar { time_ms: 0, open: close, high, low, close, volume: 1.0 })
        .collect();
    for (name, expected) in &columns[3..] {
        let (spec, output) = name.split_once(':').unwrap();
        let output: usize = output.parse().unwrap();
        let mut indicator = AnyIndicator::new(&spec.parse::<Spec>().unwrap());
        let scale = expected.iter().flatten().fold(0.0_f64, |max, value| max.max(value.abs()));
        let first = expected.iter().position(Option::is_some).unwrap();
        assert_eq!(indicator.warm_up(), first + 1, "{name}");
        for (index, (bar, expected)) in bars.iter().zip(expected).enumerate() {
            let peeked = indicator.peek(bar);
            let outputs = indicator.update(bar);
            assert_eq!(peeked, outputs, "{name} at {index}: peek and update differ");
            let ours = outputs.map(|outputs| outputs.as_slice()[output]);
            match (ours, expected) {
                (None, None) => {}
                (Some(ours), Some(expected)) => {
                    assert!(
                        (ours - expected).abs() <= TOLERANCE * scale,
                        "{name} at {index}: {ours} not {expected}"
                    );
                }
                other => panic!("{name} at {index}: {other:?}"),
            }
        }
    }
}
