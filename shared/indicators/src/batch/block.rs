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

/// Every eight rows of columns of which the shortest counts, the last ones filled up
/// with zeros.
#[inline(always)]
pub fn steps<const N: usize>(columns: [&[f64]; N]) -> impl Iterator<Item = [Lanes; N]> {
    let len = columns.iter().map(|column| column.len()).min().unwrap_or_default();
    (0..len.div_ceil(LANES)).map(move |index| {
        let mut rows = [[0.0; LANES]; N];
        for (lanes, column) in rows.iter_mut().zip(columns) {
            let (steps, rest) = column.as_chunks();
            *lanes = steps.get(index).copied().unwrap_or_else(|| filled_up(rest));
        }
        rows
    })
}

#[cold]
fn filled_up(rest: &[f64]) -> Lanes {
    let mut lanes = [0.0; LANES];
    for (lane, value) in lanes.iter_mut().zip(rest) {
        *lane = *value;
    }
    lanes
}

/// `function` of each value.
#[inline(always)]
pub fn of_each(mut lanes: Lanes, function: impl Fn(f64) -> f64) -> Lanes {
    for lane in &mut lanes {
        *lane = function(*lane);
    }
    lanes
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
