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
    let mut fast = Vec::new();
    let [first_slow, first] = [period + k - 2, period + k + d - 3];
    let [mut slows, mut signals] = [first_slow, first].map(|undefined| column(undefined, len));
    let blocks = highest.blocks(high).zip(lowest.blocks(low)).zip(lowest.blocks(close));
    for ((highs, lows), closes) in blocks {
        if !(all_finite(highs) && all_finite(lows) && all_finite(closes)) {
            return fold(&mut Stochastic::new(period, k, d), bars(high, low, close));
        }
        let closes = closes.get(period - 1..).unwrap_or_default().iter();
        let [lows, other_lows] = lowest.picked(lows, smaller);
        let [highs, other_highs] = highest.picked(highs, larger);
        let ranges = lows.iter().zip(other_lows).zip(highs.iter().zip(other_highs));
        fast.extend(closes.zip(ranges).map(|(close, ((low, other_low), (high, other_high)))| {
            position(*close, smaller(*low, *other_low), larger(*high, *other_high))
        }));
        // Sums go on from the last values of the block before.
        let known = (slows.len() + 1).saturating_sub(d).max(first_slow);
        of_fast.sums(&fast, |sum| sum * per_fast, &mut slows);
        of_slow.sums(slows.get(known..).unwrap_or_default(), |sum| sum * per_slow, &mut signals);
        keep_last(&mut fast, k - 1);
    }
    // Both columns begin with the first value of the signal.
    slows.iter_mut().take(first).for_each(|slow| *slow = f64::NAN);
    [slows, signals]
}

fn keep_last(values: &mut Vec<f64>, count: usize) {
    values.drain(..values.len().saturating_sub(count));
}
