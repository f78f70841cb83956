//! What a connection to the stream has to remember, without the connection.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tickwise_market::Symbol;
use tickwise_protocol::stream::{ClientMessage, ServerMessage};

/// The symbols followed, and how far each has come.
#[derive(Debug, Default)]
pub struct Session {
    cursors: BTreeMap<Symbol, Option<u64>>,
    /// What has moved since the last acknowledgement.
    unacknowledged: BTreeSet<Symbol>,
    gaps: u64,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the next one, or outside the sequence: use it.
    Use,
    /// Seen before.
    Ignore,
    /// Something before it is missing: subscribe again from the cursor.
    Resume,
}

impl Session {
    /// Follows a symbol from a sequence number, or from a snapshot. `None` when
    /// it is followed already.
    pub fn follow(&mut self, symbol: &Symbol, since: Option<u64>) -> Option<ClientMessage> {
        if self.cursors.contains_key(symbol) {
            return None;
        }
        self.cursors.insert(symbol.clone(), since);
        Some(self.resume(symbol))
    }

    /// The message that subscribes a symbol again from where it stands.
    pub fn resume(&self, symbol: &Symbol) -> ClientMessage {
        subscribe(self.cursors.get_key_value(symbol).into_iter())
    }

    /// The message that subscribes everything again, after a reconnection.
    /// `None` when nothing is followed.
    pub fn resume_all(&self) -> Option<ClientMessage> {
        (!self.cursors.is_empty()).then(|| subscribe(self.cursors.iter()))
    }

    /// How often something was missing and had to be asked for.
    pub fn gaps(&self) -> u64 {
        self.gaps
    }

    /// Judges a message and moves the cursor.
    pub fn receive(&mut self, message: &ServerMessage) -> Verdict {
        match message {
            ServerMessage::Snapshot(snapshot) => self.advance_to(&snapshot.symbol, snapshot.seq),
            ServerMessage::Quote(quote) => {
                self.next(&quote.symbol, quote.from_seq.unwrap_or(quote.seq), quote.seq)
            }
            ServerMessage::Bar(bar) => match self.cursors.get(&bar.symbol) {
                Some(Some(cursor)) if bar.seq <= *cursor => Verdict::Ignore,
                _ => Verdict::Use,
            },
            _ => Verdict::Use,
        }
    }

    fn advance_to(&mut self, symbol: &Symbol, seq: u64) -> Verdict {
        match self.cursors.get_mut(symbol) {
            Some(cursor) => {
                *cursor = Some(seq);
                self.unacknowledged.insert(symbol.clone());
                Verdict::Use
            }
            None => Verdict::Ignore,
        }
    }

    fn next(&mut self, symbol: &Symbol, from_seq: u64, seq: u64) -> Verdict {
        match self.cursors.get_mut(symbol) {
            None => Verdict::Ignore,
            Some(Some(cursor)) if seq <= *cursor => Verdict::Ignore,
            Some(Some(cursor)) if from_seq > *cursor + 1 => {
                self.gaps += 1;
                Verdict::Resume
            }
            Some(cursor) => {
                *cursor = Some(seq);
                self.unacknowledged.insert(symbol.clone());
                Verdict::Use
            }
        }
    }

    /// How far it has come since the last acknowledgement. To be sent about once a
    /// second; `None` when it has used nothing new.
    pub fn acknowledgement(&mut self) -> Option<ClientMessage> {
        let moved = std::mem::take(&mut self.unacknowledged);
        let seq = |symbol: Symbol| self.cursors.get(&symbol).copied().flatten().map(|seq| (symbol, seq));
        let seqs: BTreeMap<_, _> = moved.into_iter().filter_map(seq).collect();
        (!seqs.is_empty()).then_some(ClientMessage::Ack { seqs })
    }
}

fn subscribe<'a>(cursors: impl Iterator<Item = (&'a Symbol, &'a Option<u64>)>) -> ClientMessage {
    let mut symbols = Vec::new();
    let mut since = BTreeMap::new();
    for (symbol, cursor) in cursors {
        symbols.push(symbol.clone());
        since.extend(cursor.map(|seq| (symbol.clone(), seq)));
    }
    ClientMessage::Subscribe { symbols, since }
}

/// How often the server is asked whether it is there.
const PING_EVERY_MS: f64 = 10_000.0;

/// After so much silence, pings unanswered, the connection counts as dead.
const SILENCE_LIMIT_MS: f64 = 25_000.0;

/// The same after the page was asleep: its timers were, too.
const WAKE_LIMIT_MS: f64 = 3_000.0;

/// Notices a connection that is open but silent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watchdog {
    heard_ms: f64,
    pinged_ms: f64,
    /// Silent beyond this instant, the connection is dead.
    limit_ms: f64,
}

/// What a [`Watchdog`] wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Nothing.
    Rest,
    /// Ask the server whether it is there.
    Ping,
    /// Give the connection up.
    Dead,
}

impl Watchdog {
    /// Of a connection that opens now.
    pub fn new(now_ms: f64) -> Self {
        Self { heard_ms: now_ms, pinged_ms: now_ms, limit_ms: now_ms + SILENCE_LIMIT_MS }
    }

    /// Something was received.
    pub fn heard(&mut self, now_ms: f64) {
        self.heard_ms = now_ms;
        self.limit_ms = now_ms + SILENCE_LIMIT_MS;
    }

    /// To be asked about once a second.
    pub fn check(&mut self, now_ms: f64) -> Watch {
        if now_ms > self.limit_ms {
            return Watch::Dead;
        }
        if now_ms - self.heard_ms.max(self.pinged_ms) < PING_EVERY_MS {
            return Watch::Rest;
        }
        self.pinged_ms = now_ms;
        Watch::Ping
    }

    /// The page is visible or online again: the server has to answer soon.
    pub fn wake(&mut self, now_ms: f64) {
        self.pinged_ms = now_ms;
        self.limit_ms = now_ms + WAKE_LIMIT_MS;
    }
}

/// How long to wait before the n-th reconnection in a row: doubling from half a
/// second to 30 seconds, of which a random half is taken off so that clients do
/// not come back all at once. `random` lies in `0..1`.
pub fn backoff(attempt: u32, random: f64) -> Duration {
    let full_secs = (0.5 * 2.0_f64.powi(attempt.min(10).cast_signed())).min(30.0);
    Duration::from_secs_f64(full_secs * (1.0 - 0.5 * random))
}

#[cfg(test)]
mod tests {
    use tickwise_protocol::{Origin, Quote, stream::Snapshot};

    use super::*;

    fn aapl() -> Symbol {
        "AAPL".parse().unwrap()
    }

    fn quote(seq: u64) -> ServerMessage {
        ServerMessage::Quote(Quote {
            symbol: aapl(),
            seq,
            from_seq: None,
            price: 1.0,
            size: 1.0,
            volume: 1.0,
            previous_close: None,
            exchange_time_ms: 0,
            receive_time_ms: 0,
            simulated: true,
            origin: Origin::Live,
        })
    }

    fn snapshot(seq: u64) -> ServerMessage {
        let forming = BTreeMap::new();
        ServerMessage::Snapshot(Snapshot {
            symbol: aapl(),
            seq,
            quote: None,
            forming,
            simulated: true,
            origin: Origin::Live,
        })
    }

    fn following(since: u64) -> Session {
        let mut session = Session::default();
        assert!(session.follow(&aapl(), Some(since)).is_some());
        session
    }

    #[test]
    fn quotes_are_used_once_and_in_sequence() {
        let mut session = following(4);
        let verdicts = [5, 5, 4, 6].map(|seq| session.receive(&quote(seq)));
        assert_eq!(verdicts, [Verdict::Use, Verdict::Ignore, Verdict::Ignore, Verdict::Use]);
    }

    #[test]
    fn a_gap_is_not_shown_but_asked_for() {
        let mut session = following(4);
        assert_eq!(session.receive(&quote(7)), Verdict::Resume);
        let ClientMessage::Subscribe { since, .. } = session.resume(&aapl()) else { panic!() };
        assert_eq!(since[&aapl()], 4);
        assert_eq!(session.gaps(), 1);
        assert_eq!(session.receive(&quote(5)), Verdict::Use);
    }

    #[test]
    fn a_snapshot_moves_the_cursor() {
        let mut session = following(4);
        assert_eq!(session.receive(&snapshot(90)), Verdict::Use);
        assert_eq!(session.receive(&quote(91)), Verdict::Use);
    }

    #[test]
    fn nothing_is_used_of_symbols_not_followed() {
        let mut session = Session::default();
        assert_eq!(session.receive(&quote(1)), Verdict::Ignore);
        assert_eq!(session.resume_all(), None);
    }

    #[test]
    fn a_conflated_quote_stands_for_those_before_it() {
        let conflated = |from_seq, seq| {
            let ServerMessage::Quote(quote) = quote(seq) else { panic!() };
            ServerMessage::Quote(Quote { from_seq: Some(from_seq), ..quote })
        };
        let mut session = following(4);
        assert_eq!(session.receive(&conflated(5, 9)), Verdict::Use);
        assert_eq!(session.receive(&conflated(8, 12)), Verdict::Use);
        assert_eq!(session.receive(&conflated(14, 20)), Verdict::Resume);
        assert_eq!(session.gaps(), 1);
    }

    #[test]
    fn what_was_used_is_acknowledged_once() {
        let mut session = following(4);
        assert_eq!(session.acknowledgement(), None);
        for seq in [5, 6, 9] {
            session.receive(&quote(seq));
        }
        let seqs = [(aapl(), 6)].into();
        assert_eq!(session.acknowledgement(), Some(ClientMessage::Ack { seqs }));
        assert_eq!(session.acknowledgement(), None);
    }

    #[test]
    fn silence_is_asked_about_and_then_ended() {
        let mut watchdog = Watchdog::new(0.0);
        assert_eq!(watchdog.check(9_000.0), Watch::Rest);
        watchdog.heard(9_000.0);
        assert_eq!(watchdog.check(19_000.0), Watch::Ping);
        assert_eq!(watchdog.check(20_000.0), Watch::Rest);
        assert_eq!(watchdog.check(29_000.0), Watch::Ping);
        assert_eq!(watchdog.check(34_001.0), Watch::Dead);
    }

    #[test]
    fn after_sleep_the_server_has_to_answer_soon() {
        let mut watchdog = Watchdog::new(0.0);
        watchdog.wake(500_000.0);
        assert_eq!(watchdog.check(501_000.0), Watch::Rest);
        assert_eq!(watchdog.check(503_001.0), Watch::Dead);
        watchdog.wake(500_000.0);
        watchdog.heard(500_100.0);
        assert_eq!(watchdog.check(505_000.0), Watch::Rest);
    }

    #[test]
    fn waiting_grows_up_to_a_limit_and_is_jittered() {
        assert_eq!(backoff(0, 0.0), Duration::from_millis(500));
        assert_eq!(backoff(3, 0.0), Duration::from_secs(4));
        assert_eq!(backoff(3, 1.0), Duration::from_secs(2));
        assert_eq!(backoff(99, 0.0), Duration::from_secs(30));
    }
}
