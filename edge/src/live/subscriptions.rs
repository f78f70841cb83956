//! Who has been sent what: the bookkeeping of a Gateway, without sockets.

use std::collections::{BTreeMap, HashMap};

use tickwise_market::Symbol;

use super::publication::Frames;

/// The most events held back for one joining socket; beyond that it joins again.
const MAX_HELD_BACK: usize = 4_096;

/// Identifies a socket within its Gateway.
pub type SocketId = u32;

/// How far a socket has got with a symbol.
#[derive(Clone, Debug, PartialEq)]
enum Cursor {
    /// The Feed has been asked; events that are published meanwhile wait here.
    Joining(Vec<Frames>),
    /// Everything up to this sequence number has been sent.
    At(u64),
    /// The Gateway slept, and nothing was published while it did: whatever comes
    /// next is the next.
    Asleep,
}

/// What has to be done with a socket after a publication.
#[derive(Clone, Debug, PartialEq)]
pub enum Delivery {
    /// Send these texts.
    Send(Vec<String>),
    /// Events are missing: ask the Feed for everything after this number.
    Rejoin(u64),
}

/// The subscriptions of all sockets of a Gateway.
#[derive(Debug, Default)]
pub struct Subscriptions {
    by_symbol: BTreeMap<Symbol, HashMap<SocketId, Cursor>>,
}

impl Subscriptions {
    /// A socket waits for the Feed's answer.
    pub fn begin_join(&mut self, socket: SocketId, symbol: &Symbol) {
        let cursors = self.by_symbol.entry(symbol.clone()).or_default();
        let held_back = match cursors.remove(&socket) {
            Some(Cursor::Joining(held_back)) => held_back,
            _ => Vec::new(),
        };
        cursors.insert(socket, Cursor::Joining(held_back));
    }

    /// The Feed has answered with everything up to `seq`: what was held back
    /// and lies after it is to be sent now. `None` when the socket has left the
    /// symbol meanwhile.
    pub fn finish_join(&mut self, socket: SocketId, symbol: &Symbol, seq: u64) -> Option<Delivery> {
        let cursor = self.by_symbol.get_mut(symbol)?.get_mut(&socket)?;
        let held_back = match std::mem::replace(cursor, Cursor::At(seq)) {
            Cursor::Joining(held_back) => held_back,
            _ => Vec::new(),
        };
        Some(deliver(cursor, &held_back))
    }

    /// Restores a subscription of a socket that outlived the Gateway's memory.
    pub fn restore(&mut self, socket: SocketId, symbol: Symbol) {
        self.by_symbol.entry(symbol).or_default().insert(socket, Cursor::Asleep);
    }

    /// A socket leaves a symbol.
    pub fn leave(&mut self, socket: SocketId, symbol: &Symbol) {
        if let Some(cursors) = self.by_symbol.get_mut(symbol) {
            cursors.remove(&socket);
            if cursors.is_empty() {
                self.by_symbol.remove(symbol);
            }
        }
    }

    /// A socket has closed.
    pub fn remove(&mut self, socket: SocketId) {
        self.by_symbol.retain(|_, cursors| {
            cursors.remove(&socket);
            !cursors.is_empty()
        });
    }

    /// The number of sockets that want a symbol.
    pub fn count(&self, symbol: &Symbol) -> usize {
        self.by_symbol.get(symbol).map_or(0, HashMap::len)
    }

    /// What each socket gets of a publication.
    pub fn publish(&mut self, symbol: &Symbol, frames: &[Frames]) -> Vec<(SocketId, Delivery)> {
        let Some(cursors) = self.by_symbol.get_mut(symbol) else { return Vec::new() };
        cursors.iter_mut().map(|(socket, cursor)| (*socket, deliver(cursor, frames))).collect()
    }
}

fn deliver(cursor: &mut Cursor, frames: &[Frames]) -> Delivery {
    let nothing = Delivery::Send(Vec::new());
    let mut at = match cursor {
        Cursor::Joining(held_back) => {
            if held_back.len() + frames.len() <= MAX_HELD_BACK {
                held_back.extend_from_slice(frames);
            }
            return nothing;
        }
        Cursor::At(seq) => *seq,
        Cursor::Asleep => match frames.first() {
            Some(first) => first.seq.saturating_sub(1),
            None => return nothing,
        },
    };
    let mut texts = Vec::new();
    for frame in frames.iter().filter(|frame| frame.seq > at).collect::<Vec<_>>() {
        if frame.seq != at + 1 {
            *cursor = Cursor::Joining(Vec::new());
            return Delivery::Rejoin(at);
        }
        texts.extend(frame.texts.iter().cloned());
        at = frame.seq;
    }
    *cursor = Cursor::At(at);
    Delivery::Send(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(seqs: impl IntoIterator<Item = u64>) -> Vec<Frames> {
        seqs.into_iter().map(|seq| Frames { seq, texts: vec![seq.to_string()] }).collect()
    }

    fn send(seqs: impl IntoIterator<Item = u64>) -> Delivery {
        Delivery::Send(seqs.into_iter().map(|seq| seq.to_string()).collect())
    }

    fn aapl() -> Symbol {
        "AAPL".parse().unwrap()
    }

    fn joined_at(seq: u64) -> Subscriptions {
        let mut subscriptions = Subscriptions::default();
        subscriptions.begin_join(1, &aapl());
        assert_eq!(subscriptions.finish_join(1, &aapl(), seq), Some(send([])));
        subscriptions
    }

    #[test]
    fn each_event_is_sent_once_and_in_sequence() {
        let mut subscriptions = joined_at(5);
        assert_eq!(subscriptions.publish(&aapl(), &frames(5..=7)), [(1, send(6..=7))]);
        assert_eq!(subscriptions.publish(&aapl(), &frames(6..=8)), [(1, send([8]))]);
        assert_eq!(subscriptions.publish(&aapl(), &frames([])), [(1, send([]))]);
    }

    #[test]
    fn what_is_published_while_joining_waits_and_is_not_repeated() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.begin_join(1, &aapl());
        assert_eq!(subscriptions.publish(&aapl(), &frames(4..=7)), [(1, send([]))]);
        assert_eq!(subscriptions.finish_join(1, &aapl(), 5), Some(send(6..=7)));
    }

    #[test]
    fn a_gap_is_asked_for_and_not_sent() {
        let mut subscriptions = joined_at(5);
        assert_eq!(subscriptions.publish(&aapl(), &frames(8..=9)), [(1, Delivery::Rejoin(5))]);
        assert_eq!(subscriptions.publish(&aapl(), &frames([10])), [(1, send([]))]);
        assert_eq!(subscriptions.finish_join(1, &aapl(), 9), Some(send([10])));
    }

    #[test]
    fn after_sleep_the_next_event_is_the_next() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.restore(1, aapl());
        assert_eq!(subscriptions.publish(&aapl(), &frames(41..=42)), [(1, send(41..=42))]);
        assert_eq!(subscriptions.publish(&aapl(), &frames([44])), [(1, Delivery::Rejoin(42))]);
    }

    #[test]
    fn leaving_while_joining_sends_nothing() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.begin_join(1, &aapl());
        subscriptions.remove(1);
        assert_eq!(subscriptions.finish_join(1, &aapl(), 5), None);
        assert_eq!(subscriptions.count(&aapl()), 0);
    }
}
