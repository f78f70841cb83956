//! Every output against independent implementations (`golden/make.py`), from the
//! first defined value.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use std::collections::BTreeSet;

use tickwise_indicators::{
    AnyIndicator, Indicator, REGISTRY, Spec,
    risk::{Beta, Correlation},
    series,
};
use tickwise_market::Bar;

const GOLDEN: &str = include_str!("golden/msft.csv");

/// Columns before the outputs: day, open, high, low, close, volume.
const INPUTS: usize = 6;

/// Relative to the series' largest magnitude.
const TOLERANCE: f64 = 1e-9;

type Column = (&'static str, Vec<Option<f64>>);

fn columns() -> Vec<Column> {
    let mut lines = GOLDEN.lines();
    let mut columns: Vec<Column> = lines.next().unwrap().split(';').map(|name| (name, Vec::new())).collect();
    for line in lines {
        for (column, text) in columns.iter_mut().zip(line.split(';')) {
            column.1.push((!text.is_empty()).then(|| text.parse().unwrap()));
        }
    }
    columns
}

fn bars(columns: &[Column]) -> Vec<Bar> {
    let row =
        |index: usize| columns[..INPUTS].iter().map(|column| column.1[index].unwrap()).collect::<Vec<_>>();
    (0..columns[0].1.len())
        .map(|index| match row(index)[..] {
            // Noon in New York is in the session of the day.
            [day, open, high, low, close, volume] => {
                Bar { time_ms: day as i64 * 86_400_000 + 17 * 3_600_000, open, high, low, close, volume }
            }
            _ => panic!("a bar has {INPUTS} columns"),
        })
        .collect()
}

fn assert_agrees(name: &str, ours: &[Option<f64>], expected: &[Option<f64>]) {
    let scale = expected.iter().flatten().fold(0.0_f64, |max, value| max.max(value.abs()));
    for (index, pair) in ours.iter().zip(expected).enumerate() {
        match pair {
            (None, None) => {}
            (Some(ours), Some(expected)) => assert!(
                (ours - expected).abs() <= TOLERANCE * scale,
                "{name} at {index}: {ours} not {expected}"
            ),
            other => panic!("{name} at {index}: {other:?}"),
        }
    }
}

#[test]
fn every_indicator_agrees_with_its_reference() {
    let columns = columns();
    let bars = bars(&columns);
    let mut checked = BTreeSet::new();
    for (name, expected) in &columns[INPUTS..] {
        let (spec, output) = name.split_once(':').unwrap();
        let Ok(spec) = spec.parse::<Spec>() else { continue };
        checked.insert((spec.name(), output.parse::<usize>().unwrap()));
        let mut indicator = AnyIndicator::new(&spec);
        let first = expected.iter().position(Option::is_some).unwrap();
        assert_eq!(indicator.warm_up(), first + 1, "{name}");
        let ours: Vec<Option<f64>> = bars
            .iter()
            .map(|bar| {
                let peeked = indicator.peek(bar);
                let outputs = indicator.update(bar);
                assert_eq!(peeked, outputs, "{name}: peek and update differ");
                outputs.map(|outputs| outputs.as_slice()[output.parse::<usize>().unwrap()])
            })
            .collect();
        assert_agrees(name, &ours, expected);
    }
    let all = REGISTRY.iter().flat_map(|d| (0..d.outputs.len()).map(|output| (d.name, output)));
    assert_eq!(checked, all.collect(), "the reference has every output of the registry");
}

#[test]
fn pairs_agree_with_their_references() {
    fn check(columns: &[Column], name: &str, mut indicator: impl Indicator<Input = [f64; 2], Output = f64>) {
        let pairs: Vec<[f64; 2]> = bars(columns).iter().map(|bar| [bar.close, bar.volume]).collect();
        let (_, expected) = columns.iter().find(|column| column.0 == name).unwrap();
        assert_eq!(indicator.warm_up(), expected.iter().position(Option::is_some).unwrap() + 1, "{name}");
        assert_agrees(name, &series(&mut indicator, &pairs), expected);
    }
    let columns = columns();
    check(&columns, "correlation(30):0", Correlation::new(30));
    check(&columns, "beta(30):0", Beta::new(30));
}
