//! What is done to eight values at a time, which a processor does in one step.

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
