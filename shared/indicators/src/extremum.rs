//! The larger and the smaller of two finite numbers, without a branch: which one it
//! is cannot be predicted, and `f64::max` has to mind NaN.

/// The larger; the first of equal ones.
#[inline(always)]
pub fn larger(a: f64, b: f64) -> f64 {
    #[cfg(target_feature = "simd128")]
    {
        use std::arch::wasm32::{f64x2_extract_lane, f64x2_pmax, f64x2_splat};
        // WebAssembly's scalar comparison and selection become a branch in V8.
        f64x2_extract_lane::<0>(f64x2_pmax(f64x2_splat(a), f64x2_splat(b)))
    }
    #[cfg(not(target_feature = "simd128"))]
    lanewise::larger(a, b)
}

/// The smaller; the first of equal ones.
#[inline(always)]
pub fn smaller(a: f64, b: f64) -> f64 {
    #[cfg(target_feature = "simd128")]
    {
        use std::arch::wasm32::{f64x2_extract_lane, f64x2_pmin, f64x2_splat};
        f64x2_extract_lane::<0>(f64x2_pmin(f64x2_splat(a), f64x2_splat(b)))
    }
    #[cfg(not(target_feature = "simd128"))]
    lanewise::smaller(a, b)
}

/// The same for loops over columns, of which the compiler makes vector instructions.
pub mod lanewise {
    /// The larger; the first of equal ones.
    #[inline(always)]
    pub fn larger(a: f64, b: f64) -> f64 {
        if b > a { b } else { a }
    }

    /// The smaller; the first of equal ones.
    #[inline(always)]
    pub fn smaller(a: f64, b: f64) -> f64 {
        if b < a { b } else { a }
    }
}
