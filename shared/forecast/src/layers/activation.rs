//! Activations without branches or calls, so that loops over them become
//! vector instructions.

/// `max(x, 0)`.
#[inline]
pub fn relu(x: f32) -> f32 {
    if x > 0.0 { x } else { 0.0 }
}

/// `e^x` with a relative error of at most `3e-7 + 1.2e-7 |x|`; beyond ±87 that of
/// ±87, as what lies outside `f32` has no use in a network.
#[inline]
pub fn exp(x: f32) -> f32 {
    // Adding 1.5 * 2^23 leaves the nearest whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let exponent = x.clamp(-87.0, 87.0) * std::f32::consts::LOG2_E;
    let shifted = exponent + ROUND;
    let f = exponent - (shifted - ROUND);
    // 2^f, |f| <= 1/2: the polynomial of degree 5 with the least relative error.
    let power = 1.326_469_8e-3 * f + 9.671_509e-3;
    let power = power * f + 5.550_734e-2;
    let power = power * f + 2.402_224_2e-1;
    let power = power * f + std::f32::consts::LN_2;
    let power = power * f + 1.0;
    // Times 2^whole, which is nothing but exponent bits.
    power * f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))
}

/// `1 / (1 + e^-x)`.
#[inline]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent, within 3e-7.
#[inline]
pub fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

/// `x sigmoid(x)` (Elfwing, Uchibe and Doya 2017, arXiv:1702.03118).
#[inline]
pub fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_agree_with_double_precision(x in -80.0..80.0_f32) {
            let exact = f64::from(x);
            let relative = f64::from(exp(x)) / exact.exp() - 1.0;
            prop_assert!(relative.abs() < 3e-7 + 1.2e-7 * exact.abs(), "{} {}", x, relative);
            let logistic = 1.0 / (1.0 + (-exact).exp());
            prop_assert!((f64::from(sigmoid(x)) - logistic).abs() < 2e-7);
            prop_assert!((f64::from(tanh(x)) - exact.tanh()).abs() < 4e-7);
            prop_assert!((f64::from(silu(x)) - exact * logistic).abs() < 2e-7 * exact.abs().max(1.0));
        }
    }

    #[test]
    fn beyond_the_range_they_stay_finite() {
        for x in [f32::MAX, f32::INFINITY, 1e3] {
            assert!(exp(x).is_finite() && exp(-x) >= 0.0);
            assert_eq!((sigmoid(x), tanh(x), tanh(-x)), (1.0, 1.0, -1.0));
        }
        assert!(exp(f32::NAN).is_nan(), "what is not a number stays none");
    }
}
