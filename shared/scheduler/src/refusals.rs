use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Function, Request};

/// How long what the vendor does not know is not asked for again.
pub(crate) const UNKNOWN_MS: i64 = 24 * 3_600_000;

/// The most requests remembered; those that would be forgotten first go first.
const MAX_REMEMBERED: usize = 500;

/// What is not worth asking again: what the vendor does not know, for a day; what
/// the plan does not include, until the settings change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Refusals {
    unknown: BTreeMap<String, i64>,
    functions: BTreeSet<Function>,
    entitlement: bool,
}

impl Refusals {
    /// The vendor did not know this, less than a day ago. Where the clock has been
    /// set back a day has to pass from now.
    pub fn is_unknown(&self, request: &Request, now_ms: i64) -> bool {
        self.unknown.get(&request.to_string()).is_some_and(|until_ms| *until_ms > now_ms)
    }

    /// The plan does not include the function.
    pub fn is_excluded(&self, function: Function) -> bool {
        self.functions.contains(&function)
    }

    /// The key is not entitled to the freshness that the settings name.
    pub fn is_unentitled(&self) -> bool {
        self.entitlement
    }

    pub(crate) fn add_unknown(&mut self, request: &Request, now_ms: i64) {
        self.unknown.retain(|_, until_ms| (now_ms..=now_ms + UNKNOWN_MS).contains(until_ms));
        while self.unknown.len() >= MAX_REMEMBERED {
            let first = self.unknown.iter().min_by_key(|(_, until_ms)| **until_ms);
            let Some(first) = first.map(|(name, _)| name.clone()) else { break };
            self.unknown.remove(&first);
        }
        self.unknown.insert(request.to_string(), now_ms + UNKNOWN_MS);
    }

    pub(crate) fn exclude(&mut self, function: Function) {
        self.functions.insert(function);
    }

    pub(crate) fn set_unentitled(&mut self) {
        self.entitlement = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_is_forgotten_after_a_day_and_bounded_before() {
        let mut refusals = Refusals::default();
        let search = |n: usize| Request::Search { keywords: n.to_string() };
        for n in 0..MAX_REMEMBERED + 10 {
            refusals.add_unknown(&search(n), n as i64);
        }
        assert_eq!(refusals.unknown.len(), MAX_REMEMBERED);
        assert!(!refusals.is_unknown(&search(0), 1_000), "the oldest went");
        let last = search(MAX_REMEMBERED + 9);
        assert!(refusals.is_unknown(&last, 1_000));
        assert!(!refusals.is_unknown(&last, UNKNOWN_MS + 1_000));
    }
}
