use serde::{Deserialize, Serialize};

use super::{Rolling, Run};

/// Variances and covariance of the last pairs.
pub type RollingPairs = Rolling<Pairs>;

/// A run of pairs about their means, joined as in [`super::Line`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    count: f64,
    means: [f64; 2],
    /// Sums of squared differences to the means, and of their products.
    sums: Covariance,
}

/// `[variance of a, variance of b, covariance]`, all times the same number.
pub type Covariance = [f64; 3];

impl Run for Pairs {
    type Value = [f64; 2];
    type Total = Covariance;

    fn of(pair: [f64; 2]) -> Self {
        Self { count: 1.0, means: pair, sums: [0.0; 3] }
    }

    fn join(self, later: Self) -> Self {
        let count = self.count + later.count;
        let [a, b] = [later.means[0] - self.means[0], later.means[1] - self.means[1]];
        let weight = self.count * later.count / count;
        let share = later.count / count;
        let joined = |[own, other, between]: [f64; 3]| own + other + between * weight;
        let [aa, bb, ab] = self.sums;
        let [other_aa, other_bb, other_ab] = later.sums;
        Self {
            count,
            means: [self.means[0] + a * share, self.means[1] + b * share],
            sums: [[aa, other_aa, a * a], [bb, other_bb, b * b], [ab, other_ab, a * b]].map(joined),
        }
    }

    fn total(self) -> Covariance {
        self.sums.map(|sum| sum / self.count)
    }
}
