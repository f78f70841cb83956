use multiversion::multiversion;

use super::{
    bars,
    column::{all_finite, column},
    fold,
    windows::Windows,
};
use crate::{
    extremum::lanewise::{larger, smaller},
    momentum::{Stochastic, position},
};

/// [`Stochastic`] over columns, of which the shortest counts: %K and %D.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn stochastic(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    period: usize,
    k: usize,
    d: usize,
) -> [Vec<f64>; 2] {
    let [period, k, d] = [period, k, d].map(|period| period.max(1));
    let len = high.len().min(low.len()).min(close.len());
    let [high, low, close] = [high, low, close].map(|column| column.get(..len).unwrap_or_default());
    let longest = period.max(k).max(d);
    let [mut highest, mut lowest, mut of_fast, mut of_slow] =
        [period, period, k, d].map(|period| Windows::new(period, longest));
    let [per_fast, per_slow] = [k, d].map(|period| 1.0 / period as f64);
    let (mut fast, mut slow) = (Vec::new(), Vec::new());
    let [mut slows, mut signals] = [(); 2].map(|()| column(period + k + d - 3, len));
    let blocks = highest.blocks(high).zip(lowest.blocks(low)).zip(lowest.blocks(close));
    for ((highs, lows), closes) in blocks {
        if !(all_finite(highs) && all_finite(lows) && all_finite(closes)) {
            return fold(&mut Stochastic::new(period, k, d), bars(high, low, close));
        }
        let closes = closes.get(period - 1..).unwrap_or_default().iter();
        let ranges = lowest.combine(lows, smaller).iter().zip(highest.combine(highs, larger));
        fast.extend(closes.zip(ranges).map(|(close, (lowest, highest))| position(*close, *lowest, *highest)));
        slow.extend(of_fast.combine(&fast, |a, b| a + b).iter().map(|sum| sum * per_fast));
        // Both columns begin with the first value of the signal.
        slows.extend_from_slice(slow.get(d - 1..).unwrap_or_default());
        signals.extend(of_slow.combine(&slow, |a, b| a + b).iter().map(|sum| sum * per_slow));
        keep_last(&mut fast, k - 1);
        keep_last(&mut slow, d - 1);
    }
    [slows, signals]
}

fn keep_last(values: &mut Vec<f64>, count: usize) {
    values.drain(..values.len().saturating_sub(count));
}
