//! The published model on series of every kind: other price levels and asset
//! classes, few bars, no volume, prices that stand still, missing days.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::path::Path;

use proptest::prelude::*;
use tickwise_forecast::{ForecastError, Forecaster, HORIZONS, MIN_BARS, QuantileForecast, SEASONED_BARS};
use tickwise_market::Bar;
use tickwise_replay::Recording;

const DAY_MS: i64 = 86_400_000;

fn model() -> Forecaster {
    let models = Path::new("../public/models");
    let id = std::fs::read_to_string(models.join("current")).unwrap();
    let read = |name: &str| std::fs::read(models.join(id.trim()).join(name)).unwrap();
    Forecaster::load(&read("manifest.json"), &read("model.safetensors")).unwrap()
}

/// The last recorded days of IBM.
fn bars(count: usize) -> Vec<Bar> {
    let recording = Recording::from_arrow(&std::fs::read("../public/replay/IBM.arrow").unwrap()).unwrap();
    let days = recording.days();
    let bar = |(index, day): (usize, &tickwise_replay::RecordedDay)| Bar {
        time_ms: index as i64 * DAY_MS + 4_000 * DAY_MS,
        open: day.open,
        high: day.high,
        low: day.low,
        close: day.close,
        volume: day.volume,
    };
    let adjusted = days.iter().enumerate().map(|(index, day)| bar((index, day)).with_close(day.adj_close));
    adjusted.skip(days.len() - count).collect()
}

fn map(bars: &[Bar], price: impl Fn(f64) -> f64) -> Vec<Bar> {
    let bar = |bar: &Bar| Bar {
        open: price(bar.open),
        high: price(bar.high),
        low: price(bar.low),
        close: price(bar.close),
        ..*bar
    };
    bars.iter().map(bar).collect()
}

fn is_sound(forecast: &QuantileForecast) -> bool {
    let sound = |row: &[f64; 7]| row.is_sorted() && row.iter().all(|quantile| quantile.is_finite());
    forecast.quantiles.len() == HORIZONS && forecast.quantiles.iter().all(sound)
}

/// The greatest difference of two forecasts in shares of the first one's width,
/// where the second one's log returns are `scale` times as large.
fn difference(one: &QuantileForecast, other: &QuantileForecast, scale: f64) -> f64 {
    let rows = one.quantiles.iter().zip(&other.quantiles);
    let of = |(one, other): (&[f64; 7], &[f64; 7])| {
        let width = one[6] - one[0];
        let differences = one.iter().zip(other).map(move |(a, b)| (b / scale - a).abs() / width);
        differences.fold(0.0, f64::max)
    };
    rows.map(of).fold(0.0, f64::max)
}

#[test]
fn the_price_level_does_not_matter() {
    let (model, bars) = (model(), bars(900));
    let forecast = model.forecast(&bars).unwrap();
    // By powers of two nothing is rounded; else the fit of GJR-GARCH stops a little elsewhere.
    for (factor, tolerance) in [(2_f64.powi(-40), 0.0), (2_f64.powi(20), 0.0), (1e-4, 0.005), (123.4, 0.005)]
    {
        let scaled = model.forecast(&map(&bars, |price| price * factor)).unwrap();
        let difference = difference(&forecast, &scaled, 1.0);
        assert!(difference <= tolerance, "prices times {factor}: {difference}");
    }
}

/// Log returns a tenth as large are those of exchange rates and bonds; twice and
/// four times as large, of young stocks and crypto currencies.
#[test]
fn the_asset_class_does_not_matter() {
    let (model, bars) = (model(), bars(900));
    let forecast = model.forecast(&bars).unwrap();
    for scale in [0.1, 2.0, 4.0] {
        let other = model.forecast(&map(&bars, |price| price.powf(scale))).unwrap();
        let difference = difference(&forecast, &other, scale);
        assert!(difference < 0.02, "returns times {scale}: {difference}");
    }
}

#[test]
fn young_series_have_a_forecast_and_say_so() {
    let (model, bars) = (model(), bars(600));
    for count in [MIN_BARS, 101, 150, 250, 400, SEASONED_BARS - 1, SEASONED_BARS, 600] {
        let forecast = model.forecast(&bars[600 - count..]).unwrap();
        assert!(is_sound(&forecast), "{count} bars: {forecast:?}");
        assert_eq!(forecast.has_short_history, count < SEASONED_BARS, "{count} bars");
        let last = &forecast.quantiles[HORIZONS - 1];
        assert!((0.02..2.0).contains(&(last[6] - last[0])), "{count} bars: {last:?}");
    }
    let error = model.forecast(&bars[600 - MIN_BARS + 1..]).unwrap_err();
    assert!(matches!(error, ForecastError::NotEnoughBars { needed: MIN_BARS, have: 99 }), "{error}");
}

#[test]
fn a_price_that_is_not_positive_is_refused() {
    let model = model();
    for price in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let mut bars = bars(200);
        bars[150].low = price;
        assert!(matches!(model.forecast(&bars), Err(ForecastError::NotPositive)), "{price}");
    }
}

#[test]
fn a_price_that_has_never_moved_has_a_narrow_forecast() {
    let still = map(&bars(700), |_| 1.0);
    for count in [MIN_BARS, 700] {
        let forecast = model().forecast(&still[..count]).unwrap();
        assert!(is_sound(&forecast), "{forecast:?}");
        assert!(forecast.quantiles[0].iter().all(|quantile| quantile.abs() < 1e-3), "{forecast:?}");
    }
}

/// What can be wrong with a stretch of days.
#[derive(Clone, Copy, Debug)]
enum Flaw {
    NoVolume,
    StandsStill,
    NoRange,
    Missing,
    Jump(f64),
}

fn flaw() -> impl Strategy<Value = Flaw> {
    prop_oneof![
        Just(Flaw::NoVolume),
        Just(Flaw::StandsStill),
        Just(Flaw::NoRange),
        Just(Flaw::Missing),
        (-3.0..3.0_f64).prop_map(Flaw::Jump),
    ]
}

fn flawed(mut bars: Vec<Bar>, flaws: &[(usize, usize, Flaw)]) -> Vec<Bar> {
    let mut missing = vec![false; bars.len()];
    for (start, count, flaw) in flaws {
        let end = (start + count).min(bars.len());
        if let Flaw::Jump(size) = flaw {
            let later = map(&bars[*start..], |price| price * size.exp());
            bars.splice(start.., later);
        }
        let first = bars[*start];
        for (bar, missing) in bars[*start..end].iter_mut().zip(&mut missing[*start..end]) {
            match flaw {
                Flaw::NoVolume => bar.volume = 0.0,
                Flaw::StandsStill => {
                    *bar = Bar { time_ms: bar.time_ms, ..Bar::from_trade(0, first.close, 0.0) }
                }
                Flaw::NoRange => *bar = Bar::from_trade(bar.time_ms, bar.close, bar.volume),
                Flaw::Missing => *missing = true,
                Flaw::Jump(_) => {}
            }
        }
    }
    bars.into_iter().zip(missing).filter(|(_, missing)| !missing).map(|(bar, _)| bar).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flaws_of_any_kind_leave_a_sound_forecast(
        count in 150_usize..800,
        flaws in prop::collection::vec((0.0..1.0_f64, 1_usize..120, flaw()), 0..5),
    ) {
        let flaws: Vec<_> =
            flaws.into_iter().map(|(at, days, flaw)| ((at * count as f64) as usize, days, flaw)).collect();
        let bars = flawed(bars(count), &flaws);
        prop_assume!(bars.len() >= MIN_BARS);
        let forecast = model().forecast(&bars).unwrap();
        prop_assert!(is_sound(&forecast), "{:?}", forecast);
        let last = forecast.quantiles[HORIZONS - 1];
        prop_assert!(last[6] - last[0] < 20.0, "{:?}", last);
    }
}
