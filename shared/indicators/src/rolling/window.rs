use std::hint::cold_path;

use serde::{Deserialize, Serialize};

/// The last `period` values, in a ring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct Window<T = f64> {
    ring: Box<[T]>,
    next: usize,
    is_full: bool,
}

impl<T: Copy + Default> Window<T> {
    pub fn new(period: usize) -> Self {
        Self { ring: vec![T::default(); period.max(1)].into(), next: 0, is_full: false }
    }

    /// Adds a value and returns the one that it replaces, if the window was full.
    #[inline(always)]
    pub fn push(&mut self, value: T) -> Option<T> {
        let was_full = self.is_full;
        let replaced = self.replace(value);
        was_full.then_some(replaced)
    }

    /// The same, with the default where nothing is replaced.
    #[inline(always)]
    pub fn replace(&mut self, value: T) -> T {
        // Never: the next place lies inside the ring.
        let Some(slot) = self.ring.get_mut(self.next) else {
            cold_path();
            return T::default();
        };
        let replaced = std::mem::replace(slot, value);
        self.next += 1;
        if self.next == self.ring.len() {
            cold_path();
            self.next = 0;
            self.is_full = true;
        }
        replaced
    }

    #[inline]
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    pub fn period(&self) -> usize {
        self.ring.len()
    }

    /// The values in no particular order.
    pub fn values(&self) -> &[T] {
        let len = if self.is_full { self.ring.len() } else { self.next };
        self.ring.get(..len).unwrap_or(&self.ring)
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.ring.len());
    }
}

/// What has been read, before it is checked.
#[derive(Deserialize)]
struct Stored<T> {
    ring: Box<[T]>,
    next: usize,
    is_full: bool,
}

impl<T> TryFrom<Stored<T>> for Window<T> {
    type Error = &'static str;

    fn try_from(Stored { ring, next, is_full }: Stored<T>) -> Result<Self, Self::Error> {
        if next >= ring.len() {
            return Err("the next place lies outside the ring");
        }
        Ok(Self { ring, next, is_full })
    }
}
