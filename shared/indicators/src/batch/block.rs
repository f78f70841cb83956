//! Columns in blocks, through which a window slides.

use super::lanes::{LANES, each, of_each};

/// A part of a column through which a window slides.
pub struct Block<'a> {
    /// The values before the first step.
    pub window: &'a [f64],
    /// What comes into the window.
    pub entering: &'a [f64],
    /// What it takes the place of.
    pub leaving: &'a [f64],
}

/// The blocks of a column, of `LEN` values or a window if that is longer; none of a
/// column that is shorter than a window. Sums over a window begin anew in each, lest
/// rounding errors pile up.
pub fn blocks<const LEN: usize>(values: &[f64], period: usize) -> impl Iterator<Item = Block<'_>> {
    let len = period.max(LEN).next_multiple_of(LANES);
    let last = values.len().checked_sub(period);
    let starts = last.into_iter().flat_map(move |last| (0..last.max(1)).step_by(len));
    starts.filter_map(move |start| {
        let (window, entering) = values.get(start..)?.split_at_checked(period)?;
        let entering = entering.get(..len).unwrap_or(entering);
        Some(Block { window, entering, leaving: values.get(start..start + entering.len())? })
    })
}

/// The sum of the values and of their squares, both as differences to a reference.
#[inline(always)]
pub fn sums_about(reference: f64, values: &[f64]) -> [f64; 2] {
    let [mut sums, mut squares] = [[0.0; LANES]; 2];
    let (steps, rest) = values.as_chunks();
    for step in steps {
        let differences = of_each(*step, |value| value - reference);
        sums = each(sums, differences, |sum, difference| sum + difference);
        squares = each(squares, differences, |sum, difference| sum + difference * difference);
    }
    let [mut sum, mut square] = [sums, squares].map(|sums| sums.iter().sum::<f64>());
    for value in rest {
        sum += value - reference;
        square += (value - reference) * (value - reference);
    }
    [sum, square]
}
