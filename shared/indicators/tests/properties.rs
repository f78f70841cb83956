//! What holds for every indicator of the registry.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use proptest::prelude::*;
use tickwise_indicators::{AnyIndicator, Outputs, REGISTRY, Saved, Spec, Unit};
use tickwise_market::Bar;

const DAY_MS: i64 = 86_400_000;

/// These give nothing where their divisor is 0; see their documentation.
const MAY_BE_UNDEFINED: [&str; 7] =
    ["vwma", "percent_b", "bandwidth", "profile", "sharpe", "sortino", "zscore"];

/// Small parameters, so that short series pass the warm-up.
fn specs() -> Vec<Spec> {
    let short = |name: &str| match name {
        "sharpe" | "sortino" => format!("{name}(20)"),
        "profile" => "profile(20)".to_owned(),
        "ichimoku" => "ichimoku(5,10,20)".to_owned(),
        _ => name.to_owned(),
    };
    let defaults = REGISTRY.iter().map(|definition| short(definition.name));
    let others = ["vwap(fx)", "pivots(always_open)"].map(str::to_owned);
    defaults.chain(others).map(|text| text.parse().unwrap()).collect()
}

fn run(spec: &Spec, bars: &[Bar]) -> Vec<Option<Outputs>> {
    let mut indicator = AnyIndicator::new(spec);
    bars.iter().map(|bar| indicator.update(bar)).collect()
}

/// Bars of consecutive days, in cents, some without a range, some without volume.
fn bars(min: usize) -> impl Strategy<Value = Vec<Bar>> {
    let row = (100_u32..100_000, 0_u32..1000, 0_u32..=100, 0_u32..=100, 0_u32..5000);
    prop::collection::vec(row, min..160).prop_map(|rows| {
        let bar = |(i, (low, range, open, close, volume)): (i64, (u32, u32, u32, u32, u32))| {
            let (low, range) = (f64::from(low) / 100.0, f64::from(range.saturating_sub(50)) / 100.0);
            let within = |percent: u32| low + range * f64::from(percent) / 100.0;
            Bar {
                time_ms: i * DAY_MS,
                open: within(open),
                high: low + range,
                low,
                close: within(close),
                volume: f64::from(volume.saturating_sub(500)),
            }
        };
        (0..).zip(rows).map(bar).collect()
    })
}

fn any_bar() -> impl Strategy<Value = Bar> {
    let number = prop_oneof![
        4 => -1e6..1e6,
        1 => prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE]),
    ];
    (any::<i64>(), prop::array::uniform5(number)).prop_map(|(time_ms, [open, high, low, close, volume])| {
        Bar { time_ms, open, high, low, close, volume }
    })
}

proptest! {
    #[test]
    fn the_future_does_not_change_the_past(bars in bars(2), cut in 1_usize..100, scramble in 0.1_f64..10.0) {
        let cut = cut.min(bars.len() - 1);
        let scrambled: Vec<Bar> = bars.iter().enumerate()
            .map(|(i, bar)| if i < cut { *bar } else { bar.rescaled(scramble) }).collect();
        for spec in specs() {
            prop_assert_eq!(&run(&spec, &bars)[..cut], &run(&spec, &scrambled)[..cut], "{}", spec);
        }
    }

    #[test]
    fn what_is_not_finite_is_passed_over(bars in bars(80), at in 0_usize..80) {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let broken = Bar { time_ms: bars[at].time_ms, open: bad, high: bad, low: bad, close: bad, volume: bad };
            let mut with: Vec<Bar> = bars.clone();
            with.insert(at, broken);
            for spec in specs() {
                let mut outputs = run(&spec, &with);
                prop_assert_eq!(outputs.remove(at), None, "{}", spec);
                prop_assert_eq!(outputs, run(&spec, &bars), "{}", spec);
            }
        }
    }

    #[test]
    fn outputs_are_finite_and_appear_after_the_warm_up(bars in bars(80)) {
        for spec in specs() {
            let warm_up = AnyIndicator::new(&spec).warm_up();
            for (i, outputs) in run(&spec, &bars).into_iter().enumerate() {
                let is_due = i + 1 >= warm_up;
                if outputs.is_some() || !MAY_BE_UNDEFINED.contains(&spec.name()) {
                    prop_assert_eq!(outputs.is_some(), is_due, "{} at {}", spec, i);
                }
                prop_assert!(outputs.is_none_or(|o| o.as_slice().iter().all(|v| v.is_finite())), "{}", spec);
            }
        }
    }

    #[test]
    fn anything_gives_something_finite_or_nothing(bars in prop::collection::vec(any_bar(), 0..60)) {
        for definition in REGISTRY {
            let mut indicator = AnyIndicator::new(&definition.name.parse().unwrap());
            for bar in &bars {
                prop_assert_eq!(indicator.peek(bar), indicator.clone().update(bar));
                let outputs = indicator.update(bar);
                prop_assert!(outputs.is_none_or(|o| o.as_slice().iter().all(|v| v.is_finite())), "{}", definition.name);
            }
        }
    }

    #[test]
    fn a_state_stored_in_the_middle_goes_on_as_if_nothing_happened(bars in bars(2), cut in 0_usize..160) {
        let cut = cut.min(bars.len());
        for spec in specs() {
            let mut saved = Saved::new(spec.clone());
            for bar in &bars[..cut] { saved.state_mut().update(bar); }
            let text = serde_json::to_string(&saved).unwrap();
            let mut restored: Saved = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&restored, &saved, "{}", spec);
            let rest: Vec<_> = bars[cut..].iter().map(|bar| restored.state_mut().update(bar)).collect();
            prop_assert_eq!(&rest[..], &run(&spec, &bars)[cut..], "{}", spec);
        }
    }

    #[test]
    fn resetting_is_starting_anew(bars in bars(60)) {
        for spec in specs() {
            let mut indicator = AnyIndicator::new(&spec);
            for bar in &bars { indicator.update(bar); }
            indicator.reset();
            prop_assert_eq!(&indicator, &AnyIndicator::new(&spec), "{}", spec);
        }
    }

    /// Twice the prices are twice the prices of an output, and the same of
    /// everything else; likewise the volume.
    #[test]
    fn outputs_scale_as_their_units_say(bars in bars(80), price_exponent in -8_i32..8, volume_exponent in -8_i32..8) {
        let (prices, volumes) = (2_f64.powi(price_exponent), 2_f64.powi(volume_exponent));
        let scaled: Vec<Bar> = bars.iter().map(|bar| Bar {
            volume: bar.volume * volumes,
            ..Bar { volume: bar.volume, ..bar.rescaled(prices) }
        }).collect();
        for spec in specs() {
            for (i, (a, b)) in run(&spec, &bars).into_iter().zip(run(&spec, &scaled)).enumerate() {
                prop_assert_eq!(a.is_some(), b.is_some(), "{} at {}", spec, i);
                let (Some(a), Some(b)) = (a, b) else { continue };
                for ((a, b), output) in a.as_slice().iter().zip(b.as_slice()).zip(spec.definition().outputs) {
                    let factor = match output.unit {
                        Unit::Price | Unit::PricePerBar => prices,
                        Unit::Volume => volumes,
                        _ => 1.0,
                    };
                    // Sums round by their largest terms.
                    let slack = 1e-7 * factor * (1.0 + a.abs());
                    prop_assert!((a * factor - b).abs() <= slack, "{} {} at {}: {} becomes {}", spec, output.name, i, a, b);
                }
            }
        }
    }

    /// Damaged states are refused, or harmless.
    #[test]
    fn a_damaged_state_never_panics(bars in bars(60), which in any::<prop::sample::Index>(), damage in prop::sample::select(vec!["0", "-1", "1e18", "1000000000000000000", "18446744073709551615", "3", "null", "[]", "0.5"])) {
        for spec in specs() {
            let mut saved = Saved::new(spec);
            for bar in &bars[..30] { saved.state_mut().update(bar); }
            let text = serde_json::to_string(&saved).unwrap();
            let numbers: Vec<(usize, usize)> = number_spans(&text);
            if numbers.is_empty() { continue }
            let (start, end) = numbers[which.index(numbers.len())];
            let damaged = format!("{}{damage}{}", &text[..start], &text[end..]);
            if let Ok(mut restored) = serde_json::from_str::<Saved>(&damaged) {
                for bar in &bars[30..] { restored.state_mut().update(bar); }
            }
        }
    }
}

proptest! {
    /// Text from outside is understood or refused, and what is understood reads the same when written.
    #[test]
    fn any_text_is_a_specification_or_refused(text in prop_oneof!["\\PC{0,20}", "[a-z_]{0,10}\\(?[0-9.,eE+ -]{0,12}\\)?", "(sma|bollinger|macd)\\([0-9.,]{0,9}\\)", "(vwap|pivots|sma)\\([nysefx_ ,]{0,5}\\)"]) {
        if let Ok(spec) = text.parse::<Spec>() {
            prop_assert_eq!(spec.to_string().parse::<Spec>(), Ok(spec.clone()));
            AnyIndicator::new(&spec).update(&Bar::from_trade(0, 1.0, 1.0));
        }
    }
}

/// Where the numbers of a JSON text stand, those within strings left out.
fn number_spans(text: &str) -> Vec<(usize, usize)> {
    let (mut spans, mut quoted, mut start) = (Vec::new(), false, None);
    for (i, byte) in text.bytes().enumerate() {
        quoted ^= byte == b'"';
        let is_number =
            !quoted && (byte.is_ascii_digit() || b"-+.e".contains(&byte)) && text.as_bytes()[i] != b'"';
        match (is_number, start) {
            (true, None) if byte != b'e' => start = Some(i),
            (false, Some(from)) => {
                spans.push((from, i));
                start = None;
            }
            _ => {}
        }
    }
    spans
}

#[test]
fn states_of_other_indicators_or_parameters_are_refused() {
    let saved = serde_json::to_string(&Saved::new("sma(20)".parse().unwrap())).unwrap();
    assert!(serde_json::from_str::<Saved>(&saved).is_ok());
    for (from, to) in
        [("sma(20)", "sma(21)"), ("sma(20)", "wma(20)"), ("sma(20)", "nothing"), ("{\"sma\":", "{\"wma\":")]
    {
        let other = saved.replace(from, to);
        assert_ne!(other, saved);
        assert!(serde_json::from_str::<Saved>(&other).is_err(), "{other}");
    }
}

#[test]
fn constant_prices_without_volume_give_defined_answers() {
    let flat: Vec<Bar> = (0..300)
        .map(|i| Bar { time_ms: i * DAY_MS, open: 5.0, high: 5.0, low: 5.0, close: 5.0, volume: 0.0 })
        .collect();
    for definition in REGISTRY {
        let last = run(&definition.name.parse().unwrap(), &flat).pop().unwrap();
        let expected: Option<&[f64]> = match definition.name {
            "sma" | "ema" | "wma" | "dema" | "tema" | "hma" | "kama" | "zlema" | "sar" | "vwap"
            | "anchored_vwap" => Some(&[5.0]),
            "bollinger" | "keltner" | "donchian" => Some(&[5.0; 3]),
            "linreg" => Some(&[5.0, 5.0, 5.0, 0.0]),
            "ichimoku" => Some(&[5.0; 4]),
            "supertrend" => Some(&[5.0, 1.0]),
            "pivots" | "fibonacci_pivots" | "camarilla_pivots" => Some(&[5.0; 7]),
            "aroon" => Some(&[100.0, 100.0]),
            "macd" | "ppo" | "pvo" => Some(&[0.0; 3]),
            "rvi" => Some(&[50.0]),
            "stochastic" | "stochrsi" | "dmi" | "vortex" | "drawdown" => Some(&[0.0; 2]),
            "vwma" | "percent_b" | "profile" | "sharpe" | "sortino" | "zscore" => None,
            _ => Some(&[0.0]),
        };
        let Some(expected) = expected else {
            assert_eq!(last, None, "{}", definition.name);
            continue;
        };
        let last = last.unwrap_or_else(|| panic!("{} gives nothing", definition.name));
        assert_eq!(last.as_slice().len(), expected.len(), "{}", definition.name);
        for (ours, expected) in last.as_slice().iter().zip(expected) {
            assert!((ours - expected).abs() < 1e-12, "{}: {last:?}", definition.name);
        }
    }
}

#[test]
fn names_and_outputs_are_unique_and_defaults_lie_within_their_bounds() {
    for (i, definition) in REGISTRY.iter().enumerate() {
        assert!(REGISTRY[..i].iter().all(|other| other.name != definition.name), "{}", definition.name);
        for parameter in definition.parameters {
            assert!((parameter.min..=parameter.max).contains(&parameter.default), "{}", definition.name);
            assert!(parameter.choices.is_empty() || definition.parameters.len() == 1, "{}", definition.name);
        }
        for (i, output) in definition.outputs.iter().enumerate() {
            assert!(
                definition.outputs[..i].iter().all(|other| other.name != output.name),
                "{}",
                definition.name
            );
        }
    }
}
