use multiversion::multiversion;

use super::{
    all_finite,
    block::{BLOCK, first, pairwise, running_sums},
    fold,
};
use crate::volatility::Bollinger;

/// [`Bollinger`] over a column: upper, middle and lower.
///
/// Sums of differences to a reference slide over a block, from sums that are
/// taken anew; the roots of a block are taken together.
#[multiversion(targets("x86_64+avx2"))]
pub fn bollinger(values: &[f64], period: usize, width: f64) -> [Vec<f64>; 3] {
    let period = period.max(1);
    let folded = || fold(&mut Bollinger::new(period, width), values.iter());
    let Some((seeds, rest)) = values.split_at_checked(period).filter(|(seeds, _)| all_finite(seeds)) else {
        return folded();
    };
    let mut columns = fold(&mut Bollinger::new(period, width), seeds.iter());
    columns.iter_mut().for_each(|column| column.reserve_exact(rest.len()));
    let per_value = 1.0 / period as f64;
    let [mut changes, mut sums, mut squares, mut distances, mut upper, mut lower] = [[0.0; BLOCK]; 6];
    for (index, (new, old)) in rest.chunks(BLOCK).zip(values.chunks(BLOCK)).enumerate() {
        if !all_finite(new) {
            return folded();
        }
        let window = || values.iter().skip(index * BLOCK).take(period);
        let reference = window().sum::<f64>() * per_value;
        pairwise(new, old, &mut changes, |new, old| new - old);
        running_sums(0.0, first(&changes, new.len()), &mut sums);
        pairwise(new, old, &mut changes, |new, old| (new - old) * ((new - reference) + (old - reference)));
        let start = window().map(|value| (value - reference).powi(2)).sum();
        running_sums(start, first(&changes, new.len()), &mut squares);
        pairwise(&sums, &squares, &mut distances, |sum, squares| {
            let mean = sum * per_value;
            let variance = squares * per_value - mean * mean;
            width * if variance > 0.0 { variance } else { 0.0 }.sqrt()
        });
        sums.iter_mut().for_each(|sum| *sum = reference + *sum * per_value);
        pairwise(&sums, &distances, &mut upper, |mean, distance| mean + distance);
        pairwise(&sums, &distances, &mut lower, |mean, distance| mean - distance);
        for (column, block) in columns.iter_mut().zip([&upper, &sums, &lower]) {
            column.extend_from_slice(first(block, new.len()));
        }
    }
    columns
}
