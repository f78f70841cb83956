//! What is kept of the stream for good: segments of a symbol's events, as they
//! travel through the Queue and as they lie in object storage.
//!
//! A segment holds consecutive events of one session. As an object it is gzip of
//! one line an event ([`ArchivedEvent`] as JSON) under [`Segment::key`]; as a
//! message it is a line with the [`Segment`] itself, then the same lines. What a
//! key holds never changes, so writing it again changes nothing.

use jiff::civil::Date;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use thiserror::Error;
use tickwise_market::{Symbol, iso_date};

use crate::stream::ServerMessage;

/// Consecutive events of a symbol in one session of its exchange.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Segment {
    /// Symbol.
    pub symbol: Symbol,
    /// Sequence number of the first event.
    pub first: u64,
    /// Sequence number of the last event.
    pub last: u64,
    /// The exchange's date of all of them.
    #[serde(with = "iso_date")]
    pub date: Date,
}

/// What happened under one sequence number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchivedEvent {
    /// Sequence number.
    pub seq: u64,
    /// The bars that closed, then the quote; or a snapshot where the source jumped.
    pub messages: Vec<ServerMessage>,
}

/// Text that is no segment. Reading it again does not help.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MalformedSegment {
    /// The first line does not describe a segment.
    #[error("the first line is no segment: {0}")]
    Header(String),
    /// A line is no event.
    #[error("line {line} is no event: {problem}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// Events are missing, doubled or out of order.
    #[error("line {line} has event {found} where {expected} is due")]
    Sequence {
        /// Counted from 1.
        line: usize,
        /// In its place.
        found: u64,
        /// The next number.
        expected: u64,
    },
    /// Fewer or more lines than the segment has events.
    #[error("{found} events where the segment has {expected}")]
    Length {
        /// Lines.
        found: u64,
        /// By the first and last number.
        expected: u64,
    },
}

impl Segment {
    /// Where it lies: `raw/date=2012-09-04/symbol=AAPL/000000000001-000000000300.ndjson.gz`.
    pub fn key(&self) -> String {
        let Self { symbol, first, last, date } = self;
        let date = iso_date::format(*date);
        format!("raw/date={date}/symbol={symbol}/{first:012}-{last:012}.ndjson.gz")
    }

    /// The segment of a key, whatever lies before its `date=`.
    pub fn from_key(key: &str) -> Option<Self> {
        let mut parts = key.rsplit('/');
        let (first, last) = parts.next()?.strip_suffix(".ndjson.gz")?.split_once('-')?;
        let symbol = parts.next()?.strip_prefix("symbol=")?.parse().ok()?;
        let date = iso_date::parse(parts.next()?.strip_prefix("date=")?)?;
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last).then_some(Self { symbol, first, last, date })
    }

    /// The message that carries the segment. `lines` are those of [`event_line`].
    ///
    /// # Errors
    /// None in practice.
    pub fn message(&self, lines: &[String]) -> Result<String, serde_json::Error> {
        Ok(format!("{}\n{}", serde_json::to_string(self)?, lines.join("\n")))
    }

    /// Takes a message apart into its segment and its lines, which are all there.
    ///
    /// # Errors
    /// What makes it no segment.
    pub fn parse_message(message: &str) -> Result<(Self, &str), MalformedSegment> {
        let (header, lines) = message.split_once('\n').unwrap_or((message, ""));
        let segment: Self =
            serde_json::from_str(header).map_err(|error| MalformedSegment::Header(error.to_string()))?;
        segment.check(lines)?;
        Ok((segment, lines))
    }

    fn check(&self, lines: &str) -> Result<(), MalformedSegment> {
        #[derive(Deserialize)]
        struct Numbered {
            seq: u64,
            #[serde(rename = "messages")]
            _messages: Vec<IgnoredAny>,
        }
        let mut found = 0;
        for (line, text) in (1..).zip(lines.lines()) {
            let event: Numbered = serde_json::from_str(text)
                .map_err(|error| MalformedSegment::Line { line, problem: error.to_string() })?;
            let expected = self.first.saturating_add(found);
            if event.seq != expected {
                return Err(MalformedSegment::Sequence { line, found: event.seq, expected });
            }
            found += 1;
        }
        let expected = (self.last.saturating_add(1)).saturating_sub(self.first);
        if found == expected && found > 0 {
            Ok(())
        } else {
            Err(MalformedSegment::Length { found, expected })
        }
    }
}

/// The line of an event whose messages are JSON texts already.
pub fn event_line(seq: u64, messages: &[impl AsRef<str>]) -> String {
    let mut line = format!("{{\"seq\":{seq},\"messages\":[");
    for (index, message) in messages.iter().enumerate() {
        if index > 0 {
            line.push(',');
        }
        line.push_str(message.as_ref());
    }
    line.push_str("]}");
    line
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::stream::{SourceState, Status};

    fn segment(first: u64, last: u64) -> Segment {
        Segment { symbol: "BRK.B".parse().unwrap(), first, last, date: date(2012, 9, 4) }
    }

    fn event(seq: u64) -> ArchivedEvent {
        let status = Status {
            symbol: "BRK.B".parse().unwrap(),
            state: SourceState::Streaming,
            detail: "a line\nand \"another\"".into(),
            origin: crate::Origin::Live,
        };
        ArchivedEvent {
            seq,
            messages: vec![ServerMessage::Status(status.clone()), ServerMessage::Status(status)],
        }
    }

    fn line(event: &ArchivedEvent) -> String {
        let texts: Vec<String> = event.messages.iter().map(|m| serde_json::to_string(m).unwrap()).collect();
        event_line(event.seq, &texts)
    }

    #[test]
    fn a_key_sorts_by_sequence_and_leads_back() {
        let key = segment(7, 300).key();
        assert_eq!(key, "raw/date=2012-09-04/symbol=BRK.B/000000000007-000000000300.ndjson.gz");
        assert_eq!(Segment::from_key(&format!("bucket/prefix/{key}")), Some(segment(7, 300)));
        assert!(segment(9, 10).key() < segment(10, 11).key());
        for wrong in [
            "",
            "raw/date=2012-09-04/symbol=BRK.B/7.ndjson.gz",
            "raw/date=2012-09-04/symbol=BRK.B/9-7.ndjson.gz",
            "raw/date=2012-9-4/symbol=BRK.B/7-9.ndjson.gz",
            "raw/symbol=BRK.B/date=2012-09-04/7-9.ndjson.gz",
        ] {
            assert_eq!(Segment::from_key(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_segment_says_why() {
        let lines: Vec<String> = (5..=8).map(|seq| line(&event(seq))).collect();
        let read = |segment: Segment, lines: &[String]| {
            Segment::parse_message(&segment.message(lines).unwrap()).map(|_| ())
        };
        assert_eq!(read(segment(5, 8), &lines), Ok(()));
        assert_eq!(read(segment(5, 9), &lines), Err(MalformedSegment::Length { found: 4, expected: 5 }));
        assert_eq!(read(segment(5, 7), &lines), Err(MalformedSegment::Length { found: 4, expected: 3 }));
        assert_eq!(read(segment(5, 4), &[]), Err(MalformedSegment::Length { found: 0, expected: 0 }));
        let doubled = [lines.first().unwrap().clone(), lines.first().unwrap().clone()];
        let sequence = MalformedSegment::Sequence { line: 2, found: 5, expected: 6 };
        assert_eq!(read(segment(5, 6), &doubled), Err(sequence));
        for text in ["", "poison", "{}", "null"] {
            assert!(matches!(Segment::parse_message(text), Err(MalformedSegment::Header(_))), "{text}");
        }
        let text = segment(5, 5).message(&["{\"seq\":5}".into()]).unwrap();
        assert!(matches!(Segment::parse_message(&text), Err(MalformedSegment::Line { line: 1, .. })));
        let extremes = Segment { last: u64::MAX, ..segment(u64::MAX, 0) };
        assert!(read(extremes, &lines).is_err());
    }

    proptest! {
        #[test]
        fn a_segment_travels_unchanged(first in 0_u64..1 << 50, length in 1_u64..20) {
            let events: Vec<ArchivedEvent> = (first..first + length).map(event).collect();
            let lines: Vec<String> = events.iter().map(line).collect();
            let message = segment(first, first + length - 1).message(&lines).unwrap();
            let (read, lines) = Segment::parse_message(&message).unwrap();
            prop_assert_eq!(read, segment(first, first + length - 1));
            let back: Vec<ArchivedEvent> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            prop_assert_eq!(back, events);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = Segment::parse_message(&text);
            let _ = Segment::from_key(&text);
        }
    }
}
