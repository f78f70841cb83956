//! How often one address may ask: a token bucket each, in the memory of the
//! isolate. It costs no round trip; a client that reaches several isolates has
//! that many buckets.

use std::{cell::RefCell, collections::HashMap};

use crate::error::EdgeError;

/// The most addresses remembered; beyond, those that have been quiet are forgotten.
const MAX_ADDRESSES: usize = 10_000;

thread_local! {
    static BUCKETS: RefCell<Buckets> = RefCell::new(Buckets::default());
}

/// Takes a token of the address's bucket, which holds `per_minute` and is
/// refilled as fast.
///
/// # Errors
/// [`EdgeError::TooManyRequests`] when it is empty.
pub fn check(address: &str, per_minute: u32, now_ms: u64) -> Result<(), EdgeError> {
    let taken = BUCKETS.with_borrow_mut(|buckets| buckets.take(network(address), per_minute, now_ms));
    taken.map_err(|retry_after_secs| EdgeError::TooManyRequests { retry_after_secs })
}

/// An IPv4 address, or the /64 network of an IPv6 address: a host has all of it.
pub fn network(address: &str) -> String {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(v6) => format!("{:x?}", v6.segments().get(..4).unwrap_or_default()),
        Err(_) => address.to_owned(),
    }
}

#[derive(Debug, Default)]
struct Buckets(HashMap<String, Bucket>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at_ms: u64,
}

impl Buckets {
    /// Or after how many seconds there is a token again.
    fn take(&mut self, network: String, per_minute: u32, now_ms: u64) -> Result<(), u32> {
        let (capacity, per_ms) = (f64::from(per_minute), f64::from(per_minute) / 60_000.0);
        if self.0.len() >= MAX_ADDRESSES && !self.0.contains_key(&network) {
            self.forget(capacity, per_ms, now_ms);
        }
        let bucket = self.0.entry(network).or_insert(Bucket { tokens: capacity, at_ms: now_ms });
        let tokens = bucket.tokens_at(capacity, per_ms, now_ms);
        let taken = tokens >= 1.0;
        *bucket = Bucket { tokens: if taken { tokens - 1.0 } else { tokens }, at_ms: now_ms };
        if taken { Ok(()) } else { Err(((1.0 - tokens) / per_ms / 1000.0).ceil().max(1.0) as u32) }
    }

    /// Full buckets say nothing. When none is full, all are forgotten: an attack
    /// from ten thousand networks is not held up by this anyway.
    fn forget(&mut self, capacity: f64, per_ms: f64, now_ms: u64) {
        self.0.retain(|_, bucket| bucket.tokens_at(capacity, per_ms, now_ms) < capacity);
        if self.0.len() >= MAX_ADDRESSES {
            self.0.clear();
        }
    }
}

impl Bucket {
    fn tokens_at(self, capacity: f64, per_ms: f64, now_ms: u64) -> f64 {
        (self.tokens + now_ms.saturating_sub(self.at_ms) as f64 * per_ms).min(capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_says_when_it_has_a_token_again() {
        let mut buckets = Buckets::default();
        for _ in 0..30 {
            assert_eq!(buckets.take("a".into(), 30, 0), Ok(()));
        }
        assert_eq!(buckets.take("a".into(), 30, 0), Err(2));
        assert_eq!(buckets.take("b".into(), 30, 0), Ok(()), "another address has its own");
        assert_eq!(buckets.take("a".into(), 30, 1_000), Err(1));
        assert_eq!(buckets.take("a".into(), 30, 2_000), Ok(()));
        assert_eq!(buckets.take("a".into(), 30, 2_000), Err(2));
        // A clock that runs backwards gives nothing away.
        assert_eq!(buckets.take("a".into(), 30, 1_000), Err(2));
    }

    #[test]
    fn memory_is_bounded() {
        let mut buckets = Buckets::default();
        for address in 0..3 * MAX_ADDRESSES {
            let _ = buckets.take(address.to_string(), 60, 0);
            assert!(buckets.0.len() <= MAX_ADDRESSES);
        }
    }

    #[test]
    fn an_ipv6_host_has_one_bucket() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
