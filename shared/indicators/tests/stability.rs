//! Ten million updates cost no precision: rolling sums and variances equal those
//! of a fresh indicator that has seen nothing but the window.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

use std::collections::VecDeque;

use tickwise_indicators::{AnyIndicator, Spec};
use tickwise_market::Bar;

const UPDATES: usize = 10_000_000;
const RECENT: usize = 100;
const TOLERANCE: f64 = 1e-9;

/// A random walk between about 50 and 5000 with jumps, by a linear congruential generator.
fn walk() -> impl Iterator<Item = Bar> {
    let mut state = 42_u64;
    let mut price = 100.0_f64;
    (0..).map(move |i| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        let step = if state >> 59 == 0 { 0.2 } else { 0.01 };
        price = (price * (step * uniform).exp()).clamp(50.0, 5000.0);
        let volume = 1e6 * (uniform + 0.6);
        Bar { time_ms: i, open: price, high: price * 1.01, low: price * 0.99, close: price, volume }
    })
}

#[test]
fn ten_million_updates_leave_no_error_behind() {
    let specs = [
        "sma(20)",
        "wma(20)",
        "bollinger(20)",
        "linreg(50)",
        "volatility(20)",
        "cmf(20)",
        "mfi(14)",
        "zscore(20)",
    ];
    let specs: Vec<Spec> = specs.iter().map(|text| text.parse().unwrap()).collect();
    // Not a multiple of any period, so that the last renewal lies back.
    let mut long: Vec<AnyIndicator> = specs.iter().map(AnyIndicator::new).collect();
    let mut last = vec![None; long.len()];
    let mut recent = VecDeque::with_capacity(RECENT);
    for bar in walk().take(UPDATES + 13) {
        if recent.len() == RECENT {
            recent.pop_front();
        }
        recent.push_back(bar);
        for (indicator, last) in long.iter_mut().zip(&mut last) {
            *last = indicator.update(&bar);
        }
    }
    for (spec, long) in specs.iter().zip(last) {
        let mut fresh = AnyIndicator::new(spec);
        let window = recent.iter().skip(RECENT - fresh.warm_up());
        let exact = window.map(|bar| fresh.update(bar)).last().unwrap().unwrap();
        for (long, exact) in long.unwrap().as_slice().iter().zip(exact.as_slice()) {
            assert!((long - exact).abs() <= TOLERANCE * exact.abs().max(1e-3), "{spec}: {long} not {exact}");
        }
    }
}
