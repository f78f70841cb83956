use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Backoff, Failure, Plan};

/// Failures whose cause is not in the request: the next one would fail too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// No answer, or the answer of a broken server.
    Upstream,
    /// Answers that are not what they should be.
    Malformed,
    /// The key is refused.
    Key,
    /// A refusal that nobody has seen before.
    Refused,
}

/// A breaker per class: after some failures in a row nothing is sent for a while,
/// then one request tries again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Circuits(BTreeMap<FailureClass, Circuit>);

/// One breaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Circuit {
    /// Failures in a row.
    pub failures: u32,
    /// Nothing is sent before this time.
    pub open_until_ms: i64,
    /// What happened last.
    pub detail: String,
}

impl Circuits {
    /// When requests may leave again; `now_ms` when they may.
    pub fn closes_ms(&self, now_ms: i64) -> i64 {
        self.0.values().map(|circuit| circuit.open_until_ms).max().unwrap_or(0).max(now_ms)
    }

    /// Every class that has failed since its last success.
    pub fn iter(&self) -> impl Iterator<Item = (FailureClass, &Circuit)> {
        self.0.iter().map(|(class, circuit)| (*class, circuit))
    }

    /// Times that a wrong clock has left behind hold nothing up.
    pub(crate) fn forget_the_future(&mut self, now_ms: i64) {
        for circuit in self.0.values_mut() {
            circuit.open_until_ms = circuit.open_until_ms.min(now_ms + FailureClass::LONGEST_MS);
        }
    }

    pub(crate) fn succeed(&mut self) {
        self.0.clear();
    }

    pub(crate) fn fail(&mut self, failure: &Failure, plan: &Plan, now_ms: i64, jitter: f64) {
        let Some(class) = failure.class() else { return };
        let circuit = self.0.entry(class).or_insert(Circuit {
            failures: 0,
            open_until_ms: now_ms,
            detail: String::new(),
        });
        circuit.failures += 1;
        circuit.detail = failure.to_string();
        let (threshold, backoff) = class.policy(plan);
        if circuit.failures >= threshold {
            circuit.open_until_ms = now_ms + backoff.wait_ms(circuit.failures + 1 - threshold, jitter);
        }
    }
}

impl FailureClass {
    const LONGEST_MS: i64 = 6 * 3_600_000;

    /// After how many failures in a row the circuit opens, and for how long. A
    /// request of a daily budget is too dear to find out often.
    fn policy(self, plan: &Plan) -> (u32, Backoff) {
        let scarce = plan.per_day.is_some();
        let wait = |first_ms, longest_ms| Backoff { first_ms, longest_ms };
        match (self, scarce) {
            (Self::Key, _) => (1, wait(3_600_000, Self::LONGEST_MS)),
            (Self::Upstream, true) => (2, wait(1_800_000, Self::LONGEST_MS)),
            (Self::Malformed | Self::Refused, true) => (3, wait(3_600_000, Self::LONGEST_MS)),
            (Self::Upstream, false) => (5, wait(15_000, 600_000)),
            (Self::Malformed | Self::Refused, false) => (5, wait(60_000, 1_800_000)),
        }
    }
}
