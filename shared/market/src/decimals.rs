//! How many decimals a number takes, so that what matters of it is written out: two for
//! a price in dollars, ten for a coin that costs a hundred-thousandth of one.

/// As many as anything is written with: beyond is rounding.
const MOST: usize = 15;

/// The least of a price.
const OF_CENTS: usize = 2;

/// Significant digits of what costs less than ten.
const OF_PRICE: i32 = 5;

/// Significant digits of a change.
const OF_CHANGE: i32 = 2;

/// Changes smaller than this share of the price are rounding of a difference.
const ROUNDING: f64 = 1e-12;

/// Decimals of a price: two, and from below ten on as many as five significant digits
/// take, without zeros at the end.
pub fn of_price(price: f64) -> usize {
    let places = if price.abs() < 10.0 { significant(price, OF_PRICE) } else { OF_CENTS };
    without_zeros(price, places, OF_CENTS)
}

/// Decimals of a change of a price: those of the price, and more where it would not be
/// seen in them.
pub fn of_change(change: f64, price: f64) -> usize {
    let least = of_price(price);
    if change.abs() <= ROUNDING * price.abs() {
        return least;
    }
    without_zeros(change, significant(change, OF_CHANGE).max(least), least)
}

/// Decimals with which values a step apart differ, for round steps exactly.
pub fn of_step(step: f64) -> usize {
    let step = step.abs();
    if step > 0.0 && step.is_finite() { places(-step.log10().floor()) } else { 0 }
}

/// A price with its decimals.
pub fn price(price: f64) -> String {
    format!("{price:.0$}", of_price(price))
}

fn significant(value: f64, digits: i32) -> usize {
    let magnitude = value.abs().log10().floor();
    if magnitude.is_finite() { places(f64::from(digits - 1) - magnitude) } else { OF_CENTS }
}

fn places(wanted: f64) -> usize {
    wanted.clamp(0.0, MOST as f64) as usize
}

fn without_zeros(value: f64, places: usize, least: usize) -> usize {
    let text = format!("{value:.places$}");
    let zeros = text.len() - text.trim_end_matches('0').len();
    places.saturating_sub(zeros).max(least)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prices_read_as_they_are_quoted() {
        for (value, text) in [
            (534.314, "534.31"),
            (27.27, "27.27"),
            (807_769.64, "807769.64"),
            (1.5, "1.50"),
            (1.0845, "1.0845"),
            (0.0273, "0.0273"),
            (0.000_008_12, "0.00000812"),
            (0.000_011_934_2, "0.000011934"),
            (-37.63, "-37.63"),
            (-0.5, "-0.50"),
            (9.999_999, "10.00"),
            (0.0, "0.00"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(price(value), text);
        }
    }

    #[test]
    fn a_change_that_there_is_is_seen() {
        let text = |change: f64, price: f64| format!("{change:.0$}", of_change(change, price));
        assert_eq!(text(-0.0009, 0.0273), "-0.0009");
        assert_eq!(text(-1.5, 505.4), "-1.50");
        assert_eq!(text(505.4 - 505.3, 505.4), "0.10");
        assert_eq!(text(0.001, 534.31), "0.001");
        assert_eq!(text(0.3 - (0.1 + 0.2), 0.3), "-0.00");
    }

    proptest! {
        /// The steps of axes are 1, 2 or 5 times a power of ten.
        #[test]
        fn labels_a_step_apart_differ(factor in prop::sample::select(vec![1.0, 2.0, 5.0]), power in -9_i32..7, first in -1000_i64..1000) {
            let step = factor * 10_f64.powi(power);
            let places = of_step(step);
            let label = |index: i64| format!("{:.places$}", index as f64 * step);
            prop_assert_ne!(label(first), label(first + 1));
            prop_assert!(step < 1.0 || places == 0);
        }

        #[test]
        fn prices_keep_four_digits_and_no_more_than_matter(digits in 1_u32..100_000, power in -12_i32..6) {
            let value = f64::from(digits) * 10_f64.powi(power);
            let written: f64 = price(value).parse().unwrap();
            prop_assert!((written - value).abs() <= (0.005_f64).min(value * 5e-4) * (1.0 + 1e-9), "{} {}", value, written);
        }
    }
}
