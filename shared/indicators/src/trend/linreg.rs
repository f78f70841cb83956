use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, OutputDefinition, Parameter, Parameters, Registered, Unit,
    definition::{period_of_two, price},
    rolling::RollingLine,
};

/// Linear regression channel: `[upper, middle, lower, slope]`. The middle is the
/// end of the least-squares line through the last `period` values, the others lie
/// `width` population standard deviations of its residuals away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearRegression {
    width: f64,
    line: RollingLine,
}

impl LinearRegression {
    /// Over `period` values, at least 2.
    pub fn new(period: usize, width: f64) -> Self {
        Self { width, line: RollingLine::new(period.max(2)) }
    }
}

impl Indicator for LinearRegression {
    type Input = f64;
    type Output = [f64; 4];

    fn update(&mut self, value: &f64) -> Option<[f64; 4]> {
        if !value.is_finite() {
            return None;
        }
        let fit = self.line.push(*value)?;
        let distance = self.width * fit.deviation;
        Some([fit.end + distance, fit.end, fit.end - distance, fit.slope])
    }

    fn warm_up(&self) -> usize {
        self.line.period()
    }

    fn reset(&mut self) {
        self.line.clear();
    }
}

const SLOPE: OutputDefinition = OutputDefinition { name: "slope", unit: Unit::PricePerBar };

impl Registered for LinearRegression {
    const DEFINITION: Definition = Definition::over_prices(
        "linreg",
        "Linear regression channel",
        &[period_of_two(50.0), Parameter::real("width", 2.0, 0.1, 100.0)],
        &[price("upper"), price("middle"), price("lower"), SLOPE],
    );

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}
