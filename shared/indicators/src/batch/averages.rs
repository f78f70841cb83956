use multiversion::multiversion;

use super::{
    all_finite,
    block::{Ahead, BLOCK, first, pairwise, running_sums},
    column, fold, fold_one,
};
use crate::{
    average::{Ema, Sma},
    trend::Macd,
};

/// [`Sma`] over a column.
#[multiversion(targets("x86_64+avx2"))]
pub fn sma(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    if values.len() < period || !all_finite(values) {
        return fold_one(&mut Sma::new(period), values.iter());
    }
    let mut means = column(period - 1, values.len());
    append_means(values, period, &mut means);
    means
}

/// The means of all windows of finite values.
#[inline(always)]
pub(super) fn append_means(values: &[f64], period: usize, means: &mut Vec<f64>) {
    match period {
        1 => means.extend_from_slice(values),
        // For so few, sums from scratch are faster than sliding ones.
        2 => means.extend(values.array_windows().map(|[a, b]| (a + b) * 0.5)),
        3 => means.extend(values.array_windows().map(|[a, b, c]| (a + b + c) * (1.0 / 3.0))),
        _ => sliding_means(values, period, means),
    }
}

/// Sums slide over a block, from one that is taken anew.
#[inline(always)]
fn sliding_means(values: &[f64], period: usize, means: &mut Vec<f64>) {
    let per_value = 1.0 / period as f64;
    let Some((window, rest)) = values.split_at_checked(period) else { return };
    means.push(window.iter().sum::<f64>() * per_value);
    let (mut changes, mut sums) = ([0.0; BLOCK], [0.0; BLOCK]);
    for (index, (new, old)) in rest.chunks(BLOCK).zip(values.chunks(BLOCK)).enumerate() {
        let window = values.iter().skip(index * BLOCK).take(period);
        pairwise(new, old, &mut changes, |new, old| new - old);
        running_sums(window.sum(), first(&changes, new.len()), &mut sums);
        sums.iter_mut().for_each(|sum| *sum *= per_value);
        means.extend_from_slice(first(&sums, new.len()));
    }
}

/// [`Ema`] over a column.
#[multiversion(targets("x86_64+avx2"))]
pub fn ema(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let folded = || fold_one(&mut Ema::new(period), values.iter());
    let Some((seeds, rest)) = values.split_at_checked(period).filter(|(seeds, _)| all_finite(seeds)) else {
        return folded();
    };
    let mut averages = column(period - 1, values.len());
    let start = mean(seeds);
    averages.push(start);
    let (mut ahead, mut block) = (Ahead::new(2.0 / (period as f64 + 1.0), start), [0.0; BLOCK]);
    for values in rest.chunks(BLOCK) {
        if !all_finite(values) {
            return folded();
        }
        ahead.averages(values, &mut block);
        averages.extend_from_slice(first(&block, values.len()));
    }
    averages
}

/// [`Macd`] over a column: macd, signal and histogram.
#[multiversion(targets("x86_64+avx2"))]
pub fn macd(values: &[f64], fast: usize, slow: usize, signal: usize) -> [Vec<f64>; 3] {
    let (fast, slow, signal) = (fast.min(slow).max(1), fast.max(slow).max(1), signal.max(1));
    let warm_up = slow + signal - 1;
    let folded = || fold(&mut Macd::new(fast, slow, signal), values.iter());
    let Some((seeds, rest)) = values.split_at_checked(warm_up).filter(|(seeds, _)| all_finite(seeds)) else {
        return folded();
    };
    let mut macd = Macd::new(fast, slow, signal);
    let mut columns = fold(&mut macd, seeds.iter());
    columns.iter_mut().for_each(|column| column.reserve_exact(rest.len()));
    let [mut fast_average, mut slow_average, mut signal_average] = macd.averages().map(Ahead::from);
    let [mut lines, mut signals, mut histogram] = [[0.0; BLOCK]; 3];
    for values in rest.chunks(BLOCK) {
        if !all_finite(values) {
            return folded();
        }
        // All three averages at once, since each waits for itself.
        let (fours, tail) = values.as_chunks::<4>();
        let outputs = lines.as_chunks_mut::<4>().0.iter_mut().zip(signals.as_chunks_mut::<4>().0);
        for (four, (line, average)) in fours.iter().zip(outputs) {
            let (fast, slow) = (fast_average.four(*four), slow_average.four(*four));
            *line = [fast[0] - slow[0], fast[1] - slow[1], fast[2] - slow[2], fast[3] - slow[3]];
            *average = signal_average.four(*line);
        }
        let outputs = lines.iter_mut().zip(&mut signals).skip(values.len() - tail.len());
        for (value, (line, average)) in tail.iter().zip(outputs) {
            *line = fast_average.one(*value) - slow_average.one(*value);
            *average = signal_average.one(*line);
        }
        pairwise(&lines, &signals, &mut histogram, |line, signal| line - signal);
        for (column, block) in columns.iter_mut().zip([&lines, &signals, &histogram]) {
            column.extend_from_slice(first(block, values.len()));
        }
    }
    columns
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl From<&Ema> for Ahead {
    fn from(ema: &Ema) -> Self {
        Self::new(ema.smoothing(), ema.average())
    }
}
