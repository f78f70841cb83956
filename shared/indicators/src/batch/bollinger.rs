use multiversion::multiversion;

use super::{
    block::{all_finite, column, each, of_each, steps},
    fold,
    windows::Windows,
};
use crate::volatility::Bollinger;

/// [`Bollinger`] over a column: upper, middle and lower.
///
/// Sums are of differences to a reference near the values of a block, lest a high
/// level cost precision; the roots of a block are taken together.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn bollinger(values: &[f64], period: usize, width: f64) -> [Vec<f64>; 3] {
    let period = period.max(1);
    let per_value = 1.0 / period as f64;
    let [mut of_sums, mut of_squares] = [(); 2].map(|()| Windows::new(period));
    let [mut differences, mut squares] = [(); 2].map(|()| Vec::new());
    let mut columns = [(); 3].map(|()| column(period - 1, values.len()));
    let [uppers, middles, lowers] = &mut columns;
    for block in of_sums.blocks(values) {
        if !all_finite(block) {
            return fold(&mut Bollinger::new(period, width), values.iter());
        }
        let reference = block.iter().take(period).sum::<f64>() * per_value;
        differences.clear();
        differences.extend(block.iter().map(|value| value - reference));
        squares.clear();
        squares.extend(differences.iter().map(|difference| difference * difference));
        let sums = of_sums.combine(&differences, |a, b| a + b);
        let squares = of_squares.combine(&squares, |a, b| a + b);
        let len = uppers.len() + sums.len();
        for [sums, squares] in steps([sums, squares]) {
            let means = of_each(sums, |sum| sum * per_value);
            let distances = each(means, squares, |mean, squares| {
                let variance = squares * per_value - mean * mean;
                width * if variance > 0.0 { variance } else { 0.0 }.sqrt()
            });
            let means = of_each(means, |mean| reference + mean);
            middles.extend_from_slice(&means);
            uppers.extend_from_slice(&each(means, distances, |mean, distance| mean + distance));
            lowers.extend_from_slice(&each(means, distances, |mean, distance| mean - distance));
        }
        for column in [&mut *uppers, middles, lowers] {
            column.truncate(len);
        }
    }
    columns
}
