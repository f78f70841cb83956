use multiversion::multiversion;

use super::{
    averages::mean,
    bars,
    column::{all_finite, column},
    exponential::Exponential,
    fold_one,
    lanes::{LANES, each, of_each, steps},
};
use crate::{
    extremum::lanewise::{larger, smaller},
    momentum::{Rsi, gain_and_loss, share_of_gains},
    volatility::{Atr, true_range},
};

/// [`Rsi`] over a column.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn rsi(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let folded = || fold_one(&mut Rsi::new(period), values.iter());
    let Some((seeds, rest)) = values.split_at_checked(period + 1).filter(|(seeds, _)| all_finite(seeds))
    else {
        return folded();
    };
    let seeds = seeds.array_windows().map(|[before, value]| gain_and_loss(value - before));
    let (gains, losses): (Vec<f64>, Vec<f64>) = seeds.unzip();
    let [gain, loss] = [mean(&gains), mean(&losses)];
    let mut indices = column(period, values.len());
    indices.push(share_of_gains(gain, loss));
    let [mut gain, mut loss] = [gain, loss].map(|mean| Exponential::new(1.0 / period as f64, mean));
    let befores = values.get(period..).unwrap_or_default();
    for [values, befores] in steps([rest, befores]) {
        let changes = each(values, befores, |value, before| value - before);
        let gains = gain.next(of_each(changes, |change| gain_and_loss(change).0));
        let losses = loss.next(of_each(changes, |change| gain_and_loss(change).1));
        indices.extend_from_slice(&each(gains, losses, share_of_gains));
    }
    indices.truncate(values.len());
    if gain.is_finite() && loss.is_finite() { indices } else { folded() }
}

/// [`Atr`] over columns, of which the shortest counts.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn atr(high: &[f64], low: &[f64], close: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let len = high.len().min(low.len()).min(close.len());
    let folded = || fold_one(&mut Atr::new(period), bars(high, low, close));
    let begins_clean = |column: &[f64]| column.get(..=period).is_some_and(all_finite);
    let is_last_clean =
        len.checked_sub(1).and_then(|last| close.get(last)).is_some_and(|close| close.is_finite());
    if len <= period || !(is_last_clean && [high, low, close].into_iter().all(begins_clean)) {
        return folded();
    }
    // The range of a bar is made with the close before.
    let [high, low] = [high, low].map(|column| column.get(1..len).unwrap_or_default());
    let before = close.get(..len - 1).unwrap_or_default();
    let mut averages = column(period, len);
    let seeds: Vec<f64> = high
        .iter()
        .zip(low)
        .zip(before)
        .take(period)
        .map(|((high, low), before)| true_range(*high, *low, *before))
        .collect();
    let start = mean(&seeds);
    averages.push(start);
    let mut exponential = Exponential::new(1.0 / period as f64, start);
    let [high, low, before] = [high, low, before].map(|column| column.get(period..).unwrap_or_default());
    for [high, low, before] in steps([high, low, before]) {
        let mut ranges = [0.0; LANES];
        for (range, ((high, low), before)) in ranges.iter_mut().zip(high.iter().zip(low).zip(before)) {
            // 0 of finite numbers, else NaN: larger and smaller may pass over what is not.
            let not_finite = (high + low + before) * 0.0;
            *range = larger(*high, before) - smaller(low, before) + not_finite;
        }
        averages.extend_from_slice(&exponential.next(ranges));
    }
    averages.truncate(len);
    if exponential.is_finite() { averages } else { folded() }
}
