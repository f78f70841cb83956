use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use super::window::MAX_PERIOD;

/// The last `period` values combined by an associative operation, in constant
/// time and without its inverse: what a window holds is the end of one block of
/// `period` values and the beginning of the next (van Herk 1992, Gil and Werman
/// 1993). Nothing is ever subtracted, so sums lose no precision however long
/// the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "Stored<T>",
    bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de> + Copy, O: Operation<T>")
)]
pub struct Rolling<T, O> {
    period: usize,
    /// Up to `next` the values of the running block; from there on the block
    /// before, each place combined with all behind it.
    block: Vec<T>,
    next: usize,
    /// The running block combined.
    running: Option<T>,
    #[serde(skip)]
    operation: PhantomData<O>,
}

/// An associative operation.
pub trait Operation<T> {
    fn combine(earlier: T, later: T) -> T;
}

/// Addition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sum;

/// The larger; of equal values the later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Max;

/// The sum of the last `period` values.
pub type RollingSum = Rolling<f64, Sum>;

/// The largest of the last `period` values. The smallest is the largest of the
/// negated ones.
pub type RollingMax<T = f64> = Rolling<T, Max>;

impl Operation<f64> for Sum {
    #[inline]
    fn combine(earlier: f64, later: f64) -> f64 {
        earlier + later
    }
}

impl<T: PartialOrd> Operation<T> for Max {
    #[inline]
    fn combine(earlier: T, later: T) -> T {
        if later >= earlier { later } else { earlier }
    }
}

impl<T: Copy, O: Operation<T>> Rolling<T, O> {
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self { period, block: Vec::with_capacity(period), next: 0, running: None, operation: PhantomData }
    }

    /// Adds a value; the combination once there are `period` values.
    #[inline]
    pub fn push(&mut self, value: T) -> Option<T> {
        let running = self.running.map_or(value, |running| O::combine(running, value));
        self.running = Some(running);
        match self.block.get_mut(self.next) {
            Some(slot) => *slot = value,
            None => self.block.push(value),
        }
        self.next += 1;
        if let Some(rest) = self.block.get(self.next) {
            return Some(O::combine(*rest, running));
        }
        if self.next < self.period {
            return None;
        }
        self.begin_block();
        Some(running)
    }

    fn begin_block(&mut self) {
        let mut slots = self.block.iter_mut().rev();
        if let Some(last) = slots.next() {
            let mut rest = *last;
            for slot in slots {
                rest = O::combine(*slot, rest);
                *slot = rest;
            }
        }
        self.next = 0;
        self.running = None;
    }

    pub fn period(&self) -> usize {
        self.period
    }

    pub fn clear(&mut self) {
        self.block.clear();
        self.next = 0;
        self.running = None;
    }
}

/// What has been read, before it is checked.
#[derive(Deserialize)]
struct Stored<T> {
    period: usize,
    block: Vec<T>,
    next: usize,
    running: Option<T>,
}

impl<T: Copy, O: Operation<T>> TryFrom<Stored<T>> for Rolling<T, O> {
    type Error = &'static str;

    fn try_from(stored: Stored<T>) -> Result<Self, Self::Error> {
        let Stored { period, block, next, running } = stored;
        let is_first = block.len() < period;
        if period > MAX_PERIOD || block.len() > period || next >= period || (is_first && next != block.len())
        {
            return Err("a block holds at most as many values as its period");
        }
        if running.is_some() != (next > 0) {
            return Err("a running block has been combined");
        }
        let mut rolling = Self::new(period);
        rolling.block.extend(block);
        Ok(Self { next, running, ..rolling })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn holds_exactly_the_last_values(values in prop::collection::vec(-5_i32..5, 1..60), period in 1_usize..9) {
            let mut max = RollingMax::new(period);
            let mut sum = RollingSum::new(period);
            for end in 1..=values.len() {
                let ours = (max.push((values[end - 1], end)), sum.push(f64::from(values[end - 1])));
                let window = end.checked_sub(period).map(|start| start..end);
                let largest = window.clone().map(|window| window.map(|i| (values[i], i + 1)).max().unwrap());
                let total = window.map(|window| f64::from(values[window].iter().sum::<i32>()));
                prop_assert_eq!(ours, (largest, total));
            }
        }
    }
}
