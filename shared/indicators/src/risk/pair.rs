use serde::{Deserialize, Serialize};

use crate::{Indicator, rolling::Window};

/// Pearson's correlation of the last `period` pairs of values. Nothing while
/// either side does not vary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    sums: PairSums,
}

/// Beta: the slope of the least-squares line of an asset's simple returns on a
/// market's, over the last `period` returns. Fed with prices `[asset, market]`.
/// Nothing while the market does not move.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beta {
    previous: Option<[f64; 2]>,
    sums: PairSums,
}

/// Sums over the last pairs, of differences to a reference; taken anew each time
/// the ring comes round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct PairSums {
    window: Window<[f64; 2]>,
    reference: [f64; 2],
    /// Of a, b, a², b² and ab.
    sums: [f64; 5],
}

/// `[variance of a, variance of b, covariance]`.
type Covariance = [f64; 3];

impl PairSums {
    fn new(period: usize) -> Self {
        Self { window: Window::new(period.max(2)), reference: [0.0; 2], sums: [0.0; 5] }
    }

    fn push(&mut self, pair: [f64; 2]) -> Option<Covariance> {
        if self.window.values().is_empty() {
            self.reference = pair;
        }
        let replaced = self.window.push(pair);
        self.add(pair, 1.0);
        if let Some(replaced) = replaced {
            self.add(replaced, -1.0);
        }
        if self.window.has_wrapped() {
            self.renew();
        }
        if !self.window.is_full() {
            return None;
        }
        let count = self.window.period() as f64;
        let [a, b, aa, bb, ab] = self.sums.map(|sum| sum / count);
        Some([(aa - a * a).max(0.0), (bb - b * b).max(0.0), ab - a * b])
    }

    fn add(&mut self, [a, b]: [f64; 2], sign: f64) {
        let (a, b) = (a - self.reference[0], b - self.reference[1]);
        for (sum, term) in self.sums.iter_mut().zip([a, b, a * a, b * b, a * b]) {
            *sum += sign * term;
        }
    }

    fn renew(&mut self) {
        let count = self.window.values().len() as f64;
        let [a, b, ..] = self.sums;
        self.reference = [self.reference[0] + a / count, self.reference[1] + b / count];
        self.sums = [0.0; 5];
        for index in 0..self.window.values().len() {
            if let Some(pair) = self.window.values().get(index).copied() {
                self.add(pair, 1.0);
            }
        }
    }

    fn clear(&mut self) {
        *self = Self::new(self.window.period());
    }
}

impl Correlation {
    /// Over `period` pairs, at least 2.
    pub fn new(period: usize) -> Self {
        Self { sums: PairSums::new(period) }
    }
}

impl Beta {
    /// Over `period` returns, at least 2.
    pub fn new(period: usize) -> Self {
        Self { previous: None, sums: PairSums::new(period) }
    }
}

impl Indicator for Correlation {
    type Input = [f64; 2];
    type Output = f64;

    fn update(&mut self, pair: &[f64; 2]) -> Option<f64> {
        if !pair.iter().all(|value| value.is_finite()) {
            return None;
        }
        let [a, b, covariance] = self.sums.push(*pair)?;
        let scale = a.sqrt() * b.sqrt();
        (scale > 0.0).then(|| (covariance / scale).clamp(-1.0, 1.0))
    }

    fn warm_up(&self) -> usize {
        self.sums.window.period()
    }

    fn reset(&mut self) {
        self.sums.clear();
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
            self.sums.push([prices[0] / asset - 1.0, prices[1] / market - 1.0])?;
        (variance > 0.0).then(|| covariance / variance)
    }

    fn warm_up(&self) -> usize {
        self.sums.window.period() + 1
    }

    fn reset(&mut self) {
        self.previous = None;
        self.sums.clear();
    }
}
