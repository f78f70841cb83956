use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{indicator::finite, tie::exceeds};

/// Wilder's directional movement (Wilder 1978): how much of the true range went
/// up, and how much down, smoothed by his running sums as TA-Lib does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Directional {
    period: usize,
    previous: Option<[f64; 3]>,
    /// Changes seen, up to `period`.
    seen: usize,
    up: f64,
    down: f64,
    range: f64,
}

impl Directional {
    pub fn new(period: usize) -> Self {
        Self { period: period.max(1), previous: None, seen: 0, up: 0.0, down: 0.0, range: 0.0 }
    }

    /// `[+DI, -DI]` in percent from the `period`-th change on.
    pub fn update(&mut self, bar: &Bar) -> Option<[f64; 2]> {
        let Bar { high, low, close, .. } = *finite(bar)?;
        let [previous_high, previous_low, previous_close] = self.previous.replace([high, low, close])?;
        let [up, down] = moves([high, low], [previous_high, previous_low]);
        let range = high.max(previous_close) - low.min(previous_close);
        self.seen = self.seen.saturating_add(1).min(self.period);
        if self.seen < self.period {
            self.up += up;
            self.down += down;
            self.range += range;
            return None;
        }
        let kept = self.decay();
        self.up = self.up * kept + up;
        self.down = self.down * kept + down;
        self.range = self.range * kept + range;
        let share = |part: f64| if self.range > 0.0 { 100.0 * (part / self.range).min(1.0) } else { 0.0 };
        Some([share(self.up), share(self.down)])
    }

    /// What a change leaves with each later one.
    pub fn decay(&self) -> f64 {
        1.0 - 1.0 / self.period as f64
    }

    pub fn period(&self) -> usize {
        self.period
    }
}

/// How far a bar of `[high, low]` moves up and how far down from the one before: only
/// the larger move counts, and none of equal ones.
pub fn moves([high, low]: [f64; 2], [previous_high, previous_low]: [f64; 2]) -> [f64; 2] {
    let (rise, fall) = (high - previous_high, previous_low - low);
    let magnitude = high.abs() + low.abs();
    let up = if rise > 0.0 && exceeds(rise, fall, magnitude) { rise } else { 0.0 };
    let down = if fall > 0.0 && exceeds(fall, rise, magnitude) { fall } else { 0.0 };
    [up, down]
}
