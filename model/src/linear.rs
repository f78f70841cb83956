//! Ridge regression (Hoerl and Kennard 1970) of log variances on standardised features.

use std::collections::HashMap;

use anyhow::Result;
use candle_core::{Device, Tensor};
use tickwise_forecast::{ANCHORS, FEATURES, is_read};

use crate::windows::Window;

const N: usize = FEATURES;
/// Penalty of squared coefficients, in variances of the target.
const PENALTY: f64 = 0.1;
/// Deviations below this are taken for it.
const MIN_DEVIATION: f64 = 0.02;

/// The regression.
#[derive(Clone, Debug)]
pub struct Linear {
    mean: [f64; N],
    deviation: [f64; N],
    /// `[anchor][feature]`
    weights: [[f64; N]; ANCHORS.len()],
    bias: [f64; ANCHORS.len()],
}

impl Linear {
    /// Fits one regression for each anchor.
    pub fn fit(windows: &[Window]) -> Self {
        let count = windows.len().max(1) as f64;
        let values = || windows.iter().map(|window| window.features.values.map(f64::from));
        let mut mean = [0.0; N];
        values().for_each(|row| mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x / count));
        let mut deviation = [0.0; N];
        for row in values() {
            deviation
                .iter_mut()
                .zip(row)
                .zip(mean)
                .for_each(|((sum, x), mean)| *sum += (x - mean).powi(2) / count);
        }
        let deviation = deviation.map(|variance: f64| variance.sqrt().max(MIN_DEVIATION));
        let mut linear =
            Self { mean, deviation, weights: [[0.0; N]; ANCHORS.len()], bias: [0.0; ANCHORS.len()] };
        // [Z'Z / n + penalty | Z'y / n], symmetric.
        let width = N + ANCHORS.len();
        let mut system = vec![vec![0.0; width]; N];
        let targets = |window: &Window| window.log_variances.map(|target| target - window.features.log_level);
        for window in windows {
            let z = linear.standardised(&window.features.values);
            let targets = targets(window);
            linear.bias.iter_mut().zip(targets).for_each(|(sum, y)| *sum += y / count);
            for (row, zi) in system.iter_mut().zip(z) {
                row.iter_mut().zip(z.iter().chain(&targets)).for_each(|(sum, x)| *sum += zi * x / count);
            }
        }
        for (i, row) in system.iter_mut().enumerate() {
            if let Some(diagonal) = row.get_mut(i) {
                *diagonal += PENALTY;
            }
        }
        for (anchor, weights) in linear.weights.iter_mut().enumerate() {
            let read = |i: usize| is_read(i, anchor);
            let row = |row: &Vec<f64>| {
                let kept = row.iter().enumerate().filter(|(i, _)| *i == N + anchor || (*i < N && read(*i)));
                kept.map(|(_, value)| *value).collect::<Vec<f64>>()
            };
            let rows = system.iter().enumerate().filter(|(i, _)| read(*i));
            let mut own: Vec<Vec<f64>> = rows.map(|(_, values)| row(values)).collect();
            eliminate(&mut own);
            let solutions = own.iter().map(|row| row.last().copied().unwrap_or_default());
            let weights = weights.iter_mut().enumerate().filter(|(i, _)| read(*i));
            weights.zip(solutions).for_each(|((_, weight), solution)| *weight = solution);
        }
        linear
    }

    /// Features in deviations from their means.
    pub fn standardised(&self, values: &[f32; N]) -> [f64; N] {
        let mut scales = self.mean.iter().zip(self.deviation);
        values
            .map(|value| scales.next().map_or(0.0, |(mean, deviation)| (f64::from(value) - mean) / deviation))
    }

    /// Log variances at each anchor, relative to the level.
    pub fn predict(&self, standardised: &[f64; N]) -> [f64; ANCHORS.len()] {
        let mut bias = self.bias.iter();
        self.weights.map(|weights| {
            let sum: f64 = weights.iter().zip(standardised).map(|(weight, z)| weight * z).sum();
            sum + bias.next().copied().unwrap_or_default()
        })
    }

    /// As the network takes them.
    pub fn tensors(&self) -> Result<HashMap<String, Tensor>> {
        let tensor = |values: Vec<f32>, shape: &[usize]| Tensor::from_vec(values, shape, &Device::Cpu);
        let single = |values: &[f64]| values.iter().map(|value| *value as f32).collect::<Vec<f32>>();
        let weights = (0..N)
            .flat_map(|i| self.weights.iter().map(move |row| row.get(i).copied().unwrap_or_default() as f32));
        Ok(HashMap::from([
            ("mean".into(), tensor(single(&self.mean), &[N])?),
            ("deviation".into(), tensor(single(&self.deviation), &[N])?),
            ("ridge.weight".into(), tensor(weights.collect(), &[N, ANCHORS.len()])?),
            ("ridge.bias".into(), tensor(single(&self.bias), &[ANCHORS.len()])?),
        ]))
    }
}

/// Gauss and Jordan's elimination of a positive definite system with right sides.
fn eliminate(system: &mut [Vec<f64>]) {
    for i in 0..system.len() {
        let Some(pivot) = system.get(i).cloned() else { return };
        let diagonal = pivot.get(i).copied().unwrap_or(1.0);
        let pivot: Vec<f64> = pivot.iter().map(|value| value / diagonal).collect();
        for (j, row) in system.iter_mut().enumerate() {
            if i == j {
                row.clone_from(&pivot);
            } else {
                let factor = row.get(i).copied().unwrap_or_default();
                row.iter_mut().zip(&pivot).for_each(|(value, p)| *value -= factor * p);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elimination_solves_for_every_right_side() {
        let mut system = vec![vec![4.0, 1.0, 6.0, 1.0], vec![1.0, 3.0, 7.0, 0.0]];
        eliminate(&mut system);
        let solution: Vec<f64> = system.iter().flat_map(|row| row[2..].to_vec()).collect();
        for (found, expected) in solution.iter().zip([1.0, 3.0 / 11.0, 2.0, -1.0 / 11.0]) {
            assert!((found - expected).abs() < 1e-12, "{solution:?}");
        }
    }
}
