use super::lanes::{Lanes, delayed, each, of_each};

/// An exponential average over eight values at a time. What the values of a step
/// contribute to each other's averages is summed in parallel, over distances of one,
/// two and four (Hillis and Steele 1986); then comes what is kept of the average
/// before, so that eight averages wait for only one.
#[derive(Clone, Copy, Debug)]
pub struct Exponential {
    smoothing: f64,
    /// What is kept of an average after one to eight values.
    kept: Lanes,
    average: f64,
}

impl Exponential {
    /// Goes on from `average`.
    pub fn new(smoothing: f64, average: f64) -> Self {
        Self {
            smoothing,
            kept: [1, 2, 3, 4, 5, 6, 7, 8].map(|values| (1.0 - smoothing).powi(values)),
            average,
        }
    }

    /// The averages after each of the next eight values.
    #[inline(always)]
    pub fn next(&mut self, values: Lanes) -> Lanes {
        let Self { smoothing, kept: [one, two, _, four, ..], average } = *self;
        let shares = of_each(values, |value| smoothing * value);
        let shares = each(shares, delayed::<1>(shares), |share, before| share + one * before);
        let shares = each(shares, delayed::<2>(shares), |share, before| share + two * before);
        let shares = each(shares, delayed::<4>(shares), |share, before| share + four * before);
        let averages = each(shares, self.kept, |share, kept| share + kept * average);
        [.., self.average] = averages;
        averages
    }

    /// Whether all averages so far are finite, and so all values: what is not stays
    /// in every later one.
    pub fn is_finite(&self) -> bool {
        self.average.is_finite()
    }
}
