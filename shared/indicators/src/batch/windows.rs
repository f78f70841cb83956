/// Windows of a block. No part of a page, or addresses in columns and blocks would
/// coincide within it, which the processor takes for a dependence.
const BLOCK: usize = 31 * 8;

/// Combines the values of every window of a column, block by block, from shorter
/// windows that are made of shorter ones in turn. Nothing waits for the window
/// before, and no rounding error outlives a window.
pub struct Windows {
    period: usize,
    block: usize,
    from: Vec<f64>,
    into: Vec<f64>,
}

impl Windows {
    /// Of `period` values, at least 1, in blocks as long as those of the `longest` beside.
    pub fn new(period: usize, longest: usize) -> Self {
        // A block is no shorter than a window, which it needs beyond its end.
        let block = BLOCK.max(longest);
        let [from, into] = [(); 2].map(|()| Vec::with_capacity(block + period));
        Self { period, block, from, into }
    }

    /// The parts of a column with a block of windows each.
    pub fn blocks<'a>(&self, values: &'a [f64]) -> impl Iterator<Item = &'a [f64]> + use<'a> {
        let (block, period) = (self.block, self.period);
        let windows = (values.len() + 1).saturating_sub(period);
        (0..windows).step_by(block).filter_map(move |start| {
            let end = (start + block).min(windows) + period - 1;
            values.get(start..end)
        })
    }

    /// Of each window of one of the [`Self::blocks`] what `pick` chooses from it: from
    /// the pair at the same place of the two slices. They may overlap, so windows of
    /// powers of two suffice.
    #[inline(always)]
    pub fn picked<'a>(&'a mut self, values: &'a [f64], pick: impl Fn(f64, f64) -> f64) -> [&'a [f64]; 2] {
        let Self { period, from, into, .. } = self;
        let half = (period.next_power_of_two() / 2).max(1);
        let mut of = 1;
        while of < half {
            let windows: &[f64] = if of == 1 { values } else { from };
            into.clear();
            let [_, b, c, d] = [0, of, 2 * of, 3 * of].map(|by| windows.get(by..).unwrap_or_default());
            if 4 * of <= half {
                let pairs = windows.iter().zip(b).zip(c.iter().zip(d));
                into.extend(pairs.map(|((a, b), (c, d))| pick(pick(*a, *b), pick(*c, *d))));
                of *= 4;
            } else {
                into.extend(windows.iter().zip(b).map(|(a, b)| pick(*a, *b)));
                of *= 2;
            }
            std::mem::swap(from, into);
        }
        let windows: &[f64] = if half == 1 { values } else { from };
        [windows, windows.get(*period - half..).unwrap_or_default()]
    }

    /// Adds to a column what `finish` makes of the sum of each window of one of the
    /// [`Self::blocks`]: windows of two are made of values, windows of four or five of
    /// windows of two, and so on through the bits of the period.
    #[inline(always)]
    pub fn sums(&mut self, values: &[f64], finish: impl Fn(f64) -> f64, column: &mut Vec<f64>) {
        let Self { period, from, into, .. } = self;
        if *period == 1 {
            column.extend(values.iter().map(|value| finish(*value)));
        }
        let mut of = 1;
        for bit in (0..period.ilog2()).rev() {
            let shorter: &[f64] = if of == 1 { values } else { from };
            let is_odd = *period >> bit & 1 == 1;
            if bit == 0 {
                return add_sums(shorter, of, is_odd.then_some(values), finish, column);
            }
            into.clear();
            add_sums(shorter, of, is_odd.then_some(values), |sum| sum, into);
            std::mem::swap(from, into);
            of = 2 * of + usize::from(is_odd);
        }
    }
}

/// Windows of two of the `shorter` ones, which are `of` values long, and of one of the
/// `values` more where they are given.
#[inline(always)]
fn add_sums(
    shorter: &[f64],
    of: usize,
    values: Option<&[f64]>,
    finish: impl Fn(f64) -> f64,
    into: &mut Vec<f64>,
) {
    let pairs = shorter.iter().zip(shorter.get(of..).unwrap_or_default());
    match values {
        None => into.extend(pairs.map(|(a, b)| finish(a + b))),
        Some(values) => {
            let triples = pairs.zip(values.get(2 * of..).unwrap_or_default());
            into.extend(triples.map(|((a, b), c)| finish(a + b + c)));
        }
    }
}
