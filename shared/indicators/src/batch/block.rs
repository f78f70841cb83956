//! What is done to a block of values at a time, in the first cache.

/// Values of a block.
pub const BLOCK: usize = 256;

/// Results of a block.
pub type Block = [f64; BLOCK];

/// An exponential average that takes four values at a time (look-ahead, Parhi and
/// Messerschmitt 1989): what a value contributes to the later three is summed
/// before the average so far is known, so that only one multiplication and one
/// addition wait for it.
#[derive(Clone, Copy, Debug)]
pub struct Ahead {
    smoothing: f64,
    /// What is kept of the average after one to four values.
    kept: [f64; 4],
    average: f64,
}

impl Ahead {
    pub fn new(smoothing: f64, average: f64) -> Self {
        let kept = 1.0 - smoothing;
        Self { smoothing, kept: [kept, kept.powi(2), kept.powi(3), kept.powi(4)], average }
    }

    /// The averages after each of up to [`BLOCK`] values.
    #[inline(always)]
    pub fn averages(&mut self, values: &[f64], averages: &mut Block) {
        let (fours, tail) = values.as_chunks::<4>();
        let (fours_out, _) = averages.as_chunks_mut::<4>();
        for (four, out) in fours.iter().zip(&mut *fours_out) {
            *out = self.four(*four);
        }
        let tail_out = fours_out.iter_mut().skip(fours.len()).flatten();
        tail.iter().zip(tail_out).for_each(|(value, out)| *out = self.one(*value));
    }

    #[inline(always)]
    pub fn one(&mut self, value: f64) -> f64 {
        self.average = self.smoothing * value + self.kept[0] * self.average;
        self.average
    }

    #[inline(always)]
    pub fn four(&mut self, values: [f64; 4]) -> [f64; 4] {
        let [once, twice, thrice, four_times] = self.kept;
        let a = self.smoothing * values[0];
        let b = self.smoothing * values[1] + once * a;
        let c = self.smoothing * values[2] + once * b;
        let d = self.smoothing * values[3] + once * c;
        let before = self.average;
        self.average = d + four_times * before;
        [a + once * before, b + twice * before, c + thrice * before, self.average]
    }
}

/// The sums of `start` and the first one, two, … up to [`BLOCK`] terms, four at a
/// time, so that only one addition waits for the sum before.
#[inline(always)]
pub fn running_sums(start: f64, terms: &[f64], sums: &mut Block) {
    let mut sum = start;
    let (fours, tail) = terms.as_chunks::<4>();
    let (fours_out, _) = sums.as_chunks_mut::<4>();
    for ([a, b, c, d], out) in fours.iter().zip(&mut *fours_out) {
        let (ab, cd) = (a + b, c + d);
        *out = [sum + a, sum + ab, sum + (ab + c), sum + (ab + cd)];
        sum += ab + cd;
    }
    for (term, out) in tail.iter().zip(fours_out.iter_mut().skip(fours.len()).flatten()) {
        sum += term;
        *out = sum;
    }
}

/// `function` of pairs, into a block.
#[inline(always)]
pub fn pairwise(a: &[f64], b: &[f64], out: &mut Block, function: impl Fn(f64, f64) -> f64) {
    for ((a, b), out) in a.iter().zip(b).zip(out) {
        *out = function(*a, *b);
    }
}

/// The first values of a block.
#[inline(always)]
pub fn first(block: &Block, len: usize) -> &[f64] {
    block.get(..len).unwrap_or(block)
}
