use multiversion::multiversion;

use super::{all_finite, averages::append_means, bars, fold};
use crate::{
    extremum::{larger, smaller},
    momentum::{Stochastic, position},
};

/// [`Stochastic`] over columns, of which the shortest counts: %K and %D.
#[multiversion(targets("x86_64+avx2"))]
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
    let undefined = period + k + d - 3;
    if len <= undefined || ![high, low, close].into_iter().all(all_finite) {
        return fold(&mut Stochastic::new(period, k, d), bars(high, low, close));
    }
    let fast = positions(high, low, close, period);
    let [mut slow, mut signal] = [period + k - 2, undefined].map(|undefined| {
        let mut column = Vec::with_capacity(len);
        column.resize(undefined, f64::NAN);
        column
    });
    append_means(&fast, k, &mut slow);
    append_means(slow.get(period + k - 2..).unwrap_or_default(), d, &mut signal);
    // Both begin with the first value of the signal.
    slow.iter_mut().take(undefined).for_each(|value| *value = f64::NAN);
    [slow, signal]
}

/// Where each close lies in the range of its window, from the first full window on.
///
/// By blocks, as [`crate::rolling::RollingMax`].
fn positions(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Vec<f64> {
    let mut positions = Vec::with_capacity(close.len());
    // What is left of the block before, from each place to its end.
    let mut tops = vec![f64::NEG_INFINITY; period + 1];
    let mut bottoms = vec![f64::INFINITY; period + 1];
    let blocks = high.chunks(period).zip(low.chunks(period)).zip(close.chunks(period));
    for ((high, low), close) in blocks {
        let (mut top, mut bottom) = (f64::NEG_INFINITY, f64::INFINITY);
        let rests = tops.iter().zip(&bottoms).skip(1);
        positions.extend(high.iter().zip(low).zip(close).zip(rests).map(|(((high, low), close), rest)| {
            (top, bottom) = (larger(top, *high), smaller(bottom, *low));
            position(*close, smaller(*rest.1, bottom), larger(*rest.0, top))
        }));
        let (mut top, mut bottom) = (f64::NEG_INFINITY, f64::INFINITY);
        let rests = tops.iter_mut().zip(&mut bottoms).take(high.len()).rev();
        for ((rest_top, rest_bottom), (high, low)) in rests.zip(high.iter().zip(low).rev()) {
            (top, bottom) = (larger(top, *high), smaller(bottom, *low));
            (*rest_top, *rest_bottom) = (top, bottom);
        }
    }
    // The first windows were not full.
    positions.drain(..period - 1);
    positions
}
