use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameter, Parameters, Registered,
    average::Sma,
    definition::{BARS_PER_YEAR, number, period_of_two},
    indicator::positive,
    rolling::RollingMoments,
};

/// Sharpe ratio of a year (Sharpe 1994): mean over sample standard deviation of
/// the last `period` simple returns in excess of a rate, times the root of
/// `bars_per_year`. Nothing while the returns do not vary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sharpe {
    excess: ExcessReturn,
    moments: RollingMoments,
}

/// Sortino ratio of a year (Sortino and Price 1994): as [`Sharpe`], with the root
/// mean square of negative excess returns below the line. Nothing without any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sortino {
    excess: ExcessReturn,
    mean: Sma,
    downside: Sma,
}

/// Simple return of a bar less its share of a yearly rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ExcessReturn {
    bars_per_year: f64,
    rate: f64,
    previous: Option<f64>,
}

impl ExcessReturn {
    fn new(bars_per_year: f64, rate: f64) -> Self {
        Self { bars_per_year, rate, previous: None }
    }

    fn update(&mut self, price: f64) -> Option<f64> {
        let price = positive(price)?;
        Some(price / self.previous.replace(price)? - 1.0 - self.rate / self.bars_per_year)
    }
}

impl Sharpe {
    /// Over `period` returns, at least 2; `rate` is the yearly risk-free return, as a fraction.
    pub fn new(period: usize, bars_per_year: f64, rate: f64) -> Self {
        Self { excess: ExcessReturn::new(bars_per_year, rate), moments: RollingMoments::new(period.max(2)) }
    }
}

impl Sortino {
    /// Over `period` returns, at least 1; `rate` is the yearly return aimed at, as a fraction.
    pub fn new(period: usize, bars_per_year: f64, rate: f64) -> Self {
        Self {
            excess: ExcessReturn::new(bars_per_year, rate),
            mean: Sma::new(period),
            downside: Sma::new(period),
        }
    }
}

impl Indicator for Sharpe {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, price: &f64) -> Option<f64> {
        let excess = self.excess.update(*price)?;
        let moments = self.moments.push(excess)?.of_sample();
        Some(moments.mean / moments.true_deviation()? * self.excess.bars_per_year.sqrt())
    }

    fn warm_up(&self) -> usize {
        self.moments.period() + 1
    }

    fn reset(&mut self) {
        self.excess.previous = None;
        self.moments.clear();
    }
}

impl Indicator for Sortino {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, price: &f64) -> Option<f64> {
        let excess = self.excess.update(*price)?;
        let (mean, downside) = (self.mean.update(&excess), self.downside.update(&excess.min(0.0).powi(2)));
        let (mean, downside) = (mean?, downside?);
        (downside > 0.0).then(|| mean / downside.sqrt() * self.excess.bars_per_year.sqrt())
    }

    fn warm_up(&self) -> usize {
        self.mean.warm_up() + 1
    }

    fn reset(&mut self) {
        self.excess.previous = None;
        self.mean.reset();
        self.downside.reset();
    }
}

const PARAMETERS: &[Parameter] =
    &[period_of_two(252.0), BARS_PER_YEAR, Parameter::real("rate", 0.0, -1.0, 1.0)];

impl Registered for Sharpe {
    const DEFINITION: Definition =
        Definition::own_pane("sharpe", "Sharpe ratio", PARAMETERS, &[number("sharpe")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1), parameters.real(2))
    }
}

impl Registered for Sortino {
    const DEFINITION: Definition =
        Definition::own_pane("sortino", "Sortino ratio", PARAMETERS, &[number("sortino")]);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1), parameters.real(2))
    }
}
