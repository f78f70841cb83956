use serde::{Deserialize, Serialize};

/// Growing waits between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// After the first failure.
    pub first_ms: i64,
    /// The longest.
    pub longest_ms: i64,
}

impl Backoff {
    /// The wait after so many failures in a row: twice the one before, and between
    /// half and all of that by `jitter` in `0.0..1.0`, so that many who failed
    /// together do not come back together.
    pub fn wait_ms(&self, failures: u32, jitter: f64) -> i64 {
        let doubled = self.first_ms.saturating_mul(1 << failures.saturating_sub(1).min(30));
        let wait_ms = doubled.min(self.longest_ms) as f64;
        (wait_ms * (0.5 + 0.5 * jitter.clamp(0.0, 1.0))) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff { first_ms: 100, longest_ms: 1_000 };
        let waits: Vec<i64> = (1..=6).map(|failures| backoff.wait_ms(failures, 1.0)).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(backoff.wait_ms(3, 0.0), 200);
        assert_eq!(backoff.wait_ms(u32::MAX, 1.0), 1_000);
    }
}
