//! What holds for every indicator of the registry.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use proptest::prelude::*;
use tickwise_indicators::{AnyIndicator, Outputs, REGISTRY, Spec};
use tickwise_market::Bar;

fn indicators() -> Vec<(&'static str, AnyIndicator)> {
    REGISTRY.iter().map(|d| (d.name, AnyIndicator::new(&d.name.parse::<Spec>().unwrap()))).collect()
}

fn run(indicator: &AnyIndicator, bars: &[Bar]) -> Vec<Option<Outputs>> {
    let mut indicator = indicator.clone();
    bars.iter().map(|bar| indicator.update(bar)).collect()
}

fn bars(min: usize) -> impl Strategy<Value = Vec<Bar>> {
    prop::collection::vec((1_u32..1_000_000, 0_u32..1000, 0_u32..=100), min..200).prop_map(|rows| {
        rows.into_iter()
            .map(|(low, range, close)| {
                let (low, range) = (f64::from(low) / 100.0, f64::from(range) / 100.0);
                let close = low + range * f64::from(close) / 100.0;
                Bar { time_ms: 0, open: low, high: low + range, low, close, volume: 1.0 }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn the_future_does_not_change_the_past(bars in bars(2), cut in 1_usize..100, scramble in 0.1_f64..10.0) {
        let cut = cut.min(bars.len() - 1);
        let scrambled: Vec<Bar> = bars.iter().enumerate()
            .map(|(i, bar)| if i < cut { *bar } else { bar.rescaled(scramble) }).collect();
        for (name, indicator) in indicators() {
            prop_assert_eq!(&run(&indicator, &bars)[..cut], &run(&indicator, &scrambled)[..cut], "{}", name);
        }
    }

    #[test]
    fn what_is_not_finite_is_passed_over(bars in bars(80), at in 0_usize..80) {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let broken = Bar { time_ms: 0, open: bad, high: bad, low: bad, close: bad, volume: bad };
            let mut with: Vec<Bar> = bars.clone();
            with.insert(at, broken);
            for (name, indicator) in indicators() {
                let mut outputs = run(&indicator, &with);
                prop_assert_eq!(outputs.remove(at), None, "{}", name);
                prop_assert_eq!(outputs, run(&indicator, &bars), "{}", name);
            }
        }
    }

    #[test]
    fn outputs_are_finite_and_appear_after_the_warm_up(bars in bars(80)) {
        for (name, indicator) in indicators() {
            for (i, outputs) in run(&indicator, &bars).into_iter().enumerate() {
                prop_assert_eq!(outputs.is_some(), i + 1 >= indicator.warm_up(), "{} at {}", name, i);
                prop_assert!(outputs.is_none_or(|o| o.as_slice().iter().all(|v| v.is_finite())), "{}", name);
            }
        }
    }
}

#[test]
fn constant_prices_give_defined_answers() {
    let flat = [Bar { time_ms: 0, open: 5.0, high: 5.0, low: 5.0, close: 5.0, volume: 0.0 }; 100];
    for (name, indicator) in indicators() {
        let last = run(&indicator, &flat).pop().unwrap().unwrap();
        let expected: &[f64] = match name {
            "sma" | "ema" => &[5.0],
            "bollinger" => &[5.0, 5.0, 5.0],
            "macd" => &[0.0, 0.0, 0.0],
            _ => &[0.0],
        };
        assert_eq!(last.as_slice(), expected, "{name}");
    }
}
