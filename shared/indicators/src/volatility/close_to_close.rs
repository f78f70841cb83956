use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameters, Registered,
    definition::{BARS_PER_YEAR, number, period_of_two},
    indicator::positive,
    rolling::RollingMoments,
};

/// Close-to-close volatility of a year: the sample standard deviation of the last
/// `period` log returns, times the root of `bars_per_year`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CloseToClose {
    bars_per_year: f64,
    previous: Option<f64>,
    returns: RollingMoments,
}

impl CloseToClose {
    /// Over `period` returns, at least 2.
    pub fn new(period: usize, bars_per_year: f64) -> Self {
        Self { bars_per_year, previous: None, returns: RollingMoments::new(period.max(2)) }
    }
}

impl Indicator for CloseToClose {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, price: &f64) -> Option<f64> {
        let log = positive(*price)?.ln();
        let change = log - self.previous.replace(log)?;
        let moments = self.returns.push(change)?.of_sample();
        Some((moments.variance * self.bars_per_year).sqrt())
    }

    fn warm_up(&self) -> usize {
        self.returns.period() + 1
    }

    fn reset(&mut self) {
        self.previous = None;
        self.returns.clear();
    }
}

impl Registered for CloseToClose {
    const DEFINITION: Definition = Definition::own_pane(
        "volatility",
        "Close-to-close volatility",
        &[period_of_two(20.0), BARS_PER_YEAR],
        &[number("volatility")],
    );

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}
