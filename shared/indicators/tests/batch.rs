//! Whole columns against the fold of the streaming indicator.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

use proptest::prelude::*;
use tickwise_indicators::{AnyIndicator, batch};
use tickwise_market::Bar;

/// Of the series' largest magnitude.
const TOLERANCE: f64 = 1e-12;

/// Long enough for several of the blocks in which columns are computed; every other
/// series is finite.
fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let broken = (0_usize..3, prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]));
    let row = (1000_i32..2000, 0_i32..100, 0_i32..=100, prop::option::weighted(0.002, broken));
    let rows = prop_oneof![prop::collection::vec(row.clone(), 0..150), prop::collection::vec(row, 150..1200)];
    (rows, any::<bool>()).prop_map(|(rows, may_be_broken)| {
        let bar = |(low, range, close, broken): (i32, i32, i32, Option<(usize, f64)>)| {
            let (low, range) = (f64::from(low) / 10.0, f64::from(range / 3) / 10.0);
            let mut prices = [low + range, low, low + range * f64::from(close) / 100.0];
            if let Some((which, price)) = broken.filter(|_| may_be_broken) {
                prices[which] = price;
            }
            let [high, low, close] = prices;
            Bar { time_ms: 0, open: 100.0, high, low, close, volume: 0.0 }
        };
        rows.into_iter().map(bar).collect()
    })
}

fn assert_agrees<const N: usize>(spec: String, bars: &[Bar], columns: [Vec<f64>; N]) {
    let mut indicator = AnyIndicator::new(&spec.parse().unwrap());
    let stream: Vec<_> = bars.iter().map(|bar| indicator.update(bar)).collect();
    for (output, column) in columns.iter().enumerate() {
        assert_eq!(column.len(), bars.len(), "{spec}");
        let scale =
            column.iter().filter(|value| value.is_finite()).fold(1.0_f64, |max, value| max.max(value.abs()));
        for (i, (batch, stream)) in column.iter().zip(&stream).enumerate() {
            match stream {
                Some(stream) => {
                    let stream = stream.as_slice()[output];
                    assert!(
                        (batch - stream).abs() <= TOLERANCE * scale,
                        "{spec} {output} at {i}: {batch} not {stream}"
                    );
                }
                None => assert!(batch.is_nan(), "{spec} {output} at {i}: {batch}"),
            }
        }
    }
}

/// Relative to the value itself, once a print of a million times the price has left the window.
const AFTER_A_PRINT: f64 = 1e-9;

proptest! {
    #[test]
    fn columns_forget_what_has_left_the_window(bars in bars(), at in 0_usize..150, period in 1_usize..60, halt in any::<bool>()) {
        let mut bars: Vec<Bar> = bars.into_iter().filter(|bar| (bar.high + bar.low + bar.close).is_finite()).collect();
        if let Some(print) = bars.get_mut(at) {
            *print = Bar { high: 6e9, low: 6e9, close: 6e9, ..*print };
        }
        if halt {
            let flat = Bar { high: 0.0001, low: 0.0001, close: 0.0001, ..Bar::from_trade(0, 0.0001, 0.0) };
            bars.iter_mut().skip(at + 1).take(200).for_each(|bar| *bar = flat);
        }
        let column = |of: fn(&Bar) -> f64| bars.iter().map(of).collect::<Vec<_>>();
        let (high, low, close) = (column(|bar| bar.high), column(|bar| bar.low), column(|bar| bar.close));
        let [upper, middle, lower] = batch::bollinger(&close, period, 2.0);
        let [k, d] = batch::stochastic(&high, &low, &close, period, 3, 3);
        for (spec, columns) in [
            (format!("sma({period})"), vec![batch::sma(&close, period)]),
            (format!("bollinger({period},2)"), vec![upper, middle, lower]),
            (format!("stochastic({period},3,3)"), vec![k, d]),
        ] {
            let mut indicator = AnyIndicator::new(&spec.parse().unwrap());
            for (i, bar) in bars.iter().enumerate() {
                let Some(outputs) = indicator.update(bar) else { continue };
                for (stream, column) in outputs.as_slice().iter().zip(&columns) {
                    prop_assert!((column[i] - stream).abs() <= AFTER_A_PRINT * stream.abs(), "{} at {}: {} not {}", spec, i, column[i], stream);
                }
            }
        }
    }

    #[test]
    fn columns_agree_with_the_stream(bars in bars(), period in prop_oneof![4 => 1_usize..25, 1 => 200_usize..600], other in 1_usize..12) {
        let column = |of: fn(&Bar) -> f64| bars.iter().map(of).collect::<Vec<_>>();
        let (high, low, close) = (column(|bar| bar.high), column(|bar| bar.low), column(|bar| bar.close));
        assert_agrees(format!("sma({period})"), &bars, [batch::sma(&close, period)]);
        assert_agrees(format!("ema({period})"), &bars, [batch::ema(&close, period)]);
        assert_agrees(format!("rsi({period})"), &bars, [batch::rsi(&close, period)]);
        assert_agrees(format!("atr({period})"), &bars, [batch::atr(&high, &low, &close, period)]);
        assert_agrees(format!("macd({period},{other},5)"), &bars, batch::macd(&close, period, other, 5));
        assert_agrees(format!("stochastic({period},{other},3)"), &bars, batch::stochastic(&high, &low, &close, period, other, 3));
        // The root of a variance near zero has half its digits.
        let bands = batch::bollinger(&close, period, 2.0);
        assert_agrees(format!("sma({period})"), &bars, [bands[1].clone()]);
        let squared = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).collect::<Vec<_>>();
        let mut indicator = AnyIndicator::new(&format!("bollinger({period},2)").parse().unwrap());
        let stream: Vec<Option<f64>> = bars.iter().map(|bar| indicator.update(bar))
            .map(|bands| bands.map(|bands| (bands.as_slice()[0] - bands.as_slice()[2]).powi(2))).collect();
        for (batch, stream) in squared(&bands[0], &bands[2]).iter().zip(stream) {
            match stream {
                Some(stream) => prop_assert!((batch - stream).abs() <= 1e-10 * 200.0_f64.powi(2), "{batch} not {stream}"),
                None => prop_assert!(batch.is_nan()),
            }
        }
    }
}
