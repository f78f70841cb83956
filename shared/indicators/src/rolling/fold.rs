use serde::{Deserialize, Serialize};

/// What a run of consecutive values comes to: their sum, the largest, their moments.
pub trait Run: Copy {
    /// What a run is made of.
    type Value: Copy;
    /// What it comes to.
    type Total;

    /// The run of one value.
    fn of(value: Self::Value) -> Self;

    /// This run and a later one that follows it.
    fn join(self, later: Self) -> Self;

    /// This run with a later value behind it.
    #[inline(always)]
    fn append(self, value: Self::Value) -> Self {
        self.join(Self::of(value))
    }

    /// This run with the run of one earlier value before it.
    #[inline(always)]
    fn prepend(self, earlier: Self) -> Self {
        earlier.join(self)
    }

    /// What it comes to.
    fn total(self) -> Self::Total;
}

/// What the last `period` values come to, by blocks (van Herk 1992, Gil and Werman
/// 1993): a window is the end of one block of `period` values and the beginning of
/// the next, and the two are joined. Constant time, amortised.
///
/// Nothing is ever taken away again, so that a value leaves no trace behind once the
/// window has passed it: what differences of sums have left over is no quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored<R>", bound(serialize = "R: Serialize", deserialize = "R: Deserialize<'de>"))]
pub struct Rolling<R> {
    /// One place a value: before `next` the values of the running block, from there
    /// on the block before, each place the run from there to its end.
    block: Box<[R]>,
    next: usize,
    /// Whether there is a block before.
    is_full: bool,
    /// The run of the running block so far.
    running: R,
}

impl<R: Run<Value: Default>> Rolling<R> {
    pub fn new(period: usize) -> Self {
        let empty = R::of(R::Value::default());
        Self { block: vec![empty; period.max(1)].into(), next: 0, is_full: false, running: empty }
    }

    /// Adds a value; what the last ones come to once there are `period` of them.
    #[inline(always)]
    pub fn push(&mut self, value: R::Value) -> Option<R::Total> {
        let one = R::of(value);
        self.running = if self.next == 0 { one } else { self.running.append(value) };
        if let Some(slot) = self.block.get_mut(self.next) {
            *slot = one;
        }
        self.next += 1;
        if let Some(rest) = self.block.get(self.next) {
            return self.is_full.then(|| rest.join(self.running).total());
        }
        join_to_the_end(&mut self.block);
        self.next = 0;
        self.is_full = true;
        Some(self.running.total())
    }

    pub fn period(&self) -> usize {
        self.block.len()
    }

    pub fn clear(&mut self) {
        *self = Self::new(self.period());
    }
}

#[inline(always)]
fn join_to_the_end<R: Run>(block: &mut [R]) {
    let mut slots = block.iter_mut().rev();
    let Some(last) = slots.next() else { return };
    let mut rest = *last;
    for slot in slots {
        rest = rest.prepend(*slot);
        *slot = rest;
    }
}

/// What has been read, before it is checked.
#[derive(Deserialize)]
struct Stored<R> {
    block: Box<[R]>,
    next: usize,
    is_full: bool,
    running: R,
}

impl<R> TryFrom<Stored<R>> for Rolling<R> {
    type Error = &'static str;

    fn try_from(Stored { block, next, is_full, running }: Stored<R>) -> Result<Self, Self::Error> {
        if next >= block.len() {
            return Err("the next place lies outside the block");
        }
        Ok(Self { block, next, is_full, running })
    }
}
