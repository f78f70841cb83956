/// The last `period` values, in a ring.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    values: Vec<f64>,
    period: usize,
    next: usize,
}

impl Window {
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self { values: Vec::with_capacity(period), period, next: 0 }
    }

    /// Adds a value and returns the one that it replaces, if the window was full.
    pub fn push(&mut self, value: f64) -> Option<f64> {
        let replaced = match self.values.get_mut(self.next) {
            Some(slot) => Some(std::mem::replace(slot, value)),
            None => {
                self.values.push(value);
                None
            }
        };
        self.next = if self.next + 1 == self.period { 0 } else { self.next + 1 };
        replaced
    }

    pub fn is_full(&self) -> bool {
        self.values.len() == self.period
    }

    pub fn period(&self) -> usize {
        self.period
    }

    /// The values in no particular order.
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}
