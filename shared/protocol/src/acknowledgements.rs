//! When a client of the stream acknowledges.

use crate::stream::UNACKNOWLEDGED_WINDOW;

/// So many events used are acknowledged at the next occasion: a quarter of the
/// window, so that a client that keeps up never comes near its end.
pub const ACKNOWLEDGE_EVENTS: u64 = UNACKNOWLEDGED_WINDOW / 4;

/// Fewer are acknowledged after so long.
pub const ACKNOWLEDGE_WITHIN_MS: f64 = 10_000.0;

/// Asked about once a second, it says when to acknowledge: no more often than
/// the window needs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Acknowledgements {
    events: u64,
    is_behind: bool,
    due_events: u64,
    due_ms: f64,
}

impl Acknowledgements {
    /// The first is due after a share, from 0 to 1, of the events and the time:
    /// a random one, so that clients that have come together do not go on together.
    pub fn new(share: f64, now_ms: f64) -> Self {
        Self {
            due_events: (share * ACKNOWLEDGE_EVENTS as f64) as u64,
            due_ms: now_ms + share * ACKNOWLEDGE_WITHIN_MS,
            ..Self::default()
        }
    }

    /// The events from one sequence number to another have been used.
    pub fn used(&mut self, from_seq: u64, seq: u64) {
        self.events = self.events.saturating_add(seq.saturating_sub(from_seq).saturating_add(1));
        self.is_behind |= from_seq < seq;
    }

    /// Whether to acknowledge now, at a time in milliseconds of any clock. The
    /// answer yes counts as done.
    ///
    /// Who has been sent a quote that stands for several is behind, and says at
    /// once how far it has come.
    pub fn is_due(&mut self, now_ms: f64) -> bool {
        let is_enough = self.events >= self.due_events || self.is_behind || now_ms >= self.due_ms;
        let is_due = self.events > 0 && is_enough;
        if is_due {
            *self = Self::new(1.0, now_ms);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_window_or_ten_seconds() {
        let mut acknowledgements = Acknowledgements::new(0.5, 10_000.0);
        assert!(!acknowledgements.is_due(20_000.0), "nothing was used");
        acknowledgements.used(1, 1);
        assert!(!acknowledgements.is_due(14_999.0));
        assert!(acknowledgements.is_due(20_000.0));
        (2..257).for_each(|seq| acknowledgements.used(seq, seq));
        assert!(!acknowledgements.is_due(21_000.0));
        acknowledgements.used(257, 257);
        assert!(acknowledgements.is_due(22_000.0));
        acknowledgements.used(258, 258);
        assert!(!acknowledgements.is_due(31_999.0));
        assert!(acknowledgements.is_due(32_000.0));
        assert!(!acknowledgements.is_due(60_000.0));
    }

    #[test]
    fn who_is_behind_says_so_at_once() {
        let mut acknowledgements = Acknowledgements::new(1.0, 1_000.0);
        acknowledgements.used(5, 7);
        assert!(acknowledgements.is_due(1_500.0));
        acknowledgements.used(8, 8);
        assert!(!acknowledgements.is_due(2_000.0));
    }
}
