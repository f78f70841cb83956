use serde::{Deserialize, Serialize};

use super::{Rolling, Run};
use crate::tie::ROUNDING;

/// The least-squares line through the last values.
pub type RollingLine = Rolling<Line>;

/// A run about its mean: joined as Chan, Golub and LeVeque do (The American Statistician
/// 37, 1983), with the covariance of values and places beside.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    count: f64,
    mean: f64,
    /// Sum of squared differences to the mean.
    squares: f64,
    /// Sum of products of differences to the mean and to the middle place.
    products: f64,
}

/// A line through values one bar apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// At the last value.
    pub end: f64,
    /// Of a bar.
    pub slope: f64,
    /// Population standard deviation of the values from the line.
    pub deviation: f64,
}

impl Run for Line {
    type Value = f64;
    type Total = Fit;

    fn of(value: f64) -> Self {
        Self { count: 1.0, mean: value, squares: 0.0, products: 0.0 }
    }

    fn join(self, later: Self) -> Self {
        let count = self.count + later.count;
        let difference = later.mean - self.mean;
        let weighted = difference * (self.count * later.count / count);
        Self {
            count,
            mean: self.mean + difference * (later.count / count),
            squares: self.squares + later.squares + difference * weighted,
            // The middle places of the two lie half of all values apart.
            products: self.products + later.products + weighted * (count / 2.0),
        }
    }

    fn total(self) -> Fit {
        let Self { count, mean, squares, products } = self;
        let spread = count * (count * count - 1.0) / 12.0;
        let slope = if spread > 0.0 { products / spread } else { 0.0 };
        let residual = squares - slope * products;
        let is_rounding = residual <= ROUNDING * count * squares;
        Fit {
            end: mean + slope * ((count - 1.0) / 2.0),
            slope,
            deviation: if is_rounding { 0.0 } else { (residual / count).sqrt() },
        }
    }
}
