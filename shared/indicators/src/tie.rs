//! When derived prices are equal.
//!
//! Prices are decimals, and whether a typical price has risen, or a move up is as large
//! as the move down, is decided as exact decimal arithmetic decides it. Binary numbers
//! keep 53 bits: sums of the same decimals in another order may differ in the last of
//! them. So what is derived from prices counts as equal where it differs by less than
//! rounding, which no difference of real prices does: a hundred-millionth of a price of
//! a hundred thousand is still 28 times as large.

/// What rounding leaves of a few operations, as a share of their largest operand.
pub const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// Whether `a` is larger than `b`, both derived from prices no larger than `magnitude`,
/// by more than rounding.
#[inline(always)]
pub fn exceeds(a: f64, b: f64, magnitude: f64) -> bool {
    a - b > ROUNDING * magnitude.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rounding_parts_is_equal_and_the_least_step_of_a_price_is_not() {
        let (a, b) = (0.1 + 0.2, 0.3);
        assert!(a > b && !exceeds(a, b, b));
        assert!(exceeds(100_000.000_000_01, 100_000.0, 100_000.0));
        assert!(!exceeds(1.0, 1.0, 1.0));
    }
}
