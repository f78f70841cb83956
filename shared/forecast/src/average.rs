/// An exponentially weighted average that is unbiased from the first value on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Average {
    sum: f64,
    weight: f64,
}

impl Average {
    /// The average with one more value.
    pub fn update(&mut self, value: f64, half_life: f64) -> f64 {
        let decay = libm::exp2(-1.0 / half_life);
        self.sum = decay * self.sum + (1.0 - decay) * value;
        self.weight = decay * self.weight + (1.0 - decay);
        self.sum / self.weight
    }

    /// The average; `None` before the first value.
    pub fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}
