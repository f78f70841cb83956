//! What an indicator remembers, as its definition states it: whatever came before,
//! a window gives the numbers of its own bars.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use proptest::prelude::*;
use tickwise_indicators::{AnyIndicator, Memory, Outputs, REGISTRY, Spec, Unit};
use tickwise_market::Bar;

const DAY_MS: i64 = 86_400_000;

/// Noon in New York, Monday 2012-09-03 and the days after: in the session of the day.
const FIRST_MS: i64 = 1_346_688_000_000;

/// Of the largest output.
const TOLERANCE: f64 = 1e-9;

/// Bars before, of which nothing may be left.
const MAX_BEFORE: usize = 60;

/// Parameters with which what is recursive forgets within the bars of a test.
fn spec(name: &str) -> Spec {
    let text = match name {
        "ema" | "zlema" | "dema" | "tema" | "rsi" | "trix" | "adx" | "dmi" | "atr" => format!("{name}(5)"),
        "kama" => "kama(5,2,5)".into(),
        "stochrsi" => "stochrsi(5,5,3)".into(),
        "macd" | "ppo" | "pvo" => format!("{name}(3,6,4)"),
        "tsi" => "tsi(5,3)".into(),
        "rvi" => "rvi(5,10)".into(),
        "keltner" => "keltner(5,2,5)".into(),
        "sar" => "sar(0.2,0.4)".into(),
        "supertrend" => "supertrend(5,1)".into(),
        "ewma_variance" => "ewma_variance(0.8)".into(),
        "profile" | "sharpe" | "sortino" => format!("{name}(20)"),
        "ichimoku" => "ichimoku(5,10,20)".into(),
        name => name.into(),
    };
    text.parse().unwrap()
}

fn specs(memory: Memory) -> impl Iterator<Item = Spec> {
    REGISTRY
        .iter()
        .filter(move |definition| definition.memory == memory)
        .map(|definition| spec(definition.name))
}

fn run(spec: &Spec, bars: &[Bar]) -> Vec<Option<Outputs>> {
    let mut indicator = AnyIndicator::new(spec);
    bars.iter().map(|bar| indicator.update(bar)).collect()
}

/// A walk in cents at a level, by a linear congruential generator.
fn walk(seed: u64, level: f64, len: usize) -> Vec<Bar> {
    let mut state = seed;
    let mut below = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut price = 5_000_u64;
    let bar = |day: usize| {
        price = (price + below(401)).clamp(2_200, 9_800) - 200;
        let (above, under) = (below(100), below(100));
        let range = above + under;
        let at = |cents: u64| level * cents as f64 / 100.0;
        Bar {
            time_ms: FIRST_MS + day as i64 * DAY_MS,
            open: at(price - under + below(range + 1)),
            high: at(price + above),
            low: at(price - under),
            close: at(price - under + below(range + 1)),
            volume: (1_000 + below(9_000)) as f64,
        }
    };
    (0..len).map(bar).collect()
}

/// Bars of which anything is true but that they are bars, to be put before others.
fn before(largest: f64) -> impl Strategy<Value = Vec<Bar>> {
    let number = prop_oneof![
        4 => 1.0..1000.0_f64,
        1 => prop::sample::select(vec![1e-4, 0.01, 6e9, largest]),
    ];
    let row = (number.clone(), 1.0..1.5_f64, 0.0..=1.0_f64, 0.0..=1.0_f64, prop_oneof![Just(0.0), number]);
    prop::collection::vec(row, 1..MAX_BEFORE).prop_map(|rows| {
        let bar = |(index, (low, range, open, close, volume)): (i64, (f64, f64, f64, f64, f64))| {
            let within = |share: f64| low + low * (range - 1.0) * share;
            let time_ms = FIRST_MS - (MAX_BEFORE as i64 - index) * DAY_MS;
            Bar { time_ms, open: within(open), high: within(1.0), low, close: within(close), volume }
        };
        (0..).zip(rows).map(bar).collect()
    })
}

/// The outputs over the tail alone and with bars before it.
fn both(spec: &Spec, before: &[Bar], tail: &[Bar]) -> Vec<[Option<Outputs>; 2]> {
    let together = run(spec, &[before, tail].concat()).split_off(before.len());
    run(spec, tail).into_iter().zip(together).map(<[_; 2]>::from).collect()
}

fn assert_same(spec: &Spec, pairs: &[[Option<Outputs>; 2]]) -> Result<(), TestCaseError> {
    let values =
        |outputs: &Option<Outputs>| outputs.iter().flat_map(|o| o.as_slice().to_vec()).collect::<Vec<_>>();
    let largest = pairs.iter().flat_map(|[alone, _]| values(alone)).fold(0.0_f64, |max, v| max.max(v.abs()));
    for (index, [alone, together]) in pairs.iter().enumerate() {
        let (alone, together) = (values(alone), values(together));
        prop_assert_eq!(alone.len(), together.len(), "{} at {}: {:?} {:?}", spec, index, alone, together);
        for (alone, together) in alone.into_iter().zip(together) {
            prop_assert!(
                (alone - together).abs() <= TOLERANCE * largest,
                "{} at {}: {} and {}",
                spec,
                index,
                alone,
                together
            );
        }
    }
    Ok(())
}

/// The level of a tail: of a share, of a coin, of what a redenomination leaves.
fn levels() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![1.0, 1e-6, 1e4])
}

proptest! {
    /// After a split, a redenomination or one wrong print.
    #[test]
    fn a_window_gives_the_numbers_of_its_own_bars(before in before(1e60), seed in any::<u64>(), level in levels()) {
        let tail = walk(seed, level, 120);
        for spec in specs(Memory::Window) {
            let settled = AnyIndicator::new(&spec).warm_up() - 1;
            prop_assert_eq!(AnyIndicator::new(&spec).decay(), 0.0);
            let pairs = both(&spec, &before, &tail);
            assert_same(&spec, pairs.get(settled..).unwrap_or_default())?;
        }
    }

    /// The price does not move at all, as during a halt.
    #[test]
    fn a_window_without_movement_has_no_residue(before in before(1e60), price in 1_u32..1_000_000, volume in 0_u32..3) {
        let price = f64::from(price) / 1e4;
        let bar = |day: i64| Bar { volume: f64::from(volume), ..Bar::from_trade(FIRST_MS + day * DAY_MS, price, 0.0) };
        let tail: Vec<Bar> = (0..120).map(bar).collect();
        for spec in specs(Memory::Window) {
            let settled = AnyIndicator::new(&spec).warm_up() - 1;
            let pairs = both(&spec, &before, &tail);
            assert_same(&spec, pairs.get(settled..).unwrap_or_default())?;
        }
    }

    #[test]
    fn a_trading_day_knows_the_one_before_and_no_other(before in before(1e60), seed in any::<u64>(), level in levels()) {
        let tail = walk(seed, level, 20);
        for spec in specs(Memory::Session) {
            assert_same(&spec, &both(&spec, &before, &tail)[2..])?;
        }
    }

    /// An anchor at the beginning of the tail, and sums that begin before it.
    #[test]
    fn what_adds_up_differs_by_a_constant(before in before(6e9), seed in any::<u64>(), level in levels()) {
        let tail = walk(seed, level, 120);
        let anchored: Spec = format!("anchored_vwap({FIRST_MS})").parse().unwrap();
        assert_same(&anchored, &both(&anchored, &before, &tail))?;
        for spec in specs(Memory::Cumulative).filter(|spec| ["obv", "ad"].contains(&spec.name())) {
            let differences: Vec<[f64; 2]> = both(&spec, &before, &tail).iter()
                .map(|pair| pair.map(|outputs| outputs.unwrap().as_slice()[0])).collect();
            let largest = differences.iter().flatten().fold(0.0_f64, |max, value| max.max(value.abs()));
            for pair in differences.windows(2) {
                let [[a, b], [c, d]] = [pair[0], pair[1]];
                prop_assert!(((c - a) - (d - b)).abs() <= TOLERANCE * largest, "{} {:?}", spec, pair);
            }
        }
    }

    /// Prices from above, below and beyond; a share without trades; all in all bounds.
    #[test]
    fn outputs_lie_within_their_bounds(before in before(1e30), seed in any::<u64>(), level in levels(), rest in before(6e9)) {
        let bars = [before, walk(seed, level, 60), rest.clone(), rest].concat();
        for definition in REGISTRY {
            let spec = spec(definition.name);
            for (index, outputs) in run(&spec, &bars).into_iter().enumerate() {
                let Some(outputs) = outputs else { continue };
                for (value, output) in outputs.as_slice().iter().zip(definition.outputs) {
                    let (low, high) = match (definition.name, output.name) {
                        (_, _) if output.unit == Unit::Percent => (0.0, 100.0),
                        ("tsi", _) => (-100.0, 100.0),
                        ("williams", _) => (-100.0, 0.0),
                        ("cmf", _) => (-1.0, 1.0),
                        ("drawdown", _) => (-100.0, 0.0),
                        ("bandwidth" | "atr" | "ewma_variance", _) | (_, "volatility") => (0.0, f64::INFINITY),
                        _ => continue,
                    };
                    prop_assert!((low..=high).contains(value), "{} {} at {}: {}", spec, output.name, index, value);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// After so many bars that decay leaves less than the tolerance.
    #[test]
    fn what_is_recursive_forgets_as_its_decay_says(before in before(6e9), seed in any::<u64>()) {
        for spec in specs(Memory::Recursive) {
            let decay = AnyIndicator::new(&spec).decay();
            prop_assert!((0.5..1.0).contains(&decay), "{}: {}", spec, decay);
            // Averages of averages keep polynomially more; a logarithm of 1e-30 leaves room for it.
            let settled = AnyIndicator::new(&spec).warm_up() + (1e-30_f64.ln() / decay.ln()).ceil() as usize;
            let tail = walk(seed, 1.0, settled + 50);
            assert_same(&spec, &both(&spec, &before, &tail)[settled..])?;
        }
    }
}

#[test]
fn every_decay_belongs_to_something_recursive() {
    for definition in REGISTRY {
        let decay = AnyIndicator::new(&spec(definition.name)).decay();
        assert_eq!(decay > 0.0, definition.memory == Memory::Recursive, "{}", definition.name);
    }
}
