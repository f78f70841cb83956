use serde::{Deserialize, Serialize};

use super::window::MAX_PERIOD;

/// Mean and population variance of the last `period` values, by blocks as
/// [`super::Rolling`]. Sums are of differences to the mean of the block before,
/// so that neither a high level nor a long stream costs precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Moments {
    period: usize,
    /// Up to `next` values of the running block; from there on the sums of the
    /// block before from that place to its end.
    block: Vec<Sums>,
    next: usize,
    reference: f64,
    running: Sums,
}

/// Of differences, and of their squares.
type Sums = [f64; 2];

impl Moments {
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self { period, block: Vec::with_capacity(period), next: 0, reference: 0.0, running: [0.0; 2] }
    }

    /// Adds a value; `[mean, population variance]` once there are `period` values.
    #[inline]
    pub fn push(&mut self, value: f64) -> Option<[f64; 2]> {
        if self.block.is_empty() {
            self.reference = value;
        }
        let difference = value - self.reference;
        let [sum, squares] = self.running;
        let running = [sum + difference, squares + difference * difference];
        self.running = running;
        match self.block.get_mut(self.next) {
            Some(slot) => *slot = [difference, 0.0],
            None => self.block.push([difference, 0.0]),
        }
        self.next += 1;
        if let Some(rest) = self.block.get(self.next) {
            return Some(self.moments([rest[0] + running[0], rest[1] + running[1]]));
        }
        if self.next < self.period {
            return None;
        }
        let moments = self.moments(running);
        self.begin_block(moments[0]);
        Some(moments)
    }

    #[inline]
    fn moments(&self, [sum, squares]: Sums) -> [f64; 2] {
        let per_value = 1.0 / self.period as f64;
        let mean = sum * per_value;
        [self.reference + mean, (squares * per_value - mean * mean).max(0.0)]
    }

    fn begin_block(&mut self, mean: f64) {
        let shift = self.reference - mean;
        let mut rest = [0.0; 2];
        for slot in self.block.iter_mut().rev() {
            let difference = slot[0] + shift;
            rest = [rest[0] + difference, rest[1] + difference * difference];
            *slot = rest;
        }
        self.next = 0;
        self.reference = mean;
        self.running = [0.0; 2];
    }

    /// The same with the sample variance, for periods of at least 2.
    pub fn push_sample(&mut self, value: f64) -> Option<[f64; 2]> {
        let count = self.period as f64;
        let [mean, variance] = self.push(value)?;
        Some([mean, variance * count / (count - 1.0)])
    }

    /// The root of a variance, `None` where it is but rounding beside the mean.
    pub fn deviation([mean, variance]: [f64; 2]) -> Option<f64> {
        let deviation = variance.sqrt();
        (deviation > 1e-12 * mean.abs()).then_some(deviation)
    }

    pub fn period(&self) -> usize {
        self.period
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.period);
    }
}

/// What has been read, before it is checked.
#[derive(Deserialize)]
struct Stored {
    period: usize,
    block: Vec<Sums>,
    next: usize,
    reference: f64,
    running: Sums,
}

impl TryFrom<Stored> for Moments {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { period, block, next, reference, running } = stored;
        let is_first = block.len() < period;
        if period > MAX_PERIOD || block.len() > period || next >= period || (is_first && next != block.len())
        {
            return Err("a block holds at most as many values as its period");
        }
        let mut moments = Self::new(period);
        moments.block.extend(block);
        Ok(Self { next, reference, running, ..moments })
    }
}
