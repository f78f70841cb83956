//! A Feed's side of the archive: cuts the event log into segments and keeps each
//! until the consumer of the Queue says that it lies in object storage.
//!
//! A segment is a range of the event log, so that cutting one copies nothing.
//! What has been sent is not stored: the local Queue lives in memory too, and
//! sending a segment twice changes nothing ([`crate::lake`]).

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::{Calendar, Symbol, iso_date};
use tickwise_protocol::{
    Origin,
    archive::{Segment, event_line},
};
use worker::{SqlStorage, SqlStorageValue, Storage};

use crate::error::EdgeError;

/// The most events of a segment.
const MAX_SEGMENT_EVENTS: u64 = 300;

/// The most bytes of a segment; a Queue takes 128 kB a message.
const MAX_SEGMENT_BYTES: usize = 100_000;

/// A segment is cut when its first event has waited this long, full or not.
const MAX_WAIT_MS: i64 = 60_000;

/// What was there before this instance has waited long enough.
const LONG_AGO_MS: i64 = 0;

/// Segments of a symbol that are under way at once.
const MAX_OUTSTANDING: usize = 4;

/// A segment that is not confirmed by then is sent again; after every time the wait doubles.
const RESEND_MS: i64 = 20_000;

/// The longest of those waits.
const MAX_RESEND_MS: i64 = 15 * 60_000;

/// Between two looks at the segments of a Feed that plays.
const LOOK_EVERY_MS: i64 = 1_000;

/// `last` is missing in one row, the last: the segment that is still growing.
/// Nothing of a segment leaves the event log (see [`super::log::Log::append`]).
pub const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS segments (first INTEGER PRIMARY KEY, last INTEGER, date TEXT)";

/// Consumer to Feed: these events are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// Sequence number of the first event.
    pub first: u64,
    /// Sequence number of the last event.
    pub last: u64,
}

/// The segments of one symbol.
#[derive(Debug)]
pub struct Archive {
    sql: SqlStorage,
    /// By first sequence number.
    sent: RefCell<BTreeMap<u64, Sent>>,
    /// When an event that is in no segment yet was first seen.
    growing_since_ms: Cell<Option<i64>>,
    /// The next look at the segments, and when there will be something to do.
    next: Cell<Option<Next>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Next {
    look_ms: i64,
    wake_ms: i64,
}

/// How often a segment was sent, and when it is sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sent {
    times: u32,
    again_ms: i64,
}

#[derive(Deserialize)]
struct SegmentRow {
    first: u64,
    last: u64,
    date: String,
}

#[derive(Deserialize)]
struct EventRow {
    seq: u64,
    texts: String,
}

#[derive(Deserialize)]
struct SeqRow {
    seq: Option<u64>,
}

impl Archive {
    /// Opens the segments of a Feed whose event log is open.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn open(storage: &Storage) -> Result<Self, EdgeError> {
        let archive = Self {
            sql: storage.sql(),
            sent: RefCell::default(),
            growing_since_ms: Cell::new(None),
            next: Cell::new(None),
        };
        if archive.seq("SELECT first AS seq FROM segments WHERE last IS NULL")?.is_none() {
            let first = archive.seq("SELECT min(seq) AS seq FROM events")?.unwrap_or(1);
            archive.sql.exec("INSERT INTO segments VALUES (?, NULL, NULL)", vec![integer(first)])?;
        }
        let (first, last) = archive.growing()?;
        if first <= last {
            // An earlier instance has left them: the platform may end every one before a minute is over.
            archive.growing_since_ms.set(Some(LONG_AGO_MS));
        }
        Ok(archive)
    }

    /// Forgets all segments: nothing is archived any more, and nothing waits for it.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn close(storage: &Storage) -> Result<(), EdgeError> {
        storage.sql().exec("DELETE FROM segments", None)?;
        Ok(())
    }

    /// The messages to send now, having cut what is ripe. They count as sent.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn due(&self, symbol: &Symbol, now_ms: i64) -> Result<Vec<String>, EdgeError> {
        if self.next.get().is_some_and(|next| now_ms < next.look_ms) {
            return Ok(Vec::new());
        }
        self.next.set(None);
        self.forget_lost(symbol)?;
        while self.cut(now_ms)? {}
        let mut messages = Vec::new();
        for SegmentRow { first, last, date } in self.outstanding()? {
            let mut sent = self.sent.borrow_mut();
            let sent = sent.entry(first).or_default();
            if sent.times > 0 && sent.again_ms > now_ms {
                continue;
            }
            let doubled = RESEND_MS.saturating_mul(1 << sent.times.min(10));
            *sent = Sent { times: sent.times + 1, again_ms: now_ms + doubled.min(MAX_RESEND_MS) };
            let events = self.events(first, last)?;
            let lines = events.iter().map(|row| {
                let texts: Vec<&str> = row.texts.split('\n').collect();
                event_line(row.seq, &texts)
            });
            let date = iso_date::parse(&date).unwrap_or_default();
            let segment = Segment { symbol: symbol.clone(), first, last, date };
            messages.push(segment.message(&lines.collect::<Vec<_>>())?);
        }
        Ok(messages)
    }

    /// A segment is stored: its events may go.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn confirm(&self, Archived { first, last }: Archived) -> Result<(), EdgeError> {
        let row = vec![integer(first), integer(last)];
        self.sql.exec("DELETE FROM segments WHERE first = ? AND last = ?", row)?;
        self.sent.borrow_mut().remove(&first);
        self.next.set(None);
        Ok(())
    }

    /// How long [`Self::due`] has nothing to do; `None` while all events are stored.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn wait_ms(&self, now_ms: i64) -> Result<Option<i64>, EdgeError> {
        if self.next.get().is_none() {
            let wake_ms = self.wake_ms(now_ms)?;
            self.next.set(wake_ms.map(|wake_ms| Next { look_ms: now_ms + LOOK_EVERY_MS, wake_ms }));
        }
        Ok(self.next.get().map(|next| (next.wake_ms.max(next.look_ms) - now_ms).max(0)))
    }

    fn wake_ms(&self, now_ms: i64) -> Result<Option<i64>, EdgeError> {
        let outstanding = self.outstanding()?;
        let sent = self.sent.borrow();
        let again = outstanding.iter().map(|row| sent.get(&row.first).map_or(now_ms, |sent| sent.again_ms));
        let (first, last) = self.growing()?;
        let is_cut_next = first <= last && outstanding.len() < MAX_OUTSTANDING;
        let ripe = is_cut_next.then(|| match last - first >= MAX_SEGMENT_EVENTS - 1 {
            true => now_ms,
            false => self.waiting_since_ms(now_ms) + MAX_WAIT_MS,
        });
        Ok(again.chain(ripe).min())
    }

    /// Cuts one segment off the growing end, if it is full or has waited long enough.
    fn cut(&self, now_ms: i64) -> Result<bool, EdgeError> {
        let (first, last) = self.growing()?;
        if first > last {
            self.growing_since_ms.set(None);
            return Ok(false);
        }
        let waited_ms = now_ms - self.waiting_since_ms(now_ms);
        let is_ripe = last - first >= MAX_SEGMENT_EVENTS - 1 || waited_ms >= MAX_WAIT_MS;
        if !is_ripe || self.outstanding()?.len() >= MAX_OUTSTANDING {
            return Ok(false);
        }
        let events = self.events(first, last.min(first + MAX_SEGMENT_EVENTS - 1))?;
        let Some((date, count)) = one_session(&events, now_ms) else { return Ok(false) };
        let cut = first + count - 1;
        let row = vec![integer(cut), iso_date::format(date).into(), integer(first)];
        self.sql.exec("UPDATE segments SET last = ?, date = ? WHERE first = ?", row)?;
        self.sql.exec("INSERT INTO segments VALUES (?, NULL, NULL)", vec![integer(cut + 1)])?;
        if cut == last {
            self.growing_since_ms.set(None);
        }
        Ok(true)
    }

    fn waiting_since_ms(&self, now_ms: i64) -> i64 {
        let since_ms = self.growing_since_ms.get().unwrap_or(now_ms);
        self.growing_since_ms.set(Some(since_ms));
        since_ms
    }

    /// Segments whose events have left the log, which is bounded even where
    /// nothing is ever confirmed, can no longer be sent.
    fn forget_lost(&self, symbol: &Symbol) -> Result<(), EdgeError> {
        let Some(oldest) = self.seq("SELECT min(seq) AS seq FROM events")? else { return Ok(()) };
        let Some(first) = self.seq("SELECT min(first) AS seq FROM segments")? else { return Ok(()) };
        if first >= oldest {
            return Ok(());
        }
        crate::console::error(format_args!(
            "{symbol}: events {first} to {} were never archived: is the Queue's consumer at work?",
            oldest - 1
        ));
        self.sql.exec("DELETE FROM segments WHERE last IS NOT NULL AND first < ?", vec![integer(oldest)])?;
        let row = vec![integer(oldest), integer(oldest)];
        self.sql.exec("UPDATE segments SET first = ? WHERE last IS NULL AND first < ?", row)?;
        self.sent.borrow_mut().retain(|first, _| *first >= oldest);
        Ok(())
    }

    /// Cut and not confirmed.
    fn outstanding(&self) -> Result<Vec<SegmentRow>, EdgeError> {
        let rows = vec![SqlStorageValue::Integer(i64::try_from(MAX_OUTSTANDING).unwrap_or(i64::MAX))];
        let query = "SELECT first, last, date FROM segments WHERE last IS NOT NULL ORDER BY first LIMIT ?";
        Ok(self.sql.exec(query, rows)?.to_array()?)
    }

    /// The first and the last event in no segment yet; the first is larger where there is none.
    fn growing(&self) -> Result<(u64, u64), EdgeError> {
        let first = self.seq("SELECT first AS seq FROM segments WHERE last IS NULL")?.unwrap_or(1);
        let last = self.seq("SELECT max(seq) AS seq FROM events")?.unwrap_or(0);
        Ok((first, last))
    }

    fn events(&self, first: u64, last: u64) -> Result<Vec<EventRow>, EdgeError> {
        let query = "SELECT seq, texts FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq";
        Ok(self.sql.exec(query, vec![integer(first), integer(last)])?.to_array()?)
    }

    fn seq(&self, query: &str) -> Result<Option<u64>, EdgeError> {
        let rows: Vec<SeqRow> = self.sql.exec(query, None)?.to_array()?;
        Ok(rows.into_iter().next().and_then(|row| row.seq))
    }
}

/// How many of these events, from the first on, fit into one segment, and their date.
fn one_session(events: &[EventRow], now_ms: i64) -> Option<(Date, u64)> {
    let date = date(&events.first()?.texts, now_ms);
    let mut bytes = 0;
    let fitting = events.iter().take_while(|event| {
        bytes += event.texts.len() + 64;
        bytes <= MAX_SEGMENT_BYTES && self::date(&event.texts, now_ms) == date
    });
    Some((date, (fitting.count() as u64).max(1)))
}

/// The exchange's date of an event: that of its last message.
fn date(texts: &str, now_ms: i64) -> Date {
    #[derive(Deserialize)]
    struct Dated {
        origin: Origin,
        exchange_time_ms: Option<i64>,
        quote: Option<Traded>,
    }
    #[derive(Deserialize)]
    struct Traded {
        exchange_time_ms: i64,
    }
    let message = texts.rsplit('\n').next().unwrap_or_default();
    let dated: Option<Dated> = serde_json::from_str(message).ok();
    let time_ms = match dated {
        Some(Dated { origin: Origin::Replay { date, .. } | Origin::EndOfDay { date }, .. }) => return date,
        Some(Dated { exchange_time_ms, quote, .. }) => {
            exchange_time_ms.or(quote.map(|quote| quote.exchange_time_ms))
        }
        None => None,
    };
    Calendar::Nyse.date_at(time_ms.unwrap_or(now_ms)).unwrap_or_default()
}

/// Sequence numbers stay far below 2^53.
fn integer(seq: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(seq).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use jiff::civil::date as civil;

    use super::*;

    fn quote(seq: u64, origin: &str, exchange_time_ms: i64) -> EventRow {
        let bar = r#"{"type":"bar","origin":{"mode":"live"}}"#;
        let quote = format!(r#"{{"type":"quote","origin":{origin},"exchange_time_ms":{exchange_time_ms}}}"#);
        EventRow { seq, texts: format!("{bar}\n{quote}") }
    }

    #[test]
    fn the_date_is_that_of_the_exchange() {
        // 2012-09-05 01:00 UTC is the evening before in New York.
        let evening_ms = 1_346_806_800_000;
        let replay = r#"{"mode":"replay","date":"2012-12-04","lap":0}"#;
        let close = r#"{"mode":"end_of_day","date":"2012-12-03"}"#;
        assert_eq!(date(&quote(1, r#"{"mode":"live"}"#, evening_ms).texts, 0), civil(2012, 9, 4));
        assert_eq!(date(&quote(1, replay, evening_ms).texts, 0), civil(2012, 12, 4));
        assert_eq!(date(&quote(1, close, evening_ms).texts, 0), civil(2012, 12, 3));
        let snapshot =
            r#"{"type":"snapshot","origin":{"mode":"live"},"quote":{"exchange_time_ms":1346806800000}}"#;
        assert_eq!(date(snapshot, 0), civil(2012, 9, 4));
        assert_eq!(date("no json", evening_ms), civil(2012, 9, 4));
    }

    #[test]
    fn a_segment_ends_with_its_session_and_before_it_is_too_long() {
        let first = r#"{"mode":"replay","date":"2012-12-03","lap":0}"#;
        let second = r#"{"mode":"replay","date":"2012-12-04","lap":0}"#;
        let events: Vec<EventRow> =
            (1..=5).map(|seq| quote(seq, if seq < 4 { first } else { second }, 0)).collect();
        assert_eq!(one_session(&events, 0), Some((civil(2012, 12, 3), 3)));
        assert_eq!(one_session(events.get(3..).unwrap(), 0), Some((civil(2012, 12, 4), 2)));
        assert_eq!(one_session(&[], 0), None);
        let long =
            |seq| EventRow { seq, texts: format!("{}{}", " ".repeat(40_000), quote(seq, first, 0).texts) };
        let events: Vec<EventRow> = (1..=5).map(long).collect();
        assert_eq!(one_session(&events, 0), Some((civil(2012, 12, 3), 2)));
    }
}
