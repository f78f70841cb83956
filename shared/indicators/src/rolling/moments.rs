use serde::{Deserialize, Serialize};

use super::Window;

/// Mean and population variance of the last `period` values.
///
/// Sums are of differences to a reference near the values. Beside the sliding
/// sums run fresh ones, which take their place each time the ring comes round,
/// when the mean becomes the reference: so that neither a high level nor a long
/// stream costs precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    window: Window,
    per_value: f64,
    reference: f64,
    sums: Sums,
    fresh: Sums,
}

/// Of differences to the reference, and of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    sum: f64,
    squares: f64,
}

impl Sums {
    #[inline(always)]
    fn add(&mut self, difference: f64) {
        self.sum += difference;
        self.squares += difference * difference;
    }

    #[inline(always)]
    fn replace(&mut self, old: f64, new: f64) {
        self.sum += new - old;
        self.squares += (new - old) * (new + old);
    }

    /// The mean of the differences, and their population variance.
    #[inline(always)]
    fn moments(self, per_value: f64) -> [f64; 2] {
        let mean = self.sum * per_value;
        let variance = self.squares * per_value - mean * mean;
        [mean, if variance > 0.0 { variance } else { 0.0 }]
    }

    /// The same sums of differences that are all smaller by their mean.
    #[inline(always)]
    fn centred(self, per_value: f64) -> Self {
        let centred = self.squares - self.sum * self.sum * per_value;
        Self { sum: 0.0, squares: if centred > 0.0 { centred } else { 0.0 } }
    }
}

impl Moments {
    pub fn new(period: usize) -> Self {
        let (window, per_value) = (Window::new(period), 1.0 / period.max(1) as f64);
        Self { window, per_value, reference: 0.0, sums: Sums::default(), fresh: Sums::default() }
    }

    /// Adds a value; `[mean, population variance]` once there are `period` values.
    #[inline(always)]
    pub fn push(&mut self, value: f64) -> Option<[f64; 2]> {
        if self.window.is_empty() {
            self.reference = value;
        }
        let added = value - self.reference;
        match self.window.push(value) {
            Some(replaced) => self.sums.replace(replaced - self.reference, added),
            None => self.sums.add(added),
        }
        self.fresh.add(added);
        let per_value = self.per_value;
        if self.window.has_wrapped() {
            self.reference += self.fresh.sum * per_value;
            self.sums = self.fresh.centred(per_value);
            self.fresh = Sums::default();
        }
        let [mean, variance] = self.sums.moments(per_value);
        self.window.is_full().then_some([self.reference + mean, variance])
    }

    /// The same with the sample variance, for periods of at least 2.
    pub fn push_sample(&mut self, value: f64) -> Option<[f64; 2]> {
        let count = self.window.period() as f64;
        let [mean, variance] = self.push(value)?;
        Some([mean, variance * count / (count - 1.0)])
    }

    /// The root of a variance, `None` where it is but rounding beside the mean.
    pub fn deviation([mean, variance]: [f64; 2]) -> Option<f64> {
        let deviation = variance.sqrt();
        (deviation > 1e-12 * mean.abs()).then_some(deviation)
    }

    pub fn period(&self) -> usize {
        self.window.period()
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.period());
    }
}
