use serde::{Deserialize, Serialize};

/// The longest window that is read back from storage.
pub const MAX_PERIOD: usize = 1 << 16;

/// The last `period` values, in a ring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored<T>", bound(deserialize = "T: Deserialize<'de> + Copy"))]
pub struct Window<T = f64> {
    values: Vec<T>,
    period: usize,
    next: usize,
}

impl<T: Copy> Window<T> {
    pub fn new(period: usize) -> Self {
        let period = period.max(1);
        Self { values: Vec::with_capacity(period), period, next: 0 }
    }

    /// Adds a value and returns the one that it replaces, if the window was full.
    #[inline]
    pub fn push(&mut self, value: T) -> Option<T> {
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

    #[inline]
    pub fn is_full(&self) -> bool {
        self.values.len() == self.period
    }

    /// Whether the ring has just come round: the values are in order, oldest first.
    #[inline]
    pub fn has_wrapped(&self) -> bool {
        self.next == 0
    }

    pub fn period(&self) -> usize {
        self.period
    }

    /// The values in no particular order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    pub fn clear(&mut self) {
        self.values.clear();
        self.next = 0;
    }
}

/// What has been read, before it is checked.
#[derive(Deserialize)]
struct Stored<T> {
    values: Vec<T>,
    period: usize,
    next: usize,
}

impl<T: Copy> TryFrom<Stored<T>> for Window<T> {
    type Error = &'static str;

    fn try_from(stored: Stored<T>) -> Result<Self, Self::Error> {
        let Stored { values, period, next } = stored;
        if period == 0 || period > MAX_PERIOD || values.len() > period || next >= period {
            return Err("a window holds at most as many values as its period");
        }
        if values.len() < period && next != values.len() {
            return Err("a window that is not full goes on at its end");
        }
        let mut window = Self::new(period);
        window.values.extend(values);
        window.next = next;
        Ok(window)
    }
}
