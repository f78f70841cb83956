//! Messages on the WebSocket `/api/v1/stream`; `docs/stream.md` is their contract.
//!
//! A client subscribes to symbols and receives, per symbol, either a
//! [`Snapshot`] and every quote after it, or — when it names the number of the
//! last quote or snapshot that it has seen and the edge still remembers what came
//! next — exactly the messages that it missed. Quotes arrive in sequence, once.
//! Bars closed by a quote carry its number and come just before it; they are the
//! same however often they are sent. A bar therefore never moves a client on: one
//! that was cut off between a bar and its quote names the quote before, and gets
//! the bar again with its quote.
//!
//! About once a second a client acknowledges the highest numbers it has used
//! ([`ClientMessage::Ack`]), unless it has used nothing new. A socket with more than [`UNACKNOWLEDGED_WINDOW`] events under way is sent only the
//! latest quote of a symbol, about once a second or when it catches up: such a
//! quote has a `from_seq` and stands for all numbers from there to its `seq`.
//! Bars and alerts are never left out. A socket that goes on acknowledging nothing
//! is closed with [`CLOSE_SLOW_READER`] after some minutes, and resumes when it
//! comes back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, Interval, Symbol};

use crate::{Origin, Quote, rest::Forecast};

/// The longest client message, in bytes.
pub const MAX_CLIENT_MESSAGE_BYTES: usize = 4096;

/// The most symbols one socket may subscribe to.
pub const MAX_SYMBOLS_PER_SOCKET: usize = 50;

/// Events sent and not acknowledged beyond which only latest quotes are sent.
pub const UNACKNOWLEDGED_WINDOW: u64 = 1_024;

/// Close code of a socket that did not keep up.
pub const CLOSE_SLOW_READER: u16 = 4_008;

/// Close code of a socket that went on sending more messages than are allowed.
pub const CLOSE_TOO_MANY_MESSAGES: u16 = 4_029;

/// The most messages of a client at once.
pub const MESSAGE_BURST: u32 = 100;

/// How many more it may send every second.
pub const MESSAGES_PER_SECOND: u32 = 10;

/// What keeps a connection alive without waking the server, and its answer.
pub const PING: &str = "ping";
/// The answer to [`PING`].
pub const PONG: &str = "pong";

/// What a client sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Start (or resume) symbols.
    Subscribe {
        /// The symbols.
        symbols: Vec<Symbol>,
        /// The number of the last quote or snapshot seen, per symbol.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        since: BTreeMap<Symbol, Since>,
    },
    /// Stop symbols.
    Unsubscribe {
        /// The symbols.
        symbols: Vec<Symbol>,
    },
    /// Shows the token of alerts: those on subscribed symbols are sent from now on,
    /// and those that have fired already, once more.
    Authenticate {
        /// As `POST /api/v1/alerts` answered it.
        token: String,
    },
    /// Everything up to these sequence numbers has been used.
    Ack {
        /// The highest number of each symbol that has moved on.
        seqs: BTreeMap<Symbol, u64>,
    },
    /// Asks for a [`ServerMessage::Pong`]. The text [`PING`] does the same without waking
    /// the server.
    Ping,
}

/// How far a client has come with a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a sequence number, or one with its epoch: {\"epoch\":3,\"seq\":1042}")]
pub enum Since {
    /// A number of the current epoch.
    Seq(u64),
    /// A number of an epoch.
    Point(Point),
}

/// A place in the numbering of a symbol's quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The numbering, as snapshots and bars tell it.
    pub epoch: u64,
    /// Number of the last quote or snapshot seen.
    pub seq: u64,
}

impl Since {
    /// The sequence number.
    pub fn seq(self) -> u64 {
        match self {
            Self::Seq(seq) | Self::Point(Point { seq, .. }) => seq,
        }
    }

    /// The sequence number, if it belongs to a numbering.
    pub fn seq_in(self, epoch: u64) -> Option<u64> {
        match self {
            Self::Point(point) if point.epoch != epoch => None,
            since => Some(since.seq()),
        }
    }
}

/// What the edge sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The state of a symbol as of a sequence number.
    Snapshot(Snapshot),
    /// A price.
    Quote(Quote),
    /// A closed bar.
    Bar(ClosedBar),
    /// A new forecast.
    Forecast(Box<Forecast>),
    /// An alert that has fired; known by its id where it comes again.
    #[cfg(feature = "alerts")]
    Alert(Box<crate::alerts::Alert>),
    /// A change in where prices come from.
    Status(Status),
    /// The answer to [`ClientMessage::Ping`].
    Pong,
    /// A refusal; the connection lives on.
    Error(StreamError),
}

/// Everything a client needs to go on from `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// Symbol.
    pub symbol: Symbol,
    /// The numbering that `seq` belongs to: an opaque number, larger than those of all
    /// numberings of the symbol before it.
    #[serde(default)]
    pub epoch: u64,
    /// Sequence number of the last quote; the next quote is `seq + 1`.
    pub seq: u64,
    /// The last quote, if there has been any.
    pub quote: Option<Quote>,
    /// Bars that are still forming, by interval.
    pub forming: BTreeMap<Interval, Bar>,
    /// The forming bars follow a simulated path.
    pub simulated: bool,
    /// Live, delayed or replayed.
    pub origin: Origin,
}

/// A closed bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClosedBar {
    /// Symbol.
    pub symbol: Symbol,
    /// Sequence number of the quote that closed it.
    pub seq: u64,
    /// Interval.
    pub interval: Interval,
    /// The bar.
    pub bar: Bar,
    /// The bar follows a simulated path. Days are recorded: false.
    pub simulated: bool,
    /// Live, delayed or replayed.
    pub origin: Origin,
}

/// State of a symbol's source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// Symbol.
    pub symbol: Symbol,
    /// What the source does now.
    pub state: SourceState,
    /// One sentence for people.
    pub detail: String,
    /// Live, delayed or replayed.
    pub origin: Origin,
}

/// What a source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Prices arrive.
    Streaming,
    /// The market is closed.
    Closed,
    /// The recording has ended.
    Ended,
    /// The symbol has no prices yet on the replayed date.
    NotListed,
}

/// Why a message was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StreamError {
    /// Machine-readable reason.
    pub code: StreamErrorCode,
    /// One sentence for people.
    pub detail: String,
    /// The symbol concerned, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
}

/// Reasons for a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StreamErrorCode {
    /// Not JSON, or not a known message.
    Malformed,
    /// Longer than [`MAX_CLIENT_MESSAGE_BYTES`].
    TooLarge,
    /// No such symbol.
    UnknownSymbol,
    /// More than [`MAX_SYMBOLS_PER_SOCKET`].
    TooManySymbols,
    /// More than [`MESSAGE_BURST`] at once or [`MESSAGES_PER_SECOND`] for long.
    TooManyMessages,
    /// Not of the form of a token.
    BadToken,
    /// The edge failed; subscribing again may help.
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(text: &str) -> Result<Since, serde_json::Error> {
        let text = format!("{{\"type\":\"subscribe\",\"symbols\":[],\"since\":{{\"AAPL\":{text}}}}}");
        serde_json::from_str(&text).map(|message| match message {
            ClientMessage::Subscribe { since, .. } => *since.values().next().unwrap(),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_place_is_a_number_or_one_with_its_epoch() {
        let point = Since::Point(Point { epoch: 3, seq: 1042 });
        assert_eq!(since("1042").unwrap(), Since::Seq(1042));
        assert_eq!(since(r#"{"epoch":3,"seq":1042}"#).unwrap(), point);
        assert_eq!(serde_json::to_string(&point).unwrap(), r#"{"epoch":3,"seq":1042}"#);
        assert_eq!((Since::Seq(7).seq_in(3), point.seq_in(3), point.seq_in(4)), (Some(7), Some(1042), None));
        for wrong in ["-1", "1.5", "\"1\"", "null", "{}", r#"{"seq":1}"#, r#"{"epoch":1,"seq":1,"x":1}"#] {
            let error = since(wrong).unwrap_err().to_string();
            assert!(error.contains("a sequence number, or one with its epoch"), "{wrong}: {error}");
        }
    }
}
