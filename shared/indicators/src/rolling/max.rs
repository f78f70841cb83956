use serde::{Deserialize, Serialize};

use crate::extremum::larger;

/// The largest of the last `period` values, by blocks (van Herk 1992, Gil and
/// Werman 1993): a window is the end of one block of `period` values and the
/// beginning of the next. Constant time, whatever the values. Of equal ones the
/// later counts.
///
/// The smallest is the largest of the negated values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored<T>", bound(serialize = "T: Serialize", deserialize = "T: Deserialize<'de>"))]
pub struct RollingMax<T = f64> {
    /// One place a value: before `next` the values of the running block, from there
    /// on the block before, each place the largest from there to its end.
    block: Box<[T]>,
    next: usize,
    /// Whether there is a block before.
    is_full: bool,
    /// The largest of the running block.
    running: T,
}

impl<T: Copy + Default + Larger> RollingMax<T> {
    pub fn new(period: usize) -> Self {
        let block = vec![T::default(); period.max(1)].into();
        Self { block, next: 0, is_full: false, running: T::default() }
    }

    /// Adds a value; the largest once there are `period` values.
    #[inline(always)]
    pub fn push(&mut self, value: T) -> Option<T> {
        let running = if self.next == 0 { value } else { Larger::larger(self.running, value) };
        self.running = running;
        if let Some(slot) = self.block.get_mut(self.next) {
            *slot = value;
        }
        self.next += 1;
        if let Some(rest) = self.block.get(self.next) {
            return self.is_full.then(|| Larger::larger(*rest, running));
        }
        maxima_to_the_end(&mut self.block);
        self.next = 0;
        self.is_full = true;
        Some(running)
    }

    pub fn period(&self) -> usize {
        self.block.len()
    }
}

#[inline(always)]
fn maxima_to_the_end<T: Copy + Larger>(block: &mut [T]) {
    let mut slots = block.iter_mut().rev();
    let Some(last) = slots.next() else { return };
    let mut rest = *last;
    for slot in slots {
        rest = Larger::larger(*slot, rest);
        *slot = rest;
    }
}

/// What has a larger one of two.
pub trait Larger {
    /// The larger; the later of equal ones.
    fn larger(earlier: Self, later: Self) -> Self;
}

impl Larger for f64 {
    #[inline(always)]
    fn larger(earlier: Self, later: Self) -> Self {
        larger(later, earlier)
    }
}

/// A value and its place.
impl Larger for (f64, u64) {
    fn larger(earlier: Self, later: Self) -> Self {
        if earlier.0 > later.0 { earlier } else { later }
    }
}

/// What has been read, before it is checked.
#[derive(Deserialize)]
struct Stored<T> {
    block: Box<[T]>,
    next: usize,
    is_full: bool,
    running: T,
}

impl<T> TryFrom<Stored<T>> for RollingMax<T> {
    type Error = &'static str;

    fn try_from(Stored { block, next, is_full, running }: Stored<T>) -> Result<Self, Self::Error> {
        if next >= block.len() {
            return Err("the next place lies outside the block");
        }
        Ok(Self { block, next, is_full, running })
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
            for end in 1..=values.len() {
                let ours = max.push((f64::from(values[end - 1]), end as u64));
                let window = end.checked_sub(period).map(|start| start..end);
                let largest = window.map(|window| {
                    let (value, at) = window.map(|i| (values[i], i + 1)).max().unwrap();
                    (f64::from(value), at as u64)
                });
                prop_assert_eq!(ours, largest);
            }
        }
    }
}
