//! What a connection to the stream has to remember, without the connection.

use std::{collections::BTreeMap, time::Duration};

use tickwise_market::Symbol;
use tickwise_protocol::{
    Quote,
    stream::{ClientMessage, Point, ServerMessage, Since, StreamError, StreamErrorCode},
};

/// A gap is not asked about again so soon: the answer may be under way.
const PATIENCE_MS: f64 = 5_000.0;

/// The symbols followed, and how far each has come.
#[derive(Debug, Default)]
pub struct Session {
    followed: BTreeMap<Symbol, Followed>,
    gaps: u64,
}

#[derive(Debug, Default)]
struct Followed {
    /// The numbering that the cursor belongs to.
    epoch: u64,
    cursor: Option<u64>,
    quote: Option<Quote>,
    /// The cursor has moved since the last acknowledgement.
    moved: bool,
    /// When it is to be subscribed; infinite when it is.
    due_ms: f64,
    /// Until then a gap has been asked about.
    patient_until_ms: f64,
    /// How often in a row the server could not subscribe it.
    refusals: u32,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the next one, or outside the sequence: use it.
    Use,
    /// Seen before, not followed, or after a gap that is being asked about.
    Ignore,
    /// Something before it is missing: a subscription from the cursor is due.
    Resume,
}

impl Session {
    /// Follows a symbol from a place and the quote known there, or from a snapshot;
    /// whether it is new, and its subscription due.
    pub fn follow(&mut self, symbol: &Symbol, since: Option<Point>, quote: Option<Quote>) -> bool {
        let is_new = !self.followed.contains_key(symbol);
        if is_new {
            let (epoch, cursor) = (since.map_or(0, |since| since.epoch), since.map(|since| since.seq));
            self.followed.insert(symbol.clone(), Followed { epoch, cursor, quote, ..Followed::default() });
        }
        is_new
    }

    /// Forgets the symbols that nobody uses any longer; the message that says so.
    pub fn leave(&mut self, is_used: impl Fn(&Symbol) -> bool) -> Option<ClientMessage> {
        let unused = self.followed.extract_if(.., |symbol, _| !is_used(symbol));
        let symbols: Vec<_> = unused.map(|(symbol, _)| symbol).collect();
        (!symbols.is_empty()).then_some(ClientMessage::Unsubscribe { symbols })
    }

    /// The message that subscribes what is due, each symbol from where it stands.
    pub fn subscription(&mut self, now_ms: f64) -> Option<ClientMessage> {
        let mut symbols = Vec::new();
        let mut since = BTreeMap::new();
        for (symbol, followed) in self.followed.iter_mut().filter(|(_, followed)| followed.due_ms <= now_ms) {
            followed.due_ms = f64::INFINITY;
            symbols.push(symbol.clone());
            since.extend(followed.since().map(|since| (symbol.clone(), since)));
        }
        (!symbols.is_empty()).then_some(ClientMessage::Subscribe { symbols, since })
    }

    /// On a new connection everything is to be subscribed, and nothing under way.
    pub fn reconnect(&mut self) {
        for followed in self.followed.values_mut() {
            followed.moved = false;
            followed.due_ms = 0.0;
            followed.patient_until_ms = 0.0;
        }
    }

    /// How often something was missing and had to be asked for.
    pub fn gaps(&self) -> u64 {
        self.gaps
    }

    /// The last quote of a symbol.
    pub fn quote(&self, symbol: &Symbol) -> Option<&Quote> {
        self.followed.get(symbol)?.quote.as_ref()
    }

    /// Judges a message and moves the cursor.
    pub fn receive(&mut self, message: &ServerMessage, now_ms: f64) -> Verdict {
        let followed = symbol(message).and_then(|symbol| self.followed.get_mut(symbol));
        let Some(followed) = followed else { return Verdict::Ignore };
        let verdict = followed.receive(message, now_ms);
        self.gaps += u64::from(verdict == Verdict::Resume);
        verdict
    }

    /// Subscribes again, later each time, what the server could not subscribe, and
    /// forgets what it never will. `random` lies in `0..1`.
    pub fn refuse(&mut self, error: &StreamError, now_ms: f64, random: f64) {
        let name = error.symbol.as_deref();
        match error.code {
            StreamErrorCode::UnknownSymbol | StreamErrorCode::TooManySymbols => {
                self.followed.retain(|symbol, _| name != Some(symbol.as_str()));
            }
            // Of too many messages any may have been the one that subscribes.
            StreamErrorCode::Unavailable | StreamErrorCode::TooManyMessages => {
                let concerned = |symbol: &Symbol| name.is_none_or(|name| name == symbol.as_str());
                let followed = self.followed.iter_mut().filter(|(symbol, _)| concerned(symbol));
                followed.for_each(|(_, followed)| followed.put_off(now_ms, random));
            }
            _ => {}
        }
    }

    /// How far it has come since the last acknowledgement. To be sent about once a
    /// second; `None` when it has used nothing new.
    pub fn acknowledgement(&mut self) -> Option<ClientMessage> {
        let moved = |(symbol, followed): (&Symbol, &mut Followed)| {
            std::mem::take(&mut followed.moved).then_some((symbol.clone(), followed.cursor?))
        };
        let seqs: BTreeMap<_, _> = self.followed.iter_mut().filter_map(moved).collect();
        (!seqs.is_empty()).then_some(ClientMessage::Ack { seqs })
    }
}

impl Followed {
    fn receive(&mut self, message: &ServerMessage, now_ms: f64) -> Verdict {
        let verdict = match message {
            ServerMessage::Snapshot(snapshot) => {
                self.epoch = snapshot.epoch;
                self.advance_to(snapshot.seq)
            }
            ServerMessage::Quote(quote) => self.next(quote.from_seq.unwrap_or(quote.seq), quote.seq, now_ms),
            ServerMessage::Bar(bar) if self.cursor.is_some_and(|cursor| bar.seq <= cursor) => Verdict::Ignore,
            ServerMessage::Status(_) => {
                // It ends what the server answers to a subscription.
                self.refusals = 0;
                Verdict::Use
            }
            _ => Verdict::Use,
        };
        if verdict == Verdict::Use
            && let Some(quote) = quote(message)
        {
            self.quote = Some(quote.clone());
        }
        verdict
    }

    fn since(&self) -> Option<Since> {
        self.cursor.map(|seq| Since::Point(Point { epoch: self.epoch, seq }))
    }

    fn advance_to(&mut self, seq: u64) -> Verdict {
        self.cursor = Some(seq);
        self.moved = true;
        self.patient_until_ms = 0.0;
        Verdict::Use
    }

    fn next(&mut self, from_seq: u64, seq: u64, now_ms: f64) -> Verdict {
        match self.cursor {
            Some(cursor) if seq <= cursor => Verdict::Ignore,
            Some(cursor) if from_seq > cursor + 1 => self.miss(now_ms),
            _ => self.advance_to(seq),
        }
    }

    /// Asks about a gap once, not again with every quote after it.
    fn miss(&mut self, now_ms: f64) -> Verdict {
        if self.due_ms.is_finite() || now_ms < self.patient_until_ms {
            return Verdict::Ignore;
        }
        self.due_ms = now_ms;
        self.patient_until_ms = now_ms + PATIENCE_MS;
        Verdict::Resume
    }

    /// A refused subscription is due again after a while.
    fn put_off(&mut self, now_ms: f64, random: f64) {
        if self.due_ms.is_infinite() {
            self.refusals += 1;
            self.due_ms = now_ms + 1_000.0 * backoff(self.refusals, random).as_secs_f64();
        }
    }
}

/// The symbol that a message is about.
pub fn symbol(message: &ServerMessage) -> Option<&Symbol> {
    match message {
        ServerMessage::Snapshot(snapshot) => Some(&snapshot.symbol),
        ServerMessage::Quote(quote) => Some(&quote.symbol),
        ServerMessage::Bar(bar) => Some(&bar.symbol),
        ServerMessage::Forecast(forecast) => Some(&forecast.symbol),
        ServerMessage::Status(status) => Some(&status.symbol),
        // Errors, and alerts, which only those get who show a token.
        _ => None,
    }
}

/// The quote that a message tells.
pub fn quote(message: &ServerMessage) -> Option<&Quote> {
    match message {
        ServerMessage::Quote(quote) => Some(quote),
        ServerMessage::Snapshot(snapshot) => snapshot.quote.as_ref(),
        _ => None,
    }
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

/// How long to wait before the n-th attempt in a row: doubling from half a
/// second to 30 seconds, of which a random half is taken off so that clients do
/// not come back all at once. `random` lies in `0..1`.
pub fn backoff(attempt: u32, random: f64) -> Duration {
    let full_secs = (0.5 * 2.0_f64.powi(attempt.min(10).cast_signed())).min(30.0);
    Duration::from_secs_f64(full_secs * (1.0 - 0.5 * random))
}

#[cfg(test)]
mod tests {
    use tickwise_protocol::{
        Origin,
        stream::{Snapshot, SourceState, Status},
    };

    use super::*;

    fn aapl() -> Symbol {
        "AAPL".parse().unwrap()
    }

    const EPOCH: u64 = 3;

    fn point(seq: u64) -> Point {
        Point { epoch: EPOCH, seq }
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
            epoch: EPOCH,
            seq,
            quote: None,
            forming,
            simulated: true,
            origin: Origin::Live,
        })
    }

    fn following(since: u64) -> Session {
        let mut session = Session::default();
        assert!(session.follow(&aapl(), Some(point(since)), None));
        assert!(!session.follow(&aapl(), None, None));
        assert_eq!(session.subscription(0.0), subscribe(Some(since)));
        session
    }

    fn subscribe(since: Option<u64>) -> Option<ClientMessage> {
        let since = since.into_iter().map(|seq| (aapl(), Since::Point(point(seq)))).collect();
        Some(ClientMessage::Subscribe { symbols: vec![aapl()], since })
    }

    fn error(code: StreamErrorCode, symbol: Option<&str>) -> StreamError {
        StreamError { code, detail: String::new(), symbol: symbol.map(str::to_owned) }
    }

    #[test]
    fn quotes_are_used_once_and_in_sequence() {
        let mut session = following(4);
        let verdicts = [5, 5, 4, 6].map(|seq| session.receive(&quote(seq), 0.0));
        assert_eq!(verdicts, [Verdict::Use, Verdict::Ignore, Verdict::Ignore, Verdict::Use]);
    }

    #[test]
    fn a_gap_is_not_shown_but_asked_for_once() {
        let mut session = following(4);
        assert_eq!(session.receive(&quote(7), 0.0), Verdict::Resume);
        assert_eq!(session.subscription(0.0), subscribe(Some(4)));
        for seq in 8..72 {
            assert_eq!(session.receive(&quote(seq), 1.0), Verdict::Ignore);
        }
        assert_eq!((session.gaps(), session.subscription(1.0)), (1, None));
        assert_eq!(session.receive(&quote(5), 2.0), Verdict::Use);
        assert_eq!(session.receive(&quote(7), 3.0), Verdict::Resume, "another gap");
    }

    #[test]
    fn a_gap_is_asked_for_again_after_a_while_a_jump_or_a_reconnection() {
        let mut session = following(4);
        let gap = |session: &mut Session, seq, now_ms| {
            let verdict = session.receive(&quote(seq), now_ms);
            session.subscription(now_ms);
            verdict == Verdict::Resume
        };
        assert!(gap(&mut session, 7, 0.0));
        assert!(!gap(&mut session, 8, PATIENCE_MS - 1.0));
        assert!(gap(&mut session, 9, PATIENCE_MS));
        assert_eq!(session.receive(&snapshot(20), PATIENCE_MS), Verdict::Use);
        assert!(gap(&mut session, 22, PATIENCE_MS));
        session.reconnect();
        assert_eq!(session.subscription(PATIENCE_MS), subscribe(Some(20)));
        assert!(gap(&mut session, 22, PATIENCE_MS));
    }

    #[test]
    fn what_the_server_could_not_subscribe_is_due_again_later_each_time() {
        let mut session = following(4);
        let unavailable = error(StreamErrorCode::Unavailable, Some("AAPL"));
        for wait_ms in [1_000.0, 2_000.0, 4_000.0] {
            session.refuse(&unavailable, 0.0, 0.0);
            session.refuse(&unavailable, 0.0, 0.0);
            assert_eq!(session.subscription(wait_ms - 1.0), None);
            assert_eq!(session.subscription(wait_ms), subscribe(Some(4)));
            assert_eq!(session.subscription(wait_ms), None);
        }
        let (state, detail) = (SourceState::Streaming, String::new());
        let status = Status { symbol: aapl(), state, detail, origin: Origin::Live };
        assert_eq!(session.receive(&ServerMessage::Status(status), 0.0), Verdict::Use);
        session.refuse(&unavailable, 0.0, 1.0);
        assert_eq!(session.subscription(500.0), subscribe(Some(4)), "answered, it starts anew; jittered");
    }

    #[test]
    fn too_many_messages_may_have_been_any_subscription() {
        let mut session = following(4);
        session.refuse(&error(StreamErrorCode::Unavailable, Some("IBM")), 0.0, 0.0);
        session.refuse(&error(StreamErrorCode::Malformed, None), 0.0, 0.0);
        assert_eq!(session.subscription(9_000.0), None);
        session.refuse(&error(StreamErrorCode::TooManyMessages, None), 0.0, 0.0);
        assert_eq!(session.subscription(9_000.0), subscribe(Some(4)));
    }

    #[test]
    fn what_the_server_never_subscribes_is_forgotten() {
        for code in [StreamErrorCode::UnknownSymbol, StreamErrorCode::TooManySymbols] {
            let mut session = following(4);
            session.refuse(&error(code, Some("IBM")), 0.0, 0.0);
            session.refuse(&error(code, None), 0.0, 0.0);
            assert!(!session.follow(&aapl(), None, None));
            session.refuse(&error(code, Some("AAPL")), 0.0, 0.0);
            session.reconnect();
            assert_eq!(session.subscription(9_000.0), None);
            assert!(session.follow(&aapl(), None, None), "until someone asks again");
        }
    }

    #[test]
    fn what_nobody_uses_is_unsubscribed_once() {
        let ibm: Symbol = "IBM".parse().unwrap();
        let mut session = following(4);
        session.follow(&ibm, None, None);
        assert_eq!(session.leave(|_| true), None);
        session.receive(&quote(5), 0.0);
        let symbols = vec![aapl()];
        assert_eq!(session.leave(|symbol| *symbol == ibm), Some(ClientMessage::Unsubscribe { symbols }));
        assert_eq!(session.leave(|symbol| *symbol == ibm), None);
        assert_eq!((session.acknowledgement(), session.quote(&aapl())), (None, None));
        assert_eq!(session.receive(&quote(6), 0.0), Verdict::Ignore, "it was under way");
        assert!(session.follow(&aapl(), None, None));
    }

    #[test]
    fn the_last_quote_is_remembered() {
        let ServerMessage::Quote(known) = quote(4) else { panic!() };
        let mut session = Session::default();
        session.follow(&aapl(), Some(point(4)), Some(known));
        assert_eq!(session.quote(&aapl()).map(|quote| quote.seq), Some(4), "as the bars told");
        for seq in [5, 9] {
            session.receive(&quote(seq), 0.0);
        }
        session.receive(&snapshot(20), 0.0);
        assert_eq!(session.quote(&aapl()).map(|quote| quote.seq), Some(5));
    }

    #[test]
    fn a_snapshot_moves_the_cursor() {
        let mut session = following(4);
        assert_eq!(session.receive(&snapshot(90), 0.0), Verdict::Use);
        assert_eq!(session.receive(&quote(91), 0.0), Verdict::Use);
    }

    #[test]
    fn nothing_is_used_of_symbols_not_followed() {
        let mut session = Session::default();
        assert_eq!(session.receive(&quote(1), 0.0), Verdict::Ignore);
        assert_eq!(session.subscription(0.0), None);
    }

    #[test]
    fn a_conflated_quote_stands_for_those_before_it() {
        let conflated = |from_seq, seq| {
            let ServerMessage::Quote(quote) = quote(seq) else { panic!() };
            ServerMessage::Quote(Quote { from_seq: Some(from_seq), ..quote })
        };
        let mut session = following(4);
        assert_eq!(session.receive(&conflated(5, 9), 0.0), Verdict::Use);
        assert_eq!(session.receive(&conflated(8, 12), 0.0), Verdict::Use);
        assert_eq!(session.receive(&conflated(14, 20), 0.0), Verdict::Resume);
        assert_eq!(session.gaps(), 1);
    }

    #[test]
    fn what_was_used_is_acknowledged_once() {
        let mut session = following(4);
        assert_eq!(session.acknowledgement(), None);
        for seq in [5, 6, 9] {
            session.receive(&quote(seq), 0.0);
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
