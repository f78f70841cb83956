use serde::{Deserialize, Serialize};

use crate::{Indicator, rolling::RollingPairs};

/// Pearson's correlation of the last `period` pairs of values. Nothing while
/// either side does not vary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    pairs: RollingPairs,
}

/// Beta: the slope of the least-squares line of an asset's simple returns on a
/// market's, over the last `period` returns. Fed with prices `[asset, market]`.
/// Nothing while the market does not move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beta {
    previous: Option<[f64; 2]>,
    pairs: RollingPairs,
}

impl Correlation {
    /// Over `period` pairs, at least 2.
    pub fn new(period: usize) -> Self {
        Self { pairs: RollingPairs::new(period.max(2)) }
    }
}

impl Beta {
    /// Over `period` returns, at least 2.
    pub fn new(period: usize) -> Self {
        Self { previous: None, pairs: RollingPairs::new(period.max(2)) }
    }
}

impl Indicator for Correlation {
    type Input = [f64; 2];
    type Output = f64;

    fn update(&mut self, pair: &[f64; 2]) -> Option<f64> {
        if !pair.iter().all(|value| value.is_finite()) {
            return None;
        }
        let [a, b, covariance] = self.pairs.push(*pair)?;
        let scale = a.sqrt() * b.sqrt();
        (scale > 0.0).then(|| (covariance / scale).clamp(-1.0, 1.0))
    }

    fn warm_up(&self) -> usize {
        self.pairs.period()
    }

    fn reset(&mut self) {
        self.pairs.clear();
    }
}

impl Indicator for Beta {
    type Input = [f64; 2];
    type Output = f64;

    fn update(&mut self, prices: &[f64; 2]) -> Option<f64> {
        if !prices.iter().all(|price| *price > 0.0 && price.is_finite()) {
            return None;
        }
        let [asset, market] = self.previous.replace(*prices)?;
        let [_, variance, covariance] =
            self.pairs.push([prices[0] / asset - 1.0, prices[1] / market - 1.0])?;
        (variance > 0.0).then(|| covariance / variance)
    }

    fn warm_up(&self) -> usize {
        self.pairs.period() + 1
    }

    fn reset(&mut self) {
        self.previous = None;
        self.pairs.clear();
    }
}
