use multiversion::multiversion;

use super::{
    column::{all_finite, column},
    exponential::Exponential,
    fold, fold_one,
    lanes::{each, steps},
    windows::Windows,
};
use crate::{
    average::{Ema, Sma},
    trend::Macd,
};

/// [`Sma`] over a column.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn sma(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let mut windows = Windows::new(period, period);
    let mut means = column(period - 1, values.len());
    for block in windows.blocks(values) {
        if !all_finite(block) {
            return fold_one(&mut Sma::new(period), values.iter());
        }
        windows.sums(block, |sum| sum / period as f64, &mut means);
    }
    means
}

/// [`Ema`] over a column.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn ema(values: &[f64], period: usize) -> Vec<f64> {
    let period = period.max(1);
    let folded = || fold_one(&mut Ema::new(period), values.iter());
    let Some((seeds, rest)) = values.split_at_checked(period).filter(|(seeds, _)| all_finite(seeds)) else {
        return folded();
    };
    let mut averages = column(period - 1, values.len());
    let start = mean(seeds);
    averages.push(start);
    let mut exponential = Exponential::new(2.0 / (period as f64 + 1.0), start);
    for [values] in steps([rest]) {
        averages.extend_from_slice(&exponential.next(values));
    }
    averages.truncate(values.len());
    if exponential.is_finite() { averages } else { folded() }
}

/// [`Macd`] over a column: macd, signal and histogram.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn macd(values: &[f64], fast: usize, slow: usize, signal: usize) -> [Vec<f64>; 3] {
    let (fast, slow, signal) = (fast.min(slow).max(1), fast.max(slow).max(1), signal.max(1));
    let folded = || fold(&mut Macd::new(fast, slow, signal), values.iter());
    let warm_up = slow + signal - 1;
    let Some((seeds, rest)) = values.split_at_checked(warm_up).filter(|(seeds, _)| all_finite(seeds)) else {
        return folded();
    };
    let mut macd = Macd::new(fast, slow, signal);
    let mut columns = [(); 3].map(|()| column(0, values.len()));
    for (column, seeds) in columns.iter_mut().zip(fold(&mut macd, seeds.iter())) {
        column.extend(seeds);
    }
    let [lines, signals, histograms] = &mut columns;
    let [mut fast, mut slow, mut signal] = macd.averages().map(Exponential::from);
    for [values] in steps([rest]) {
        let line = each(fast.next(values), slow.next(values), |fast, slow| fast - slow);
        let average = signal.next(line);
        lines.extend_from_slice(&line);
        signals.extend_from_slice(&average);
        histograms.extend_from_slice(&each(line, average, |line, signal| line - signal));
    }
    columns.iter_mut().for_each(|column| column.truncate(values.len()));
    if signal.is_finite() { columns } else { folded() }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl From<&Ema> for Exponential {
    fn from(ema: &Ema) -> Self {
        Self::new(ema.smoothing(), ema.average())
    }
}
