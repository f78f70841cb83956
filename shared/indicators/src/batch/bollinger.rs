use multiversion::multiversion;

use super::{
    block::{Block, blocks, sums_about},
    column::column,
    fold,
    lanes::{LANES, Lanes, each, of_each, running_sums, steps},
};
use crate::{
    extremum::lanewise::{larger, smaller},
    volatility::Bollinger,
};

/// The least variance of a block, as a share of its mean squares, that rounding of these
/// leaves ten digits.
const PRECISE: f64 = 1e-5;

/// [`Bollinger`] over a column: upper, middle and lower.
///
/// Sums are of differences to a reference near the values of a block, lest a high
/// level cost precision. Blocks in which the level changes so much that they would are
/// left to the stream.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2"))]
pub fn bollinger(values: &[f64], period: usize, width: f64) -> [Vec<f64>; 3] {
    let period = period.max(1);
    let per_value = 1.0 / period as f64;
    let mut columns = [(); 3].map(|()| column(period - 1, values.len()));
    let [uppers, middles, lowers] = &mut columns;
    for Block { window, entering, leaving } in blocks::<64>(values, period) {
        let [sum, _] = sums_about(0.0, window);
        let reference = sum * per_value;
        let [mut sum, mut square] = sums_about(reference, window);
        let begin = middles.len();
        let (mut least, mut most) = ([f64::INFINITY; LANES], [0.0; LANES]);
        let mut bands = |sums: Lanes, squares: Lanes| {
            let means = of_each(sums, |sum| sum * per_value);
            let squares = of_each(squares, |squares| squares * per_value);
            let variances = each(means, squares, |mean, squares| squares - mean * mean);
            least = each(least, variances, smaller);
            most = each(most, squares, larger);
            let distances =
                of_each(variances, |variance| width * if variance > 0.0 { variance } else { 0.0 }.sqrt());
            let means = of_each(means, |mean| reference + mean);
            let upper = each(means, distances, |mean, distance| mean + distance);
            let lower = each(means, distances, |mean, distance| mean - distance);
            [upper, means, lower]
        };
        if middles.len() < period {
            let first = bands([sum; LANES], [square; LANES]);
            for (column, lanes) in [&mut *uppers, middles, lowers].into_iter().zip(&first) {
                column.extend(lanes.first());
            }
        }
        for [entering, leaving] in steps([entering, leaving]) {
            let entering = of_each(entering, |value| value - reference);
            let leaving = of_each(leaving, |value| value - reference);
            let changes = each(entering, leaving, |entering, leaving| entering - leaving);
            let of_squares = each(entering, leaving, |entering, leaving| entering + leaving);
            let of_squares = each(changes, of_squares, |change, sum| change * sum);
            let (sums, squares) = (running_sums(changes, sum), running_sums(of_squares, square));
            ([.., sum], [.., square]) = (sums, squares);
            let [upper, middle, lower] = bands(sums, squares);
            uppers.extend_from_slice(&upper);
            middles.extend_from_slice(&middle);
            lowers.extend_from_slice(&lower);
        }
        if !square.is_finite() {
            return fold(&mut Bollinger::new(period, width), values.iter());
        }
        if least.iter().any(|least| most.iter().any(|most| *least < PRECISE * most)) {
            let block: Vec<f64> = window.iter().chain(entering).copied().collect();
            let known = period - usize::from(begin < period);
            let columns = fold(&mut Bollinger::new(period, width), block.iter());
            for (column, exact) in [&mut *uppers, middles, lowers].into_iter().zip(&columns) {
                column.truncate(begin);
                column.extend(exact.iter().skip(known));
            }
        }
    }
    columns.iter_mut().for_each(|column| column.truncate(values.len()));
    columns
}
