use serde::{Deserialize, Serialize};

use super::{Rolling, Run};

/// The sum of the last values.
pub type RollingSum = Rolling<Sum>;

/// The sum of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sum(f64);

impl Run for Sum {
    type Value = f64;
    type Total = f64;

    #[inline(always)]
    fn of(value: f64) -> Self {
        Self(value)
    }

    #[inline(always)]
    fn join(self, later: Self) -> Self {
        Self(self.0 + later.0)
    }

    #[inline(always)]
    fn total(self) -> f64 {
        self.0
    }
}

/// The average of the last values with weights from 1 on, the newest most.
pub type RollingWeighted = Rolling<Weighted>;

/// A run with weights that rise by one a value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weighted {
    count: f64,
    sum: f64,
    /// With weights from 1 on.
    weighted: f64,
}

impl Run for Weighted {
    type Value = f64;
    type Total = f64;

    #[inline(always)]
    fn of(value: f64) -> Self {
        Self { count: 1.0, sum: value, weighted: value }
    }

    /// The weights of the later run begin where those of the earlier one end.
    #[inline(always)]
    fn join(self, later: Self) -> Self {
        Self {
            count: self.count + later.count,
            sum: self.sum + later.sum,
            weighted: self.weighted + (self.count * later.sum + later.weighted),
        }
    }

    #[inline(always)]
    fn total(self) -> f64 {
        self.weighted / (self.count * (self.count + 1.0) / 2.0)
    }
}
