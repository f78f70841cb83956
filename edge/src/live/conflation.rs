//! What a slow reader is owed: every bar and notice, and the latest quote.

use std::rc::Rc;

use tickwise_protocol::{Quote, stream::ServerMessage};

use super::publication::Frames;

/// The most messages held for one socket and symbol; beyond that it is closed
/// and has to resume.
const MAX_HELD: usize = 512;

/// An event taken apart, once for all slow readers.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    seq: u64,
    /// Texts that must not be left out.
    kept: Vec<Rc<str>>,
    quote: Option<Quote>,
}

impl Parts {
    /// Takes an event apart. What does not parse is kept whole.
    pub fn of(frames: &Frames) -> Self {
        let mut parts = Self { seq: frames.seq, kept: Vec::new(), quote: None };
        for text in &frames.texts {
            match serde_json::from_str(text) {
                Ok(ServerMessage::Quote(quote)) => parts.quote = Some(quote),
                _ => parts.kept.push(text.as_str().into()),
            }
        }
        parts
    }
}

/// Messages that wait until a socket has acknowledged more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    kept: Vec<Rc<str>>,
    quote: Option<Quote>,
}

impl Held {
    /// Adds the next event.
    pub fn absorb(&mut self, parts: &Parts) {
        self.kept.extend(parts.kept.iter().cloned());
        match &parts.quote {
            Some(next) => {
                let first = next.from_seq.unwrap_or(next.seq);
                let before = self.quote.take();
                let from_seq = before.as_ref().map_or(first, |quote| quote.from_seq.unwrap_or(quote.seq));
                let size = before.map_or(0.0, |quote| quote.size) + next.size;
                let from_seq = (from_seq < next.seq).then_some(from_seq);
                self.quote = Some(Quote { from_seq, size, ..next.clone() });
            }
            // A snapshot: it says all that the quotes before it did.
            None => self.quote = None,
        }
    }

    /// Adds a message outside the sequence.
    pub fn keep(&mut self, text: &str) {
        self.kept.push(text.into());
    }

    /// Whether the socket has fallen behind too far to be waited for.
    pub fn is_full(&self) -> bool {
        self.kept.len() > MAX_HELD
    }

    /// Everything held, in order: what must not be left out, then the quote.
    pub fn release(&mut self) -> Vec<Rc<str>> {
        let mut texts = std::mem::take(&mut self.kept);
        let quote = self.quote.take().map(ServerMessage::Quote);
        texts.extend(quote.and_then(|quote| Some(serde_json::to_string(&quote).ok()?.into())));
        texts
    }
}
