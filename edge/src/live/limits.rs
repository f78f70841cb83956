//! How often a socket may speak.

use tickwise_protocol::stream::{MESSAGE_BURST, MESSAGES_PER_SECOND};

/// Refused messages in a row after which a socket is closed.
const MAX_REFUSED: u32 = 50;

/// A bucket of tokens, one a message, refilled with time.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRate {
    tokens: f64,
    at_ms: i64,
    refused: u32,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Read it.
    Admit,
    /// Refuse it.
    Refuse,
    /// Close the socket: it does not listen to refusals.
    Close,
}

impl MessageRate {
    /// A full bucket.
    pub fn new(now_ms: i64) -> Self {
        Self { tokens: f64::from(MESSAGE_BURST), at_ms: now_ms, refused: 0 }
    }

    /// Judges a message that comes now.
    pub fn admit(&mut self, now_ms: i64) -> Admission {
        let elapsed_secs = (now_ms - self.at_ms).max(0) as f64 / 1_000.0;
        let refilled = self.tokens + elapsed_secs * f64::from(MESSAGES_PER_SECOND);
        self.tokens = refilled.min(f64::from(MESSAGE_BURST));
        self.at_ms = now_ms;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            self.refused = 0;
            return Admission::Admit;
        }
        self.refused += 1;
        if self.refused > MAX_REFUSED { Admission::Close } else { Admission::Refuse }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_admitted_then_a_steady_rate() {
        let mut rate = MessageRate::new(0);
        let burst = (0..MESSAGE_BURST).all(|_| rate.admit(0) == Admission::Admit);
        assert!(burst);
        assert_eq!(rate.admit(0), Admission::Refuse);
        assert_eq!(rate.admit(1_000 / i64::from(MESSAGES_PER_SECOND)), Admission::Admit);
        assert_eq!(rate.admit(100), Admission::Refuse);
        assert_eq!(rate.admit(-1), Admission::Refuse, "a clock that goes back gives nothing");
    }

    #[test]
    fn who_does_not_listen_to_refusals_is_closed() {
        let mut rate = MessageRate::new(0);
        let verdicts: Vec<Admission> = (0..MESSAGE_BURST + MAX_REFUSED + 1).map(|_| rate.admit(0)).collect();
        assert_eq!(verdicts.iter().filter(|v| **v == Admission::Refuse).count(), MAX_REFUSED as usize);
        assert_eq!(verdicts.last(), Some(&Admission::Close));
    }
}
