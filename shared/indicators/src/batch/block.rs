//! What is done to eight values at a time.

/// Values that a step takes.
pub const LANES: usize = 8;

/// Values of a step.
pub type Lanes = [f64; LANES];

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

/// Each value in the place of the one that comes 1, 2 or 4 later.
#[inline(always)]
pub fn delayed<const BY: usize>([a, b, c, d, e, f, g, _]: Lanes) -> Lanes {
    match BY {
        1 => [0.0, a, b, c, d, e, f, g],
        2 => [0.0, 0.0, a, b, c, d, e, f],
        _ => [0.0, 0.0, 0.0, 0.0, a, b, c, d],
    }
}

/// `before` and the sums of the first one to eight values (Hillis and Steele 1986).
#[inline(always)]
pub fn running_sums(values: Lanes, before: f64) -> Lanes {
    let sums = each(values, delayed::<1>(values), |sum, other| sum + other);
    let sums = each(sums, delayed::<2>(sums), |sum, other| sum + other);
    let sums = each(sums, delayed::<4>(sums), |sum, other| sum + other);
    of_each(sums, |sum| before + sum)
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
