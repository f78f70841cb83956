use serde::{Deserialize, Serialize};

use super::{Rolling, Run};

/// Mean and population variance of the last values.
pub type RollingMoments = Rolling<Moments>;

/// Count, sums and squares of a run, as differences to one of its own values: so that
/// they are no larger than what they measure, whatever the level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    count: f64,
    reference: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    #[inline(always)]
    fn with(self, value: f64) -> Self {
        let difference = value - self.reference;
        Self {
            count: self.count + 1.0,
            sum: self.sum + difference,
            squares: self.squares + difference * difference,
            ..self
        }
    }
}

impl Run for Moments {
    type Value = f64;
    type Total = MeanAndVariance;

    #[inline(always)]
    fn of(value: f64) -> Self {
        Self { count: 1.0, reference: value, sum: 0.0, squares: 0.0 }
    }

    #[inline(always)]
    fn join(self, later: Self) -> Self {
        let shift = self.reference - later.reference;
        let shifted = self.count * shift;
        Self {
            count: self.count + later.count,
            reference: later.reference,
            sum: (self.sum + shifted) + later.sum,
            squares: (self.squares + shift * (self.sum + self.sum + shifted)) + later.squares,
        }
    }

    #[inline(always)]
    fn append(self, value: f64) -> Self {
        self.with(value)
    }

    #[inline(always)]
    fn prepend(self, earlier: Self) -> Self {
        self.with(earlier.reference)
    }

    #[inline(always)]
    fn total(self) -> MeanAndVariance {
        let (count, mean) = (self.count, self.sum / self.count);
        let variance = self.squares / count - mean * mean;
        let variance = if variance > 0.0 { variance } else { 0.0 };
        MeanAndVariance { count, mean: self.reference + mean, variance }
    }
}

/// Of the values of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanAndVariance {
    /// Number of values.
    pub count: f64,
    /// Their mean.
    pub mean: f64,
    /// Their population variance.
    pub variance: f64,
}

impl MeanAndVariance {
    /// The population's standard deviation.
    #[inline(always)]
    pub fn deviation(self) -> f64 {
        self.variance.sqrt()
    }

    /// The same as of a sample, of at least 2 values.
    pub fn of_sample(self) -> Self {
        Self { variance: self.variance * self.count / (self.count - 1.0), ..self }
    }

    /// The standard deviation, `None` where it is but rounding beside the mean.
    pub fn true_deviation(self) -> Option<f64> {
        let deviation = self.deviation();
        (deviation > 1e-12 * self.mean.abs()).then_some(deviation)
    }
}
