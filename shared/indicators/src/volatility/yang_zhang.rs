use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use super::range::{BarVariance, RogersSatchellVariance};
use crate::{
    Definition, Indicator, Input, Parameters, Registered,
    average::Sma,
    definition::{BARS_PER_YEAR, number, period_of_two},
    indicator::positive_prices,
    rolling::RollingMoments,
};

/// Volatility of a year by Yang and Zhang (Journal of Business 73, 2000): the
/// variances of overnight and of open-to-close returns and Rogers and Satchell's,
/// in the proportion of least variance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct YangZhang {
    bars_per_year: f64,
    previous_close: Option<f64>,
    overnight: RollingMoments,
    open_to_close: RollingMoments,
    range: Sma,
}

impl YangZhang {
    /// Over `period` bars, at least 2, and the close before.
    pub fn new(period: usize, bars_per_year: f64) -> Self {
        let period = period.max(2);
        Self {
            bars_per_year,
            previous_close: None,
            overnight: RollingMoments::new(period),
            open_to_close: RollingMoments::new(period),
            range: Sma::new(period),
        }
    }
}

impl Indicator for YangZhang {
    type Input = Bar;
    type Output = f64;

    fn update(&mut self, bar: &Bar) -> Option<f64> {
        let bar = positive_prices(bar)?;
        let previous = self.previous_close.replace(bar.close)?;
        let overnight = self.overnight.push((bar.open / previous).ln());
        let open_to_close = self.open_to_close.push((bar.close / bar.open).ln());
        let range = self.range.update(&RogersSatchellVariance::of(bar));
        let (overnight, open_to_close) = (overnight?.of_sample(), open_to_close?.of_sample());
        let count = self.range.warm_up() as f64;
        let k = 0.34 / (1.34 + (count + 1.0) / (count - 1.0));
        let variance = overnight.variance + k * open_to_close.variance + (1.0 - k) * range?;
        Some((variance * self.bars_per_year).max(0.0).sqrt())
    }

    fn warm_up(&self) -> usize {
        self.range.warm_up() + 1
    }

    fn reset(&mut self) {
        *self = Self::new(self.range.warm_up(), self.bars_per_year);
    }
}

impl Registered for YangZhang {
    const DEFINITION: Definition = Definition::own_pane(
        "yang_zhang",
        "Yang-Zhang volatility",
        &[period_of_two(20.0), BARS_PER_YEAR],
        &[number("volatility")],
    )
    .of(Input::Prices);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}
