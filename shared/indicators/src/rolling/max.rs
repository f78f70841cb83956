use serde::{Deserialize, Serialize};

use super::{Rolling, Run};
use crate::extremum::larger;

/// The largest of the last values; of equal ones the later. The smallest is the largest
/// of the negated values.
pub type RollingMax<T = f64> = Rolling<Largest<T>>;

/// The largest value of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Largest<T>(T);

impl<T: Copy + Larger> Run for Largest<T> {
    type Value = T;
    type Total = T;

    #[inline(always)]
    fn of(value: T) -> Self {
        Self(value)
    }

    #[inline(always)]
    fn join(self, later: Self) -> Self {
        Self(T::larger(self.0, later.0))
    }

    #[inline(always)]
    fn total(self) -> T {
        self.0
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
