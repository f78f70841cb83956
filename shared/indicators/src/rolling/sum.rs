use std::hint::{cold_path, select_unpredictable};

use serde::{Deserialize, Serialize};

/// The sliding sum is replaced by an exact one no more often than this: a branch
/// taken so seldom is foretold right, and adding up then costs little.
const MIN_UPDATES_TO_EXACT: usize = 256;

/// The sum of the last `period` values.
///
/// When the window has filled, and once in a while from then on, they are added
/// up anew: so that rounding errors never pile up for longer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct RollingSum {
    ring: Box<[f64]>,
    /// Where the oldest value is. It runs downwards.
    oldest: usize,
    sum: f64,
    is_filling: bool,
    /// One while the window fills.
    updates_to_exact: usize,
}

impl RollingSum {
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        let ring = vec![0.0; period].into();
        Self { ring, oldest: period - 1, sum: 0.0, is_filling: true, updates_to_exact: 1 }
    }

    /// Adds a value; the sum once there are `period` values.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> Option<f64> {
        let replaced = match self.ring.get_mut(self.oldest) {
            Some(slot) => std::mem::replace(slot, value),
            // Never: the place lies inside the ring.
            None => {
                cold_path();
                0.0
            }
        };
        self.sum += value - replaced;
        // No branch: once in `period` updates it would be foretold wrong.
        let (next, is_outside) = self.oldest.overflowing_sub(1);
        self.oldest = select_unpredictable(is_outside, self.ring.len() - 1, next);
        self.updates_to_exact = self.updates_to_exact.wrapping_sub(1);
        if self.updates_to_exact == 0 {
            cold_path();
            self.is_filling &= self.oldest != self.ring.len() - 1;
            if self.is_filling {
                self.updates_to_exact = 1;
                return None;
            }
            self.sum = self.ring.iter().sum();
            self.updates_to_exact = self.period().max(MIN_UPDATES_TO_EXACT);
        }
        Some(self.sum)
    }

    pub fn period(&self) -> usize {
        self.ring.len()
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.period());
    }
}

/// What has been read, before it is checked.
#[derive(Deserialize)]
struct Stored {
    ring: Box<[f64]>,
    oldest: usize,
    sum: f64,
    is_filling: bool,
    updates_to_exact: usize,
}

impl TryFrom<Stored> for RollingSum {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { ring, oldest, sum, is_filling, updates_to_exact } = stored;
        if oldest >= ring.len() {
            return Err("the oldest value lies outside the ring");
        }
        let longest = if is_filling { 1 } else { ring.len().max(MIN_UPDATES_TO_EXACT) };
        if !(1..=longest).contains(&updates_to_exact) {
            return Err("the sum is added up anew too late");
        }
        Ok(Self { ring, oldest, sum, is_filling, updates_to_exact })
    }
}
