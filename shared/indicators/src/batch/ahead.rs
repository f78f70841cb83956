use super::block::{BLOCK, LANES, Lanes, each};

/// An exponential average that looks eight values ahead (scattered look-ahead,
/// Parhi and Messerschmitt 1989): each average is made of the one eight values
/// before and of what the last eight values contribute, so that eight of them wait
/// for none but the eight before.
#[derive(Clone, Debug)]
pub struct Ahead {
    smoothing: f64,
    /// What is kept of an average after one, two, four, six and eight values.
    kept: [f64; 5],
    /// The values of the block, after the last ones of the block before.
    values: [f64; BEFORE + BLOCK],
    /// What each value and the one before contribute.
    pairs: [f64; BEFORE + BLOCK - 1],
    averages: [f64; BLOCK],
    last: Lanes,
}

/// Values of the block before that contribute to the first average of a block.
const BEFORE: usize = LANES - 1;

impl Ahead {
    /// Goes on from `average`.
    pub fn new(smoothing: f64, average: f64) -> Self {
        let (mut values, mut last) = ([0.0; BEFORE + BLOCK], [0.0; LANES]);
        // As if all before had been 0 but one value, whose share is the average.
        if let (Some(value), Some(lane)) = (values.last_mut(), last.last_mut()) {
            *value = average / smoothing;
            *lane = average;
        }
        let kept = [1, 2, 4, 6, 8].map(|values| (1.0 - smoothing).powi(values));
        let (pairs, averages) = ([0.0; BEFORE + BLOCK - 1], [0.0; BLOCK]);
        Self { smoothing, kept, values, pairs, averages, last }
    }

    /// Where the next block of values is to be put.
    #[inline(always)]
    pub fn next_values(&mut self) -> &mut [f64] {
        self.values.copy_within(BLOCK.., 0);
        self.values.get_mut(BEFORE..).unwrap_or_default()
    }

    /// The first `len` values of the block and the averages after each. Only the last
    /// block may be left short.
    #[inline(always)]
    pub fn averages(&mut self, len: usize) -> (&[f64], &[f64]) {
        let [kept, two, four, six, eight] = self.kept;
        let (smoothing, kept) = (self.smoothing, self.smoothing * kept);
        for (pair, [before, value]) in self.pairs.iter_mut().zip(self.values.array_windows()) {
            *pair = smoothing * value + kept * before;
        }
        let from = |place: usize| self.pairs.get(place..).unwrap_or_default().as_chunks::<LANES>().0;
        let pairs = from(6).iter().zip(from(4)).zip(from(2)).zip(from(0));
        let mut last = self.last;
        let averages = self.averages.as_chunks_mut::<LANES>().0;
        for (out, (((a, b), c), d)) in averages.iter_mut().zip(pairs) {
            let newer = each(*a, *b, |a, b| a + two * b);
            let older = each(*c, *d, |c, d| four * c + six * d);
            last =
                each(each(newer, older, |newer, older| newer + older), last, |sum, last| sum + eight * last);
            *out = last;
        }
        self.last = last;
        let values = self.values.get(BEFORE..BEFORE + len).unwrap_or_default();
        (values, self.averages.get(..len).unwrap_or_default())
    }

    /// Whether all averages so far are finite, and so all values: what is not stays
    /// in every later one.
    pub fn is_finite(&self) -> bool {
        self.last.iter().all(|average| average.is_finite())
    }
}
