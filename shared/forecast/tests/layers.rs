//! The layers give what candle's tensors give.
#![cfg(feature = "network")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use candle_core::{Device, Tensor};
use proptest::prelude::*;
use tickwise_forecast::layers::{LayerNorm, Linear, activation::silu};

/// Numbers that repeat late and look like weights.
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7 + seed * 13 + 1) as f32 * 0.618_034).fract() * 2.0 - 1.0).collect()
}

fn tensor(values: &[f32], shape: (usize, usize)) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
}

fn largest_difference(ours: &[f32], theirs: &Tensor) -> f32 {
    let theirs = theirs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_linear_layer_of_any_size(rows in 1..6_usize, inputs in 1..70_usize, outputs in 1..150_usize, seed in 0..100_usize) {
        let (x, weight, bias) = (numbers(rows * inputs, seed), numbers(inputs * outputs, seed + 1), numbers(outputs, seed + 2));
        let mut ours = vec![f32::NAN; rows * outputs];
        Linear::new(&weight, &bias).unwrap().forward(&x, &mut ours);
        let product = tensor(&x, (rows, inputs)).matmul(&tensor(&weight, (inputs, outputs))).unwrap();
        let theirs = product.broadcast_add(&tensor(&bias, (1, outputs))).unwrap();
        prop_assert!(largest_difference(&ours, &theirs) < 1e-5);
    }

    #[test]
    fn a_normalised_row_of_any_width(rows in 1..4_usize, width in 2..40_usize, seed in 0..100_usize) {
        let (x, gain, bias) = (numbers(rows * width, seed), numbers(width, seed + 1), numbers(width, seed + 2));
        let mut ours = vec![f32::NAN; rows * width];
        LayerNorm::new(&gain, &bias).unwrap().forward(&x, &mut ours);
        let x = tensor(&x, (rows, width));
        let centred = x.broadcast_sub(&x.mean_keepdim(1).unwrap()).unwrap();
        let variance = centred.sqr().unwrap().mean_keepdim(1).unwrap();
        let scaled = centred.broadcast_div(&(variance + 1e-5).unwrap().sqrt().unwrap()).unwrap();
        let theirs = scaled.broadcast_mul(&tensor(&gain, (1, width))).unwrap();
        let theirs = theirs.broadcast_add(&tensor(&bias, (1, width))).unwrap();
        prop_assert!(largest_difference(&ours, &theirs) < 1e-5);
    }

    #[test]
    fn silu_of_any_number(x in -30.0..30.0_f32) {
        let theirs = tensor(&[x], (1, 1)).silu().unwrap();
        prop_assert!(largest_difference(&[silu(x)], &theirs) < 1e-5);
    }
}

#[test]
fn lengths_that_do_not_fit_make_no_layer() {
    assert!(Linear::new(&[1.0; 5], &[0.0; 2]).is_none());
    assert!(Linear::new(&[], &[0.0; 2]).is_none());
    assert!(Linear::new(&[1.0], &[]).is_none());
    assert!(LayerNorm::new(&[1.0; 3], &[0.0; 2]).is_none());
    assert!(LayerNorm::new(&[], &[]).is_none());
}

#[test]
fn rows_that_are_not_whole_are_left_alone() {
    let layer = Linear::new(&[1.0, 2.0], &[0.5]).unwrap();
    let mut y = [9.0; 2];
    layer.forward(&[1.0, 1.0, 1.0], &mut y);
    assert_eq!((y, layer.inputs(), layer.outputs()), ([3.5, 9.0], 2, 1));
}
