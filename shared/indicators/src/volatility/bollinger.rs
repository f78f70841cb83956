use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Parameter, Parameters, Registered,
    definition::{period, price},
    rolling::RollingMoments,
};

/// Bollinger bands (Bollinger 1983): `[upper, middle, lower]`, the simple
/// average and `width` population standard deviations around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bollinger {
    width: f64,
    moments: RollingMoments,
}

impl Bollinger {
    /// Over `period` values, at least 1, `width` standard deviations wide.
    pub fn new(period: usize, width: f64) -> Self {
        Self { width, moments: RollingMoments::new(period) }
    }
}

impl Indicator for Bollinger {
    type Input = f64;
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, value: &f64) -> Option<[f64; 3]> {
        if !value.is_finite() {
            return None;
        }
        let moments = self.moments.push(*value)?;
        let (mean, distance) = (moments.mean, self.width * moments.deviation());
        Some([mean + distance, mean, mean - distance])
    }

    fn warm_up(&self) -> usize {
        self.moments.period()
    }

    fn reset(&mut self) {
        self.moments.clear();
    }
}

/// The parameters of everything made of Bollinger bands.
pub const PARAMETERS: &[Parameter] = &[period(20.0), Parameter::real("width", 2.0, 0.1, 100.0)];

impl Registered for Bollinger {
    const DEFINITION: Definition = Definition::over_prices(
        "bollinger",
        "Bollinger bands",
        PARAMETERS,
        &[price("upper"), price("middle"), price("lower")],
    );

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.real(1))
    }
}
