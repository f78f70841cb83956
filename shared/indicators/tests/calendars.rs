//! Session VWAP and pivots by the trading days of other markets, chosen by text.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use tickwise_indicators::{AnyIndicator, REGISTRY, Spec};
use tickwise_market::{Bar, Calendar};

const HOUR_MS: i64 = 3_600_000;

/// Saturday 2012-11-03, 00:00 UTC. In New York daylight saving ends on the next day.
const SATURDAY_MS: i64 = 1_351_900_800_000;

/// Bars of a market that never closes, one an hour, whose prices are the hours.
fn hours() -> impl Iterator<Item = Bar> {
    (0..120).map(|hour| Bar::from_trade(SATURDAY_MS + hour * HOUR_MS, hour as f64, 1.0))
}

fn indicator(text: &str) -> AnyIndicator {
    AnyIndicator::new(&text.parse::<Spec>().unwrap())
}

/// The hours at which the average starts anew: where it is the price itself.
fn beginnings(text: &str) -> Vec<i64> {
    let mut vwap = indicator(text);
    let begins = |bar: &Bar| vwap.update(bar).is_some_and(|vwap| vwap.as_slice() == [bar.close]);
    hours().filter(begins).map(|bar| (bar.time_ms - SATURDAY_MS) / HOUR_MS).collect()
}

#[test]
fn the_average_of_a_session_begins_with_the_day_of_its_market() {
    // UTC days.
    assert_eq!(beginnings("vwap(always_open)"), [0, 24, 48, 72, 96]);
    // At 17:00 in New York, which is 22:00 UTC once daylight saving has ended. Before Sunday evening
    // the market is closed: bars from elsewhere go by the day in New York, which begins at 04:00.
    assert_eq!(beginnings("vwap(fx)"), [0, 4, 28, 46, 70, 94, 118]);
    // The days of New York, of 25 hours when daylight saving ends.
    assert_eq!(beginnings("vwap(nyse)"), [0, 4, 28, 53, 77, 101]);
    assert_eq!(beginnings("vwap"), beginnings("vwap(nyse)"));
}

#[test]
fn pivots_are_of_the_day_before_in_their_market() {
    for (text, first_hour, high, low) in [
        // Tuesday's FX day is followed by Wednesday's; it lasted from hour 70 to hour 93.
        ("pivots(fx)", 94, 93.0, 70.0),
        ("camarilla_pivots(always_open)", 96, 95.0, 72.0),
        ("fibonacci_pivots(nyse)", 101, 100.0, 77.0),
    ] {
        let mut pivots = indicator(text);
        let all: Vec<_> = hours().map(|bar| pivots.update(&bar)).collect();
        let pivot = all[first_hour].unwrap().as_slice()[0];
        assert!((pivot - (high + low + high) / 3.0).abs() < 1e-12, "{text}: {pivot}");
        assert_ne!(all[first_hour - 1], all[first_hour], "{text}");
    }
}

#[test]
fn the_words_are_the_names_of_the_calendars() {
    let choosing = REGISTRY.iter().filter(|definition| !definition.parameters.is_empty());
    let words: Vec<_> = choosing.filter(|d| !d.parameters[0].choices.is_empty()).collect();
    assert_eq!(words.len(), 4, "vwap and three kinds of pivots");
    for definition in words {
        for (calendar, word) in Calendar::ALL.iter().zip(definition.parameters[0].choices) {
            assert_eq!(serde_json::to_string(calendar).unwrap(), format!("\"{word}\""));
            let text = format!("{}({word})", definition.name);
            assert_eq!(text.parse::<Spec>().unwrap().to_string(), text);
        }
    }
    assert_eq!(Calendar::ALL[0], Calendar::default());
}
