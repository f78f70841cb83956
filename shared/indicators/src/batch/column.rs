//! Whole columns: what comes in, and what goes out.

use super::lanes::LANES;

/// Whether all values are finite.
#[inline(always)]
pub fn all_finite(values: &[f64]) -> bool {
    // 0 of a finite number, else NaN: sums of it are quicker than tests.
    let mut sums = [0.0; 4 * LANES];
    let (steps, rest) = values.as_chunks::<{ 4 * LANES }>();
    for step in steps {
        for (sum, value) in sums.iter_mut().zip(step) {
            *sum += value * 0.0;
        }
    }
    let is_broken = |values: &[f64]| values.iter().fold(false, |found, value| found | !value.is_finite());
    !(is_broken(&sums) | is_broken(rest))
}

/// A column that begins with places where nothing is defined, with room for `len`
/// values and the rest of a last step.
pub fn column(undefined: usize, len: usize) -> Vec<f64> {
    let mut column = Vec::with_capacity(len + LANES);
    column.resize(undefined.min(len), f64::NAN);
    column
}
