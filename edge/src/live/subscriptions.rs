//! Who has been sent what: the bookkeeping of a Gateway, without sockets.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use tickwise_market::Symbol;
use tickwise_protocol::stream::UNACKNOWLEDGED_WINDOW;

use super::{
    conflation::{Held, Parts},
    publication::Frames,
};

/// The most events held back for one joining socket; beyond that it joins again.
const MAX_HELD_BACK: usize = 1_024;

/// How long a slow reader waits for the latest quote, and a resuming one for
/// its next page, when it acknowledges nothing.
const PATIENCE_MS: i64 = 1_000;

/// How much is sent in this way before the socket is closed: ten minutes of
/// latest quotes, or [`PAGE_COST`] for every page.
const MAX_OVERDRAFT: u32 = 600;

const PAGE_COST: u32 = 30;

/// What a subscription adds to it: a client that subscribes again and again and
/// acknowledges nothing of what it gets does not fill the socket's buffer.
const SUBSCRIPTION_COST: u32 = 10;

/// Identifies a socket within its Gateway.
pub type SocketId = u32;

/// How far a socket has got with a symbol.
#[derive(Clone, Debug, PartialEq)]
struct Cursor {
    /// Everything up to this sequence number has been sent.
    sent: u64,
    /// Everything up to this sequence number has been acknowledged.
    acknowledged: u64,
    place: Place,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// The Feed has been asked; events that are published meanwhile wait here.
    Joining(Vec<Rc<Frames>>),
    /// Events are sent as they are published.
    Following,
    /// The Gateway slept, and nothing was published while it did: whatever comes
    /// next is the next.
    Asleep,
    /// More is to be had from the Feed, once the socket has acknowledged what it got.
    Paused { since_ms: i64 },
    /// Too much is unacknowledged: quotes are conflated. What is held reaches
    /// up to the number `reached`.
    Behind { held: Held, reached: u64, since_ms: i64 },
}

/// A socket that wants a symbol.
#[derive(Debug)]
struct Follower {
    cursor: Cursor,
    /// That of the socket: a publication looks nothing up.
    window: Rc<RefCell<Window>>,
}

/// What a socket as a whole has under way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Window {
    unacknowledged: u64,
    /// Symbols that are paused or behind.
    slow: usize,
    /// What was sent beyond the window, or was subscribed, since the last acknowledgement.
    overdraft: u32,
}

/// What has to be done with a socket after a publication.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// Send the events of the publication from this index on, and its notices.
    From(usize),
    /// Send these texts.
    Texts(Vec<Rc<str>>),
    /// Nothing for now.
    Wait,
    /// Events are missing: ask the Feed for everything after this number.
    Rejoin(u64),
    /// Close it: it does not read, or does not say so.
    Close,
}

/// What has to be done after an answer of the Feed was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Joined {
    /// Send these events, held back meanwhile.
    Send(Vec<Rc<Frames>>),
    /// Ask the Feed for everything after this number.
    Rejoin(u64),
}

/// The subscriptions of all sockets of a Gateway.
#[derive(Debug, Default)]
pub struct Subscriptions {
    /// The sockets of a symbol in the order in which they came: that of their memory.
    by_symbol: BTreeMap<Symbol, BTreeMap<SocketId, Follower>>,
    windows: HashMap<SocketId, Rc<RefCell<Window>>>,
}

impl Subscriptions {
    /// Whether a socket may subscribe once more before it acknowledges something.
    pub fn may_subscribe(&mut self, socket: SocketId) -> bool {
        self.windows.entry(socket).or_default().borrow_mut().overdraw(SUBSCRIPTION_COST)
    }

    /// A socket waits for the Feed's answer; what it has seen before counts as acknowledged.
    pub fn begin_join(&mut self, socket: SocketId, symbol: &Symbol, since: Option<u64>) {
        let followers = self.by_symbol.entry(symbol.clone()).or_default();
        let window = self.windows.entry(socket).or_default();
        let seen = since.unwrap_or(0);
        let joining = || Cursor { sent: seen, acknowledged: seen, place: Place::Joining(Vec::new()) };
        let follower = || Follower { cursor: joining(), window: Rc::clone(window) };
        let Follower { cursor, window } = followers.entry(socket).or_insert_with(follower);
        if !matches!(cursor.place, Place::Joining(_)) {
            window.borrow_mut().leave(cursor);
            *cursor = joining();
        }
    }

    /// The Feed has answered with the events after `from` up to `seq`, and has
    /// `more` of them. `None` when nothing is to be done now, or the socket has
    /// left the symbol meanwhile.
    pub fn finish_join(
        &mut self,
        socket: SocketId,
        symbol: &Symbol,
        (from, seq, more): (u64, u64, bool),
        now_ms: i64,
    ) -> Option<Joined> {
        let Follower { cursor, window } = self.by_symbol.get_mut(symbol)?.get_mut(&socket)?;
        let mut window = window.borrow_mut();
        window.unacknowledged -= cursor.unacknowledged().min(window.unacknowledged);
        if from != cursor.sent {
            // A snapshot: what went before it no longer matters.
            cursor.acknowledged = from;
        }
        cursor.sent = seq;
        window.unacknowledged += cursor.unacknowledged();
        if more {
            if window.unacknowledged < UNACKNOWLEDGED_WINDOW {
                return Some(Joined::Rejoin(seq));
            }
            cursor.place = Place::Paused { since_ms: now_ms };
            window.slow += 1;
            return None;
        }
        let held_back = match std::mem::replace(&mut cursor.place, Place::Following) {
            Place::Joining(held_back) => held_back,
            _ => Vec::new(),
        };
        match next(cursor.sent, &held_back) {
            Next::Nothing => None,
            Next::Gap => {
                cursor.place = Place::Joining(Vec::new());
                Some(Joined::Rejoin(seq))
            }
            Next::From(first) => {
                let events: Vec<_> = held_back.get(first..).unwrap_or_default().to_vec();
                cursor.sent += events.len() as u64;
                window.unacknowledged += events.len() as u64;
                Some(Joined::Send(events))
            }
        }
    }

    /// The Feed has not answered: the socket follows on from what it was sent, so that
    /// the next publication finds the gap and asks again.
    pub fn fail_join(&mut self, socket: SocketId, symbol: &Symbol) {
        let followers = self.by_symbol.get_mut(symbol);
        if let Some(Follower { cursor, .. }) = followers.and_then(|followers| followers.get_mut(&socket)) {
            cursor.place = Place::Following;
        }
    }

    /// Restores a subscription of a socket that outlived the Gateway's memory.
    pub fn restore(&mut self, socket: SocketId, symbol: Symbol) {
        let cursor = Cursor { sent: 0, acknowledged: 0, place: Place::Asleep };
        let window = Rc::clone(self.windows.entry(socket).or_default());
        self.by_symbol.entry(symbol).or_default().insert(socket, Follower { cursor, window });
    }

    /// A socket leaves a symbol.
    pub fn leave(&mut self, socket: SocketId, symbol: &Symbol) {
        if let Some(followers) = self.by_symbol.get_mut(symbol) {
            if let Some(Follower { cursor, window }) = followers.remove(&socket) {
                window.borrow_mut().leave(&cursor);
            }
            if followers.is_empty() {
                self.by_symbol.remove(symbol);
            }
        }
    }

    /// A socket has closed.
    pub fn remove(&mut self, socket: SocketId) {
        self.windows.remove(&socket);
        self.by_symbol.retain(|_, followers| {
            followers.remove(&socket);
            !followers.is_empty()
        });
    }

    /// The number of sockets that want a symbol.
    pub fn count(&self, symbol: &Symbol) -> usize {
        self.by_symbol.get(symbol).map_or(0, BTreeMap::len)
    }

    /// What each socket gets of a publication.
    pub fn publish(
        &mut self,
        symbol: &Symbol,
        frames: &[Rc<Frames>],
        notices: &[Rc<str>],
        now_ms: i64,
    ) -> Vec<(SocketId, Delivery)> {
        let Some(followers) = self.by_symbol.get_mut(symbol) else { return Vec::new() };
        let mut publication = Incoming { frames, notices, parts: None, now_ms };
        let deliver = |(socket, follower): (&SocketId, &mut Follower)| {
            let Follower { cursor, window } = follower;
            (*socket, publication.deliver(cursor, &mut window.borrow_mut()))
        };
        followers.iter_mut().map(deliver).collect()
    }

    /// A socket has used everything up to these numbers; what it gets now.
    pub fn acknowledge(&mut self, socket: SocketId, seqs: &BTreeMap<Symbol, u64>) -> Vec<(Symbol, Delivery)> {
        let Some(window) = self.windows.get(&socket) else { return Vec::new() };
        let mut window = window.borrow_mut();
        let mut deliveries = Vec::new();
        let mut news = 0;
        for (symbol, seq) in seqs {
            let followers = self.by_symbol.get_mut(symbol);
            let follower = followers.and_then(|followers| followers.get_mut(&socket));
            let Some(Follower { cursor, .. }) = follower else { continue };
            if cursor.place == Place::Asleep {
                // What was under way, or held for it, when the Gateway fell asleep is forgotten.
                *cursor = Cursor { sent: *seq, acknowledged: *seq, place: Place::Joining(Vec::new()) };
                deliveries.push((symbol.clone(), Delivery::Rejoin(*seq)));
                continue;
            }
            let used = (*seq).min(cursor.sent).saturating_sub(cursor.acknowledged);
            cursor.acknowledged += used;
            news += used;
        }
        window.unacknowledged = window.unacknowledged.saturating_sub(news);
        if news > 0 || window.unacknowledged == 0 {
            window.overdraft = 0;
        }
        if window.slow == 0 || window.unacknowledged > UNACKNOWLEDGED_WINDOW / 2 {
            return deliveries;
        }
        window.slow = 0;
        for (symbol, followers) in &mut self.by_symbol {
            let Some(Follower { cursor, .. }) = followers.get_mut(&socket) else { continue };
            match &mut cursor.place {
                Place::Paused { .. } => {
                    cursor.place = Place::Joining(Vec::new());
                    deliveries.push((symbol.clone(), Delivery::Rejoin(cursor.sent)));
                }
                Place::Behind { held, reached, .. } => {
                    deliveries.push((symbol.clone(), Delivery::Texts(held.release())));
                    window.unacknowledged += *reached - cursor.sent;
                    cursor.sent = *reached;
                    cursor.place = Place::Following;
                }
                _ => {}
            }
        }
        deliveries
    }
}

impl Cursor {
    fn unacknowledged(&self) -> u64 {
        self.sent.saturating_sub(self.acknowledged)
    }
}

impl Window {
    fn leave(&mut self, cursor: &Cursor) {
        self.unacknowledged = self.unacknowledged.saturating_sub(cursor.unacknowledged());
        if matches!(cursor.place, Place::Paused { .. } | Place::Behind { .. }) {
            self.slow = self.slow.saturating_sub(1);
        }
    }

    /// Whether this much more may be sent beyond the window.
    fn overdraw(&mut self, cost: u32) -> bool {
        self.overdraft += cost;
        self.overdraft <= MAX_OVERDRAFT
    }
}

/// A publication on its way to many sockets.
struct Incoming<'a> {
    frames: &'a [Rc<Frames>],
    notices: &'a [Rc<str>],
    /// Made when the first slow reader needs them.
    parts: Option<Vec<Parts>>,
    now_ms: i64,
}

impl Incoming<'_> {
    fn deliver(&mut self, cursor: &mut Cursor, window: &mut Window) -> Delivery {
        match &mut cursor.place {
            Place::Joining(held_back) => {
                // What does not fit is a gap that the end of the join finds.
                if held_back.len() + self.frames.len() <= MAX_HELD_BACK {
                    held_back.extend(self.frames.iter().cloned());
                }
                Delivery::Wait
            }
            Place::Paused { since_ms } => match self.now_ms - *since_ms {
                waited_ms if waited_ms < PATIENCE_MS => Delivery::Wait,
                _ if window.overdraw(PAGE_COST) => self.rejoin(cursor, window),
                _ => Delivery::Close,
            },
            Place::Asleep => {
                let Some(first) = self.frames.first() else { return Delivery::From(0) };
                let before = first.seq.saturating_sub(1);
                *cursor = Cursor { sent: before, acknowledged: before, place: Place::Following };
                self.follow(cursor, window)
            }
            Place::Following => self.follow(cursor, window),
            Place::Behind { .. } => self.hold(cursor, window),
        }
    }

    fn follow(&mut self, cursor: &mut Cursor, window: &mut Window) -> Delivery {
        let first = match next(cursor.sent, self.frames) {
            Next::Nothing => return Delivery::From(self.frames.len()),
            Next::From(first) => first,
            Next::Gap => return self.rejoin(cursor, window),
        };
        if window.unacknowledged >= UNACKNOWLEDGED_WINDOW {
            let since_ms = self.now_ms;
            cursor.place = Place::Behind { held: Held::default(), reached: cursor.sent, since_ms };
            window.slow += 1;
            return self.hold(cursor, window);
        }
        let count = (self.frames.len() - first) as u64;
        cursor.sent += count;
        window.unacknowledged += count;
        Delivery::From(first)
    }

    fn hold(&mut self, cursor: &mut Cursor, window: &mut Window) -> Delivery {
        let Place::Behind { held, reached, since_ms } = &mut cursor.place else { return Delivery::Wait };
        let frames = self.frames;
        let first = match next(*reached, frames) {
            Next::Nothing => frames.len(),
            Next::From(first) => first,
            // What is held is in the Feed's log too.
            Next::Gap => return self.rejoin(cursor, window),
        };
        let parts = self.parts.get_or_insert_with(|| frames.iter().map(|frames| Parts::of(frames)).collect());
        parts.iter().skip(first).for_each(|parts| held.absorb(parts));
        self.notices.iter().for_each(|notice| held.keep(notice));
        *reached += (frames.len() - first) as u64;
        if held.is_full() {
            return Delivery::Close;
        }
        if self.now_ms - *since_ms < PATIENCE_MS {
            return Delivery::Wait;
        }
        if !window.overdraw(1) {
            return Delivery::Close;
        }
        *since_ms = self.now_ms;
        window.unacknowledged += *reached - cursor.sent;
        cursor.sent = *reached;
        Delivery::Texts(held.release())
    }

    fn rejoin(&self, cursor: &mut Cursor, window: &mut Window) -> Delivery {
        window.leave(cursor);
        window.unacknowledged += cursor.unacknowledged();
        cursor.place = Place::Joining(Vec::new());
        Delivery::Rejoin(cursor.sent)
    }
}

enum Next {
    /// All of them were sent before.
    Nothing,
    /// From this index on they follow on what was sent.
    From(usize),
    /// Something between is missing.
    Gap,
}

/// Where events, in sequence and without gaps, follow on a number.
fn next(sent: u64, frames: &[Rc<Frames>]) -> Next {
    let first = frames.partition_point(|frame| frame.seq <= sent);
    let rest = frames.get(first..).unwrap_or_default();
    match (rest.first(), rest.last()) {
        (Some(from), Some(to)) if from.seq == sent + 1 && to.seq == sent + rest.len() as u64 => {
            Next::From(first)
        }
        (Some(_), _) => Next::Gap,
        (None, _) => Next::Nothing,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]
mod tests {
    use tickwise_protocol::{
        Origin, Quote,
        stream::{ServerMessage, SourceState, Status},
    };

    use super::*;

    const AAPL: &str = "AAPL";

    fn symbol() -> Symbol {
        AAPL.parse().unwrap()
    }

    fn quote(seq: u64) -> Quote {
        Quote {
            symbol: symbol(),
            seq,
            from_seq: None,
            price: seq as f64,
            size: 1.0,
            volume: seq as f64,
            previous_close: None,
            exchange_time_ms: 0,
            receive_time_ms: 0,
            simulated: false,
            origin: Origin::Live,
        }
    }

    /// Every hundredth event closes a bar.
    fn frames(seqs: impl IntoIterator<Item = u64>) -> Vec<Rc<Frames>> {
        let texts = |seq: u64| {
            let bar = seq.is_multiple_of(100).then(|| format!("bar {seq}"));
            let quote = serde_json::to_string(&ServerMessage::Quote(quote(seq))).unwrap();
            bar.into_iter().chain([quote]).collect()
        };
        seqs.into_iter().map(|seq| Rc::new(Frames { seq, texts: texts(seq) })).collect()
    }

    fn publish(subscriptions: &mut Subscriptions, frames: &[Rc<Frames>], now_ms: i64) -> Delivery {
        let mut deliveries = subscriptions.publish(&symbol(), frames, &[], now_ms);
        assert_eq!(deliveries.len(), 1);
        deliveries.pop().unwrap().1
    }

    fn joined_at(seq: u64) -> Subscriptions {
        let mut subscriptions = Subscriptions::default();
        subscriptions.begin_join(1, &symbol(), None);
        assert_eq!(subscriptions.finish_join(1, &symbol(), (seq - 1, seq, false), 0), None);
        subscriptions
    }

    fn ack(seq: u64) -> BTreeMap<Symbol, u64> {
        [(symbol(), seq)].into()
    }

    #[test]
    fn each_event_is_sent_once_and_in_sequence() {
        let mut subscriptions = joined_at(5);
        assert_eq!(publish(&mut subscriptions, &frames(5..=7), 0), Delivery::From(1));
        assert_eq!(publish(&mut subscriptions, &frames(6..=8), 0), Delivery::From(2));
        assert_eq!(publish(&mut subscriptions, &frames(6..=8), 0), Delivery::From(3));
        assert_eq!(publish(&mut subscriptions, &frames([]), 0), Delivery::From(0));
    }

    #[test]
    fn what_is_published_while_joining_waits_and_is_not_repeated() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.begin_join(1, &symbol(), None);
        assert_eq!(publish(&mut subscriptions, &frames(4..=7), 0), Delivery::Wait);
        let joined = subscriptions.finish_join(1, &symbol(), (4, 5, false), 0);
        assert_eq!(joined, Some(Joined::Send(frames(6..=7))));
    }

    #[test]
    fn a_gap_is_asked_for_and_not_sent() {
        let mut subscriptions = joined_at(5);
        assert_eq!(publish(&mut subscriptions, &frames(8..=9), 0), Delivery::Rejoin(5));
        assert_eq!(publish(&mut subscriptions, &frames([10]), 0), Delivery::Wait);
        let joined = subscriptions.finish_join(1, &symbol(), (5, 9, false), 0);
        assert_eq!(joined, Some(Joined::Send(frames([10]))));
    }

    #[test]
    fn after_sleep_the_next_event_is_the_next() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.restore(1, symbol());
        assert_eq!(publish(&mut subscriptions, &frames(41..=42), 0), Delivery::From(0));
        assert_eq!(publish(&mut subscriptions, &frames([44]), 0), Delivery::Rejoin(42));
    }

    #[test]
    fn an_acknowledgement_after_sleep_asks_for_what_was_held() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.restore(1, symbol());
        assert_eq!(subscriptions.acknowledge(1, &ack(41)), [(symbol(), Delivery::Rejoin(41))]);
        assert_eq!(publish(&mut subscriptions, &frames([44]), 0), Delivery::Wait);
        let joined = subscriptions.finish_join(1, &symbol(), (41, 43, false), 0);
        assert_eq!(joined, Some(Joined::Send(frames([44]))));
        assert_eq!(subscriptions.acknowledge(1, &ack(44)), []);
    }

    #[test]
    fn a_join_that_fails_is_tried_again_by_the_next_event() {
        let mut subscriptions = joined_at(5);
        assert_eq!(publish(&mut subscriptions, &frames([8]), 0), Delivery::Rejoin(5));
        subscriptions.fail_join(1, &symbol());
        assert_eq!(publish(&mut subscriptions, &frames([9]), 0), Delivery::Rejoin(5));
    }

    #[test]
    fn who_subscribes_again_and_again_has_to_acknowledge() {
        let mut subscriptions = Subscriptions::default();
        let mut subscribe = |times: u32| {
            (0..times).all(|_| {
                subscriptions.begin_join(1, &symbol(), Some(10));
                subscriptions.finish_join(1, &symbol(), (10, 510, false), 0);
                subscriptions.may_subscribe(1)
            })
        };
        assert!(subscribe(MAX_OVERDRAFT / SUBSCRIPTION_COST));
        assert!(!subscribe(1));
        subscriptions.acknowledge(1, &ack(0));
        assert!(!subscriptions.may_subscribe(1), "that is nothing new");
        subscriptions.acknowledge(1, &ack(510));
        assert!(subscriptions.may_subscribe(1));
    }

    #[test]
    fn leaving_while_joining_sends_nothing() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.begin_join(1, &symbol(), None);
        subscriptions.remove(1);
        assert_eq!(subscriptions.finish_join(1, &symbol(), (4, 5, false), 0), None);
        assert_eq!(subscriptions.count(&symbol()), 0);
    }

    #[test]
    fn a_slow_reader_gets_every_bar_and_the_latest_quote() {
        let mut subscriptions = joined_at(1);
        for seq in 2..=UNACKNOWLEDGED_WINDOW {
            assert_eq!(publish(&mut subscriptions, &frames([seq]), 0), Delivery::From(0));
        }
        for seq in UNACKNOWLEDGED_WINDOW + 1..=1_250 {
            assert_eq!(publish(&mut subscriptions, &frames([seq]), 0), Delivery::Wait);
        }
        assert_eq!(subscriptions.acknowledge(1, &ack(100)), []);
        let [(_, Delivery::Texts(texts))] = &subscriptions.acknowledge(1, &ack(1_024))[..] else { panic!() };
        assert_eq!((&*texts[0], &*texts[1]), ("bar 1100", "bar 1200"));
        let Ok(ServerMessage::Quote(quote)) = serde_json::from_str(&texts[2]) else { panic!() };
        assert_eq!(
            (quote.from_seq, quote.seq, quote.size, quote.price),
            (Some(1_025), 1_250, 226.0, 1_250.0)
        );
        assert_eq!(publish(&mut subscriptions, &frames([1_251]), 0), Delivery::From(0));
    }

    #[test]
    fn who_acknowledges_nothing_gets_a_quote_a_second_and_is_closed_at_last() {
        let mut subscriptions = joined_at(1);
        publish(&mut subscriptions, &frames(2..=1_025), 0);
        let outcomes: Vec<Delivery> =
            (0..700).map(|s| publish(&mut subscriptions, &frames([1_026 + s]), 1_000 * s as i64)).collect();
        assert_eq!(outcomes[0], Delivery::Wait);
        let sent = outcomes.iter().filter(|outcome| matches!(outcome, Delivery::Texts(_))).count();
        assert_eq!(sent, MAX_OVERDRAFT as usize);
        assert_eq!(outcomes.last(), Some(&Delivery::Close));
    }

    #[test]
    fn a_long_way_back_is_resumed_in_pages_as_they_are_acknowledged() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.begin_join(1, &symbol(), Some(10));
        let page = |subscriptions: &mut Subscriptions, from, to| {
            subscriptions.finish_join(1, &symbol(), (from, to, true), 0)
        };
        assert_eq!(page(&mut subscriptions, 10, 1_000), Some(Joined::Rejoin(1_000)));
        subscriptions.begin_join(1, &symbol(), Some(1_000));
        assert_eq!(page(&mut subscriptions, 1_000, 2_000), None);
        assert_eq!(publish(&mut subscriptions, &frames([9_000]), 0), Delivery::Wait);
        assert_eq!(subscriptions.acknowledge(1, &ack(1_900)), [(symbol(), Delivery::Rejoin(2_000))]);
        let joined = subscriptions.finish_join(1, &symbol(), (2_000, 9_000, false), 0);
        assert_eq!(joined, None);
        assert_eq!(publish(&mut subscriptions, &frames([9_001]), 0), Delivery::Wait, "7,000 under way");
    }

    #[test]
    fn a_gap_while_behind_is_asked_for_from_what_was_really_sent() {
        let mut subscriptions = joined_at(1);
        publish(&mut subscriptions, &frames(2..=1_025), 0);
        assert_eq!(publish(&mut subscriptions, &frames([1_026]), 0), Delivery::Wait);
        assert_eq!(publish(&mut subscriptions, &frames([1_030]), 0), Delivery::Rejoin(1_025));
    }

    #[test]
    fn acknowledging_what_was_never_sent_changes_nothing() {
        let mut subscriptions = joined_at(5);
        assert_eq!(subscriptions.acknowledge(1, &ack(u64::MAX)), []);
        assert_eq!(subscriptions.acknowledge(2, &ack(5)), []);
        assert_eq!(publish(&mut subscriptions, &frames([6]), 0), Delivery::From(0));
    }

    #[test]
    fn notices_wait_for_a_slow_reader_too() {
        let status = ServerMessage::Status(Status {
            symbol: symbol(),
            state: SourceState::Closed,
            detail: String::new(),
            origin: Origin::Live,
        });
        let notice: [Rc<str>; 1] = [serde_json::to_string(&status).unwrap().into()];
        let mut subscriptions = joined_at(1);
        publish(&mut subscriptions, &frames(2..=1_025), 0);
        subscriptions.publish(&symbol(), &frames([1_026]), &notice, 0);
        let [(_, Delivery::Texts(texts))] = &subscriptions.acknowledge(1, &ack(1_025))[..] else { panic!() };
        assert_eq!((texts.len(), &*texts[0]), (2, &*notice[0]));
    }
}
