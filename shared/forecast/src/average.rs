/// An exponentially weighted average that is unbiased from the first value on.
#[derive(Clone, Copy, Debug)]
pub struct Average {
    /// What an old value's weight is multiplied by at each new one.
    decay: f64,
    sum: f64,
    weight: f64,
}

impl Average {
    /// Of no values; a value counts half after `half_life` others.
    pub fn new(half_life: f64) -> Self {
        Self { decay: libm::exp2(-1.0 / half_life), sum: 0.0, weight: 0.0 }
    }

    /// Takes one more value.
    pub fn update(&mut self, value: f64) {
        self.sum = self.decay * self.sum + (1.0 - self.decay) * value;
        self.weight = self.decay * self.weight + (1.0 - self.decay);
    }

    /// The average; `None` before the first value.
    pub fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}
