use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{Garch, SHOCKS};
use crate::{HORIZONS, LEVELS};

/// Paths whose shocks of every day are the same equally likely values in another
/// order (Latin hypercube sampling): with shocks from past residuals, filtered
/// historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999).
#[derive(Clone, Debug)]
pub struct Simulation {
    /// `[day][path]`: index of the shock.
    order: Vec<Vec<u16>>,
}

impl Simulation {
    /// Orders from a seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut day = || {
            let mut order: Vec<u16> = (0..SHOCKS as u16).collect();
            order.shuffle(&mut rng);
            order
        };
        Self { order: (0..HORIZONS).map(|_| day()).collect() }
    }

    /// Quantiles of the log return over each of ascending horizons, from the
    /// variance of the next day in percent squared.
    pub fn quantiles<const N: usize>(
        &self,
        params: &Garch,
        variance: f64,
        shocks: &[f32],
        horizons: &[usize; N],
    ) -> [[f64; 7]; N] {
        let mut variances = [variance; SHOCKS];
        let mut sums = [0.0; SHOCKS];
        let mut quantiles = [[0.0; 7]; N];
        for (order, day) in self.order.iter().zip(1..) {
            for ((variance, sum), index) in variances.iter_mut().zip(&mut sums).zip(order) {
                let shock = f64::from(shocks.get(usize::from(*index)).copied().unwrap_or_default());
                let e = variance.sqrt() * shock;
                *sum += params.mean + e;
                let weight = if e < 0.0 { params.alpha + params.gamma } else { params.alpha };
                *variance = params.omega + weight * e * e + params.beta * *variance;
            }
            let at_horizon = quantiles.iter_mut().zip(horizons).filter(|(_, horizon)| **horizon == day);
            for (row, _) in at_horizon {
                let mut sorted = sums;
                sorted.sort_unstable_by(f64::total_cmp);
                *row = LEVELS.map(|level| 0.01 * quantile(&sorted, level));
            }
        }
        quantiles
    }
}

/// Quantile of ascending, equally likely values.
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let position = (level * sorted.len() as f64 - 0.5).max(0.0);
    let below = position.floor();
    let value = |index: f64| sorted.get(index as usize).copied().unwrap_or_default();
    value(below) + (position - below) * (value(below + 1.0) - value(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_variance_grows_with_the_horizon() {
        let params = Garch { mean: 0.0, omega: 1.0, alpha: 0.0, gamma: 0.0, beta: 0.0, nu: 5.0 };
        // Uniform shocks: the 95 % quantile of one day is known, that of 20 near the normal's.
        let shocks: Vec<f32> =
            (0..SHOCKS).map(|i| 12_f32.sqrt() * ((i as f32 + 0.5) / 1000.0 - 0.5)).collect();
        let [one, twenty] = Simulation::new(1).quantiles(&params, 1.0, &shocks, &[1, 20]);
        assert!((one[6] - 0.01 * 12_f64.sqrt() * 0.45).abs() < 1e-4, "{one:?}");
        assert!((twenty[6] / (0.01 * 20_f64.sqrt() * 1.645) - 1.0).abs() < 0.05, "{twenty:?}");
        assert!(one.is_sorted() && twenty.is_sorted());
    }
}
