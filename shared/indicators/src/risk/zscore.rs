use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{number, period_of_two},
    rolling::RollingMoments,
};

/// Z-score: how many population standard deviations the value lies from the mean
/// of the last `period`. Nothing while they are equal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZScore {
    moments: RollingMoments,
}

impl ZScore {
    /// Over `period` values, at least 2.
    pub fn new(period: usize) -> Self {
        Self { moments: RollingMoments::new(period.max(2)) }
    }
}

impl Indicator for ZScore {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let moments = self.moments.push(*value)?;
        Some((value - moments.mean) / moments.true_deviation()?)
    }

    fn warm_up(&self) -> usize {
        self.moments.period()
    }

    fn reset(&mut self) {
        self.moments.clear();
    }
}

impl Registered for ZScore {
    const DEFINITION: Definition =
        Definition::own_pane("zscore", "Z-score", &[period_of_two(20.0)], &[number("zscore")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0))
    }
}
