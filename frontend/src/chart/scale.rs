//! From values to pixels, and round numbers for axes.

/// A linear map from a value range to a pixel range, upside down: higher values
/// have smaller y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    min: f64,
    max: f64,
    top: f64,
    bottom: f64,
}

impl Scale {
    /// Maps `min..max` to `bottom..top`. A range without width gets some.
    pub fn new((min, max): (f64, f64), top: f64, bottom: f64) -> Self {
        let flat = max <= min;
        let padding = match min.abs() {
            _ if !flat => 0.0,
            0.0 => 1e-6,
            level => level * 0.01,
        };
        Self { min: min - padding, max: max + padding, top, bottom }
    }

    /// Pixel of a value.
    pub fn y(&self, value: f64) -> f64 {
        self.bottom - (value - self.min) / (self.max - self.min) * (self.bottom - self.top)
    }

    /// Value at a pixel.
    pub fn value(&self, y: f64) -> f64 {
        self.min + (self.bottom - y) / (self.bottom - self.top) * (self.max - self.min)
    }

    /// The distance of the ticks.
    pub fn step(&self, count: usize) -> f64 {
        round_step((self.max - self.min) / count.max(1) as f64)
    }

    /// About `count` round values inside the range.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        let step = self.step(count);
        let first = (self.min / step).ceil() as i64;
        let last = (self.max / step).floor() as i64;
        (first..=last).map(|i| i as f64 * step).collect()
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// Smallest and largest of finite values.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |extent, value| match extent {
        None => Some((value, value)),
        Some((min, max)) => Some((min.min(value), max.max(value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_values_are_inverse() {
        let scale = Scale::new((10.0, 20.0), 5.0, 105.0);
        assert_eq!((scale.y(20.0), scale.y(10.0)), (5.0, 105.0));
        assert!((scale.value(scale.y(13.3)) - 13.3).abs() < 1e-12);
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Scale::new((9.7, 20.4), 0.0, 100.0).ticks(5), [10.0, 15.0, 20.0]);
        assert_eq!(Scale::new((0.0, 1.0), 0.0, 100.0).ticks(5).len(), 6);
    }

    #[test]
    fn a_flat_range_is_drawn_too() {
        let scale = Scale::new((5.0, 5.0), 0.0, 100.0);
        assert_eq!(scale.y(5.0), 50.0);
        assert!(scale.ticks(4).iter().all(|tick| tick.is_finite()));
    }
}
