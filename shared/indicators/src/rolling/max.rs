use serde::{Deserialize, Serialize};

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

impl<T: Copy + Default + PartialOrd> RollingMax<T> {
    pub fn new(period: usize) -> Self {
        let block = vec![T::default(); period.max(1)].into();
        Self { block, next: 0, is_full: false, running: T::default() }
    }

    /// Adds a value; the largest once there are `period` values.
    #[inline(always)]
    pub fn push(&mut self, value: T) -> Option<T> {
        let running = if self.next == 0 { value } else { later_max(self.running, value) };
        self.running = running;
        if let Some(slot) = self.block.get_mut(self.next) {
            *slot = value;
        }
        self.next += 1;
        if let Some(rest) = self.block.get(self.next) {
            return self.is_full.then(|| later_max(*rest, running));
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
fn maxima_to_the_end<T: Copy + PartialOrd>(block: &mut [T]) {
    let mut slots = block.iter_mut().rev();
    let Some(last) = slots.next() else { return };
    let mut rest = *last;
    for slot in slots {
        rest = later_max(*slot, rest);
        *slot = rest;
    }
}

#[inline(always)]
fn later_max<T: PartialOrd>(earlier: T, later: T) -> T {
    if earlier > later { earlier } else { later }
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
                let ours = max.push((values[end - 1], end));
                let window = end.checked_sub(period).map(|start| start..end);
                let largest = window.map(|window| window.map(|i| (values[i], i + 1)).max().unwrap());
                prop_assert_eq!(ours, largest);
            }
        }
    }
}
