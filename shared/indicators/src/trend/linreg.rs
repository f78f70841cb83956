use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, OutputDefinition, Parameter, Parameters, Registered, Unit,
    definition::{period_of_two, price},
    rolling::Window,
};

/// Linear regression channel: `[upper, middle, lower, slope]`. The middle is the
/// end of the least-squares line through the last `period` values, the others lie
/// `width` population standard deviations of its residuals away.
///
/// Sums are kept of differences to a reference and taken anew each time the ring
/// comes round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinearRegression {
    width: f64,
    window: Window,
    reference: f64,
    /// Of values, of values times their position from 0, and of squares.
    sums: [f64; 3],
}

impl LinearRegression {
    /// Over `period` values, at least 2.
    pub fn new(period: usize, width: f64) -> Self {
        Self { width, window: Window::new(period.max(2)), reference: 0.0, sums: [0.0; 3] }
    }

    fn renew(&mut self) {
        let count = self.window.values().len() as f64;
        self.reference = self.window.values().iter().sum::<f64>() / count;
        let mut sums = [0.0; 3];
        for (value, position) in self.window.values().iter().zip(0_u32..) {
            let value = value - self.reference;
            sums = [sums[0] + value, sums[1] + f64::from(position) * value, sums[2] + value * value];
        }
        self.sums = sums;
    }
}

impl Indicator for LinearRegression {
    type Input = f64;
    type Output = [f64; 4];

    fn update(&mut self, value: &f64) -> Option<[f64; 4]> {
        if !value.is_finite() {
            return None;
        }
        let n = self.window.period() as f64;
        if let Some(replaced) = self.window.push(*value) {
            let [added, removed] = [value, &replaced].map(|value| value - self.reference);
            let [sum, positions, squares] = self.sums;
            // Every position falls by one, and the newest is n - 1.
            self.sums = [
                sum + added - removed,
                positions - (sum - removed) + (n - 1.0) * added,
                squares + added * added - removed * removed,
            ];
        }
        if self.window.has_wrapped() {
            self.renew();
        }
        if !self.window.is_full() {
            return None;
        }
        let [sum, positions, squares] = self.sums;
        let middle_position = (n - 1.0) / 2.0;
        let spread = n * (n * n - 1.0) / 12.0;
        let covariance = positions - middle_position * sum;
        let slope = covariance / spread;
        let residual = (squares - sum * sum / n - slope * covariance).max(0.0);
        let distance = self.width * (residual / n).sqrt();
        let middle = self.reference + sum / n + slope * middle_position;
        Some([middle + distance, middle, middle - distance, slope])
    }

    fn warm_up(&self) -> usize {
        self.window.period()
    }

    fn reset(&mut self) {
        *self = Self::new(self.window.period(), self.width);
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
