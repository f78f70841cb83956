//! What a Feed has stored and its Gateways have not got yet.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use futures_channel::oneshot;
use futures_util::future::select;
use tickwise_market::Symbol;
use worker::{Delay, Env};

use super::{
    link,
    log::Log,
    publication::{Frames, Publication},
};
use crate::error::EdgeError;

/// The most events of one publication.
const MAX_EVENTS: usize = 64;

/// The most events times sockets: between two publications the Gateway reads
/// what its clients say, and the runtime empties their sockets.
const MAX_SENDS: usize = 4_096;

/// The most events and notices that wait for one Gateway. It asks for older ones.
const MAX_WAITING: usize = 1_024;

/// Waiting after the first failure in a row, doubled with each further one.
const FIRST_BACKOFF_MS: u64 = 50;

/// How often it is doubled.
const MAX_DOUBLINGS: u32 = 6;

/// After so many failures in a row it waits for the next event to try again.
const MAX_FAILURES: u32 = 10;

/// A link without publications is closed after so long: it keeps the Feed in memory.
const IDLE: Duration = Duration::from_secs(5);

/// To every Gateway one publication is under way; what accumulates meanwhile
/// goes into the next.
#[derive(Debug, Default)]
pub struct Outbox {
    lanes: RefCell<BTreeMap<String, Lane>>,
}

/// Why a link was closed.
enum End {
    Idle,
    /// The Gateway has no socket that wants the symbol.
    Unwanted,
}

/// What waits for one Gateway.
#[derive(Debug, Default)]
struct Lane {
    frames: VecDeque<Rc<Frames>>,
    notices: VecDeque<Rc<str>>,
    /// Something is under way, or a link is open for what comes next.
    sending: bool,
    /// Tells the open link that something waits.
    wake: Option<oneshot::Sender<()>>,
    /// Sockets that got the last one.
    subscribers: usize,
    /// Asked for the symbol since then.
    joined: bool,
}

impl Outbox {
    /// Adds stored events and notices. Whether the Gateway has to be sent to now:
    /// nothing is under way that takes them along.
    pub fn push(&self, gateway: &str, frames: &[Rc<Frames>], notices: &[Rc<str>]) -> bool {
        let mut lanes = self.lanes.borrow_mut();
        let lane = lanes.entry(gateway.to_owned()).or_default();
        lane.frames.extend(frames.iter().cloned());
        lane.notices.extend(notices.iter().cloned());
        lane.bound();
        // A link that has just closed takes it nevertheless.
        let _ = lane.wake.take().map(|wake| wake.send(()));
        !std::mem::replace(&mut lane.sending, true)
    }

    /// A Gateway has asked for the symbol: an older answer that nobody wants it no longer counts.
    pub fn join(&self, gateway: &str) {
        if let Some(lane) = self.lanes.borrow_mut().get_mut(gateway) {
            lane.joined = true;
        }
    }

    /// Sends what waits for a Gateway until nothing has for a while.
    pub async fn send(self: Rc<Self>, env: Env, log: Log, symbol: Symbol, gateway: String) {
        let mut failures = 0;
        loop {
            match self.converse(&env, &symbol, &gateway, &mut failures).await {
                Ok(End::Idle) => return,
                Ok(End::Unwanted) => {
                    if let Err(error) = log.remove_gateway(&gateway) {
                        crate::console::warn(format_args!("{symbol}, {gateway}: {error}"));
                    }
                    return;
                }
                Err(error) => {
                    crate::console::warn(format_args!("publishing {symbol} to {gateway}: {error}"));
                    failures += 1;
                    if failures > MAX_FAILURES {
                        self.pause(&gateway);
                        return;
                    }
                    let backoff_ms = FIRST_BACKOFF_MS << (failures - 1).min(MAX_DOUBLINGS);
                    Delay::from(Duration::from_millis(backoff_ms)).await;
                }
            }
        }
    }

    /// Sends over one link, for as long as it holds and something is to be sent.
    async fn converse(
        &self,
        env: &Env,
        symbol: &Symbol,
        gateway: &str,
        failures: &mut u32,
    ) -> Result<End, EdgeError> {
        let socket = link::open(env, gateway).await?;
        let mut answers = socket.events()?;
        socket.accept()?;
        let end = loop {
            let Some(publication) = self.next(symbol, gateway).await else { break End::Idle };
            match link::publish(&socket, &mut answers, &publication).await {
                Ok(answer) => {
                    *failures = 0;
                    self.arrived(gateway, answer.subscribers);
                    if answer.subscribers == 0 && self.leave(gateway) {
                        break End::Unwanted;
                    }
                }
                Err(error) => {
                    self.put_back(gateway, publication);
                    return Err(error);
                }
            }
        };
        // A Gateway that is gone needs no farewell.
        let _ = socket.close(Some(1000), Some("nothing to publish"));
        Ok(end)
    }

    /// The next publication; `None` once nothing has waited for a while.
    async fn next(&self, symbol: &Symbol, gateway: &str) -> Option<Publication> {
        if let Some(publication) = self.take(symbol, gateway) {
            return Some(publication);
        }
        let (wake, woken) = oneshot::channel();
        self.lanes.borrow_mut().get_mut(gateway)?.wake = Some(wake);
        select(woken, Delay::from(IDLE)).await;
        let publication = self.take(symbol, gateway);
        if publication.is_none() {
            self.pause(gateway);
        }
        publication
    }

    /// Takes what fits into a publication.
    fn take(&self, symbol: &Symbol, gateway: &str) -> Option<Publication> {
        let mut lanes = self.lanes.borrow_mut();
        let lane = lanes.get_mut(gateway)?;
        if lane.frames.is_empty() && lane.notices.is_empty() {
            return None;
        }
        lane.joined = false;
        let fit = (MAX_SENDS / lane.subscribers.max(1)).clamp(1, MAX_EVENTS);
        let count = lane.frames.len().min(fit);
        let frames: Vec<_> = lane.frames.drain(..count).collect();
        // Notices come after all events that were there before them.
        let notices = if lane.frames.is_empty() { lane.notices.drain(..).collect() } else { Vec::new() };
        Some(Publication { symbol: symbol.clone(), frames, notices })
    }

    /// What has failed goes first again; the Gateway knows what it has got already.
    fn put_back(&self, gateway: &str, publication: Publication) {
        if let Some(lane) = self.lanes.borrow_mut().get_mut(gateway) {
            publication.frames.into_iter().rev().for_each(|frames| lane.frames.push_front(frames));
            publication.notices.into_iter().rev().for_each(|notice| lane.notices.push_front(notice));
            lane.bound();
        }
    }

    fn arrived(&self, gateway: &str, subscribers: usize) {
        if let Some(lane) = self.lanes.borrow_mut().get_mut(gateway) {
            lane.subscribers = subscribers;
        }
    }

    /// Nothing is under way until something is pushed.
    fn pause(&self, gateway: &str) {
        if let Some(lane) = self.lanes.borrow_mut().get_mut(gateway) {
            lane.sending = false;
        }
    }

    /// Forgets a Gateway that no longer wants the symbol, unless it has asked again since.
    fn leave(&self, gateway: &str) -> bool {
        let mut lanes = self.lanes.borrow_mut();
        let joined = lanes.get(gateway).is_some_and(|lane| lane.joined);
        if !joined {
            lanes.remove(gateway);
        }
        !joined
    }
}

impl Lane {
    fn bound(&mut self) {
        let excess = |len: usize| len.saturating_sub(MAX_WAITING);
        self.frames.drain(..excess(self.frames.len()));
        self.notices.drain(..excess(self.notices.len()));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use super::*;

    const GATEWAY: &str = "gateway-0";

    fn symbol() -> Symbol {
        "AAPL".parse().unwrap()
    }

    fn frames(seqs: impl IntoIterator<Item = u64>) -> Vec<Rc<Frames>> {
        seqs.into_iter().map(|seq| Rc::new(Frames { seq, texts: vec![seq.to_string()] })).collect()
    }

    fn seqs(publication: &Publication) -> Vec<u64> {
        publication.frames.iter().map(|frames| frames.seq).collect()
    }

    #[test]
    fn what_accumulates_goes_into_the_next_publication() {
        let outbox = Outbox::default();
        assert!(outbox.push(GATEWAY, &frames([1]), &[]));
        let first = outbox.take(&symbol(), GATEWAY).unwrap();
        assert!(!outbox.push(GATEWAY, &frames([2]), &["status".into()]));
        assert!(!outbox.push(GATEWAY, &frames([3]), &[]));
        let second = outbox.take(&symbol(), GATEWAY).unwrap();
        assert_eq!((seqs(&first), seqs(&second), second.notices.len()), (vec![1], vec![2, 3], 1));
        assert_eq!(outbox.take(&symbol(), GATEWAY), None);
        outbox.pause(GATEWAY);
        assert!(outbox.push(GATEWAY, &frames([4]), &[]), "nothing is under way any more");
    }

    #[test]
    fn many_sockets_get_fewer_events_at_once() {
        let outbox = Outbox::default();
        outbox.push(GATEWAY, &frames(1..=500), &[]);
        let mut sizes = Vec::new();
        for subscribers in [10, 1_000, 10_000] {
            outbox.arrived(GATEWAY, subscribers);
            sizes.push(outbox.take(&symbol(), GATEWAY).unwrap().frames.len());
        }
        assert_eq!(sizes, [MAX_EVENTS, 4, 1]);
    }

    #[test]
    fn what_failed_is_sent_again_in_order() {
        let outbox = Outbox::default();
        outbox.push(GATEWAY, &frames(1..=150), &["status".into()]);
        let mut got = Vec::new();
        for attempt in 0.. {
            let Some(publication) = outbox.take(&symbol(), GATEWAY) else { break };
            if attempt % 2 == 0 {
                outbox.put_back(GATEWAY, publication);
                outbox.push(GATEWAY, &frames([151 + attempt / 2]), &[]);
            } else {
                assert!(publication.frames.len() <= MAX_EVENTS);
                got.extend(seqs(&publication));
            }
            if attempt > 6 {
                break;
            }
        }
        let expected: Vec<u64> = (1..=got.len() as u64).collect();
        assert!(got.len() > 150 && got == expected, "{got:?}");
    }

    #[test]
    fn a_gateway_that_does_not_answer_holds_only_so_much() {
        let outbox = Outbox::default();
        outbox.push(GATEWAY, &frames(1..=5_000), &[]);
        let first = outbox.take(&symbol(), GATEWAY).unwrap();
        assert_eq!(seqs(&first).first(), Some(&(5_001 - MAX_WAITING as u64)));
    }

    #[test]
    fn a_join_on_the_way_keeps_the_gateway() {
        let outbox = Outbox::default();
        outbox.push(GATEWAY, &frames([1]), &[]);
        outbox.take(&symbol(), GATEWAY).unwrap();
        outbox.join(GATEWAY);
        assert!(!outbox.leave(GATEWAY));
        outbox.push(GATEWAY, &frames([2]), &[]);
        outbox.take(&symbol(), GATEWAY).unwrap();
        assert!(outbox.leave(GATEWAY));
        assert!(outbox.push(GATEWAY, &frames([3]), &[]), "it starts anew");
    }
}
