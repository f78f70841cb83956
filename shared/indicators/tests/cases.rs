//! Bars on which indicators have been wrong (`golden/cases`), with what is right.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use std::collections::BTreeMap;

use tickwise_indicators::{AnyIndicator, REGISTRY, Unit};
use tickwise_market::Bar;

macro_rules! case {
    ($name:literal) => {
        bars(include_str!(concat!("golden/cases/", $name, ".csv")))
    };
}

fn bars(csv: &str) -> Vec<(String, Bar)> {
    let row = |line: &str| {
        let (date, numbers) = line.split_once(',').unwrap();
        let numbers: Vec<f64> = numbers.split(',').map(|number| number.parse().unwrap()).collect();
        let [open, high, low, close, volume] = numbers[..] else { panic!("{line}") };
        let day = tickwise_market::iso_date::parse(date).unwrap();
        let time_ms = tickwise_market::Calendar::Nyse.midnight_ms(day).unwrap() + 12 * 3_600_000;
        (date.to_string(), Bar { time_ms, open, high, low, close, volume })
    };
    csv.lines().skip(1).map(row).collect()
}

/// The outputs by date, where there are any.
fn run(text: &str, bars: &[(String, Bar)]) -> BTreeMap<String, Vec<f64>> {
    let mut indicator = AnyIndicator::new(&text.parse().unwrap());
    let outputs = bars.iter().map(|(date, bar)| (date.clone(), indicator.update(bar)));
    outputs.filter_map(|(date, outputs)| Some((date, outputs?.as_slice().to_vec()))).collect()
}

fn assert_near(ours: f64, right: f64) {
    assert!((ours - right).abs() < 5e-9, "{ours} not {right}");
}

/// In exact decimal arithmetic, as TA-Lib 0.8.2 has it too.
#[test]
fn a_day_with_the_typical_price_of_the_day_before_is_no_move() {
    assert_near(run("mfi(14)", &case!("BNO"))["2014-05-23"][0], 76.922_724_186_268_33);
    assert_near(run("mfi(14)", &case!("SPY"))["2013-02-06"][0], 69.193_387_417_341_18);
}

/// Twice the price was printed as open and high. By TA-Lib 0.8.2, from these bars on;
/// from 1998 on it is 86.52.
#[test]
fn supertrend_follows_the_stop_of_the_bar_itself() {
    let line = run("supertrend(10,3)", &case!("IBM"));
    assert_eq!(line["2002-12-20"][1], 1.0);
    assert_eq!(line["2002-12-23"][1], -1.0);
    assert_near(line["2002-12-23"][0], SUPERTREND);
}

const SUPERTREND: f64 = 86.537_235_433_246_3;

#[test]
fn nothing_moves_during_a_halt() {
    let bars = case!("HALT107");
    let mfi = run("mfi(14)", &bars);
    assert_eq!(mfi.last_key_value().unwrap().1, &[0.0]);
    let flat = bars.iter().rev().take_while(|(_, bar)| bar.high == bar.low).count();
    assert!(flat > 14, "{flat}");
}

#[test]
fn all_outputs_stay_within_their_bounds() {
    for bars in [case!("HALT107"), case!("PINNED"), case!("MMF")] {
        for definition in REGISTRY {
            for (date, values) in run(definition.name, &bars) {
                for (value, output) in values.iter().zip(definition.outputs) {
                    let is_within = output.unit != Unit::Percent || (0.0..=100.0).contains(value);
                    assert!(is_within, "{} {} on {date}: {value}", definition.name, output.name);
                }
            }
        }
    }
}

/// Once the index stands still, so does where it lies in its range.
#[test]
fn what_rounds_is_no_range() {
    let bars = case!("HALT107");
    let flat = bars.iter().rev().take_while(|(_, bar)| bar.high == bar.low).count();
    let values: Vec<Vec<f64>> = run("stochrsi(3,5,3)", &bars).into_values().collect();
    for values in &values[values.len() - (flat - 10)..] {
        assert_eq!(values, &[0.0, 0.0]);
    }
}
