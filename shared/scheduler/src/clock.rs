use serde::{Deserialize, Serialize};

/// Differences below this are the network's and the header's whole seconds.
const TOLERANCE_MS: i64 = 5_000;

/// The shortest time between two questions for the time.
const CHECK_GAP_MS: i64 = 60_000;

/// Our clock, corrected by the vendor's: each of its answers carries a `Date`.
/// A clock that has been set, or a machine that has slept, misleads it only until
/// the next answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Vendor's time minus ours.
    offset_ms: i64,
    /// The latest corrected time that anything was done at.
    latest_ms: i64,
    /// When the vendor was last asked in vain, by our own time.
    failed_ms: Option<i64>,
}

impl Clock {
    /// The corrected time.
    pub fn now_ms(&self, own_ms: i64) -> i64 {
        own_ms.saturating_add(self.offset_ms)
    }

    /// Remembers that something was done.
    pub fn passed(&mut self, now_ms: i64) {
        self.latest_ms = self.latest_ms.max(now_ms);
    }

    /// Time has gone back: one of two readings was wrong.
    pub fn went_back(&self, now_ms: i64) -> bool {
        now_ms < self.latest_ms - TOLERANCE_MS
    }

    /// The vendor's time, at our own.
    pub fn witness(&mut self, own_ms: i64, vendor_ms: i64) {
        let offset_ms = vendor_ms.saturating_sub(own_ms);
        if offset_ms.abs() <= TOLERANCE_MS {
            self.offset_ms = 0;
        } else if (offset_ms - self.offset_ms).abs() > TOLERANCE_MS {
            self.offset_ms = offset_ms;
        }
        self.latest_ms = self.now_ms(own_ms);
        self.failed_ms = None;
    }

    /// The vendor has been asked and did not say.
    pub fn witness_failed(&mut self, own_ms: i64) {
        self.failed_ms = Some(own_ms);
    }

    /// The vendor has been asked in vain since it last told the time.
    pub fn has_failed(&self) -> bool {
        self.failed_ms.is_some()
    }

    /// When to ask next, by our own time.
    pub fn next_check_ms(&self, own_ms: i64) -> i64 {
        // A time in the future was read before the clock was set back.
        self.failed_ms.filter(|failed| *failed <= own_ms).map_or(own_ms, |failed| failed + CHECK_GAP_MS)
    }
}
