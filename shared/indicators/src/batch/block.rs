//! What is done to a block of values at a time, in the first cache, and there to
//! eight of them at a time.

/// Values that a step takes.
pub const LANES: usize = 8;

/// Values of a step.
pub type Lanes = [f64; LANES];

/// Values of a block. Blocks that lie on the stack are copied to columns on the
/// heap: were this a part of a page, their addresses would always or never
/// coincide within it, which the processor takes for a dependence.
pub const BLOCK: usize = 31 * LANES;

/// The steps of a block, the last one filled up.
#[inline(always)]
pub fn steps(values: &[f64]) -> impl Iterator<Item = Lanes> {
    let (steps, rest) = values.as_chunks();
    let mut last = [0.0; LANES];
    for (lane, value) in last.iter_mut().zip(rest) {
        *lane = *value;
    }
    steps.iter().copied().chain((!rest.is_empty()).then_some(last))
}

/// `function` of each pair.
#[inline(always)]
pub fn each(mut a: Lanes, b: Lanes, function: impl Fn(f64, f64) -> f64) -> Lanes {
    for (a, b) in a.iter_mut().zip(b) {
        *a = function(*a, b);
    }
    a
}

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
