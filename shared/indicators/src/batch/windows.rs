/// Windows of a block. No part of a page, or addresses in columns and blocks would
/// coincide within it, which the processor takes for a dependence.
const BLOCK: usize = 31 * 8;

/// Combines the values of every window of a column, block by block and by
/// doubling: windows of two are made of values, windows of four or five of windows
/// of two, and so on through the bits of the period. Nothing waits for the window
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
        let [from, into] = [(); 2].map(|()| vec![0.0; block + period]);
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

    /// What `combine` makes of each window of one of the [`Self::blocks`].
    #[inline(always)]
    pub fn combine(&mut self, values: &[f64], combine: impl Fn(f64, f64) -> f64) -> &[f64] {
        let (mut len, mut of) = (values.len(), 1);
        let Self { from, into, .. } = self;
        let (mut from, mut into) = (from.as_mut_slice(), into.as_mut_slice());
        if self.period == 1 {
            for (out, value) in from.iter_mut().zip(values) {
                *out = *value;
            }
        }
        for bit in (0..self.period.ilog2()).rev() {
            let windows: &[f64] = if of == 1 { values } else { from };
            let windows = windows.get(..len).unwrap_or_default();
            let pairs = windows.iter().zip(windows.get(of..).unwrap_or_default());
            of *= 2;
            if self.period >> bit & 1 == 0 {
                for (out, (a, b)) in into.iter_mut().zip(pairs) {
                    *out = combine(*a, *b);
                }
            } else {
                for (out, ((a, b), c)) in into.iter_mut().zip(pairs.zip(values.get(of..).unwrap_or_default()))
                {
                    *out = combine(combine(*a, *b), *c);
                }
                of += 1;
            }
            len = (values.len() + 1).saturating_sub(of);
            (from, into) = (into, from);
        }
        from.get(..len).unwrap_or_default()
    }
}
