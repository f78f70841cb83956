//! What a Feed keeps in its SQLite: the recent events, where it stands, and who listens.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use serde::{Deserialize, de::DeserializeOwned};
use tickwise_market::{Bar, iso_date};
use worker::{SqlStorage, SqlStorageValue, Storage};

use super::{
    archive,
    fit::Fit,
    ingest::SourceDay,
    live_tape::{LiveCheckpoint, MAX_MINUTES},
    publication::Frames,
    replay_tape::Checkpoint,
    rolling::{Changes, Stored},
};
use crate::error::EdgeError;

/// The most events kept for clients that resume: about an hour of a busy symbol.
pub const MAX_EVENTS: u64 = 20_000;

/// The most events read at once.
pub const PAGE: u64 = 500;

/// The most events kept for the archive, where it takes none.
const MAX_UNARCHIVED_EVENTS: u64 = 5 * MAX_EVENTS;

/// Name of the row that says which tape is served.
const SERVED: &str = "served";

/// Name of the row that tells numberings of the events apart.
const EPOCH: &str = "epoch";

/// Rows deleted at most every so many events.
const PRUNE_EVERY: u64 = 500;

const SCHEMA: [&str; 7] = [
    "CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, texts TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS gateways (name TEXT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS days (date TEXT PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS minutes (time_ms INTEGER PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS indicators (interval TEXT, spec TEXT, state BLOB NOT NULL, PRIMARY KEY (interval, spec))",
    archive::SCHEMA,
];

/// The event log of one symbol. Statements without an `await` between them are
/// one transaction of the platform: either all of them last, or none.
#[derive(Clone, Debug)]
pub struct Log {
    sql: SqlStorage,
    /// The Gateways to publish to, once read: every event asks for them.
    gateways: Rc<RefCell<Option<BTreeSet<String>>>>,
    /// The epoch of the numbering, once read.
    epoch: Rc<Cell<Option<u64>>>,
}

/// Which of the two tapes a checkpoint is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A recording.
    Replay,
    /// A live source.
    Live,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Replay => "checkpoint",
            Self::Live => "live",
        }
    }
}

#[derive(Deserialize)]
struct EventRow {
    seq: u64,
    texts: String,
}

#[derive(Deserialize)]
struct TextRow {
    text: String,
}

impl Log {
    /// Opens the log, creating its tables where they are missing.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn open(storage: &Storage) -> Result<Self, EdgeError> {
        let log = Self { sql: storage.sql(), gateways: Rc::default(), epoch: Rc::default() };
        for statement in SCHEMA {
            log.sql.exec(statement, None)?;
        }
        Ok(log)
    }

    /// Stores new events and where the tape stands after them.
    ///
    /// # Errors
    /// When the platform fails; nothing is stored then.
    pub fn append(&self, events: &[Rc<Frames>], place: Place, checkpoint: &str) -> Result<(), EdgeError> {
        for event in events {
            let row = vec![integer(event.seq), event.texts.join("\n").into()];
            self.sql.exec("INSERT OR REPLACE INTO events VALUES (?, ?)", row)?;
        }
        self.set_checkpoint(place, checkpoint)?;
        if let Some(last) = events.last().filter(|_| events.iter().any(|event| event.seq % PRUNE_EVERY == 0))
        {
            self.prune(last.seq)?;
        }
        Ok(())
    }

    /// Deletes what is too old to resume from, unless the archive still waits for it.
    fn prune(&self, last: u64) -> Result<(), EdgeError> {
        let (kept, held) = (last.saturating_sub(MAX_EVENTS), last.saturating_sub(MAX_UNARCHIVED_EVENTS));
        self.sql.exec(
            "DELETE FROM events WHERE seq <= max(?2, min(?1, (SELECT coalesce(min(first) - 1, ?1) FROM segments)))",
            vec![integer(kept), integer(held)],
        )?;
        Ok(())
    }

    /// Stores new and corrected days and minutes.
    ///
    /// # Errors
    /// When the platform fails; nothing is stored then.
    pub fn keep(&self, days: &[SourceDay], minutes: &[Bar]) -> Result<(), EdgeError> {
        for day in days {
            let row = vec![iso_date::format(day.date).into(), serde_json::to_string(day)?.into()];
            self.sql.exec("INSERT OR REPLACE INTO days VALUES (?, ?)", row)?;
        }
        for bar in minutes {
            let row = vec![SqlStorageValue::Integer(bar.time_ms), serde_json::to_string(bar)?.into()];
            self.sql.exec("INSERT OR REPLACE INTO minutes VALUES (?, ?)", row)?;
        }
        if !minutes.is_empty() {
            let kept = i64::try_from(MAX_MINUTES).unwrap_or(i64::MAX);
            self.sql.exec(
                "DELETE FROM minutes WHERE time_ms <= (SELECT time_ms FROM minutes ORDER BY time_ms DESC LIMIT 1 OFFSET ?)",
                vec![SqlStorageValue::Integer(kept)],
            )?;
        }
        Ok(())
    }

    /// All days told.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn days(&self) -> Result<Vec<SourceDay>, EdgeError> {
        self.parsed("SELECT json AS text FROM days ORDER BY date")
    }

    /// The minutes kept.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn minutes(&self) -> Result<Vec<Bar>, EdgeError> {
        self.parsed("SELECT json AS text FROM minutes ORDER BY time_ms")
    }

    /// Rows of another version are left out: one of them does not stop a symbol.
    fn parsed<T: DeserializeOwned>(&self, query: &str) -> Result<Vec<T>, EdgeError> {
        let rows: Vec<TextRow> = self.sql.exec(query, None)?.to_array()?;
        let parsed: Vec<T> = rows.iter().filter_map(|row| serde_json::from_str(&row.text).ok()).collect();
        if parsed.len() < rows.len() {
            crate::console::error(format_args!("{} stored rows are not read", rows.len() - parsed.len()));
        }
        Ok(parsed)
    }

    /// The first [`PAGE`] events after `since`, in order; `None` when some of them are gone.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn after(&self, since: u64, until: u64) -> Result<Option<Vec<Frames>>, EdgeError> {
        let rows: Vec<EventRow> = self
            .sql
            .exec(
                "SELECT seq, texts FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
                vec![integer(since), integer(PAGE)],
            )?
            .to_array()?;
        let complete = rows.len() as u64 == until.saturating_sub(since).min(PAGE);
        let frames =
            |row: EventRow| Frames { seq: row.seq, texts: row.texts.split('\n').map(Into::into).collect() };
        Ok(complete.then(|| rows.into_iter().map(frames).collect()))
    }

    /// Where the replay stood.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, EdgeError> {
        self.place(Place::Replay)
    }

    /// Where the live source stood.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn live_checkpoint(&self) -> Result<Option<LiveCheckpoint>, EdgeError> {
        self.place(Place::Live)
    }

    /// `None` also where another version wrote it: the tape starts anew behind the last event.
    fn place<T: DeserializeOwned>(&self, place: Place) -> Result<Option<T>, EdgeError> {
        let Some(json) = self.get(place.name())? else { return Ok(None) };
        Ok(serde_json::from_str(&json)
            .inspect_err(|error| {
                crate::console::error(format_args!("the {} is not read: {error}", place.name()))
            })
            .ok())
    }

    /// From now on this tape is served; whether it was the other one before. With
    /// another tape, and where nothing is stored yet, a new epoch begins.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn serve(&self, place: Place, now_ms: i64) -> Result<bool, EdgeError> {
        let before = self.get(SERVED)?;
        if before.as_deref() != Some(place.name()) {
            self.put(SERVED, place.name())?;
        }
        let has_changed = before.is_some_and(|before| before != place.name());
        let epoch = self.epoch()?;
        if has_changed || epoch == 0 {
            self.begin_epoch(epoch, now_ms)?;
        }
        Ok(has_changed)
    }

    /// The clock's reading: where storage is lost, so is the epoch before.
    fn begin_epoch(&self, before: u64, now_ms: i64) -> Result<(), EdgeError> {
        let epoch = u64::try_from(now_ms).unwrap_or(0).max(before + 1);
        self.epoch.set(Some(epoch));
        self.put(EPOCH, &epoch.to_string())
    }

    /// Which numbering the events have; 0 before the first.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn epoch(&self) -> Result<u64, EdgeError> {
        if let Some(epoch) = self.epoch.get() {
            return Ok(epoch);
        }
        let epoch = self.get(EPOCH)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.epoch.set(Some(epoch));
        Ok(epoch)
    }

    /// Stores where a tape stands.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn set_checkpoint(&self, place: Place, checkpoint: &str) -> Result<(), EdgeError> {
        self.put(place.name(), checkpoint)
    }

    /// Number of the last event, of whichever tape; 0 before the first.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn last_seq(&self) -> Result<u64, EdgeError> {
        let query = "SELECT seq, texts FROM events ORDER BY seq DESC LIMIT 1";
        let rows: Vec<EventRow> = self.sql.exec(query, None)?.to_array()?;
        Ok(rows.first().map_or(0, |row| row.seq))
    }

    /// What was fitted to the symbol; `None` also when it cannot be read: it is fitted anew.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn fit(&self) -> Result<Option<Fit>, EdgeError> {
        Ok(self.get("fit")?.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// Stores what was fitted to the symbol.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn set_fit(&self, fit: &Fit) -> Result<(), EdgeError> {
        self.put("fit", &serde_json::to_string(fit)?)
    }

    /// The indicators in use, the most recently used last.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn indicators(&self) -> Result<Vec<Stored>, EdgeError> {
        let query = "SELECT interval, spec, state FROM indicators ORDER BY rowid";
        let mut stored = Vec::new();
        for row in self.sql.exec(query, None)?.raw() {
            // A row is never of another shape.
            if let Ok(
                [
                    SqlStorageValue::String(interval),
                    SqlStorageValue::String(spec),
                    SqlStorageValue::Blob(bytes),
                ],
            ) = <[SqlStorageValue; 3]>::try_from(row?)
            {
                stored.push(Stored { interval, spec, bytes });
            }
        }
        Ok(stored)
    }

    /// Stores which indicators are in use, and their states.
    ///
    /// # Errors
    /// When the platform fails; nothing is stored then.
    pub fn keep_indicators(&self, changes: &Changes) -> Result<(), EdgeError> {
        for (interval, spec) in &changes.gone {
            let row = vec![interval.as_str().into(), spec.as_str().into()];
            self.sql.exec("DELETE FROM indicators WHERE interval = ? AND spec = ?", row)?;
        }
        for Stored { interval, spec, bytes } in &changes.stored {
            let row = vec![interval.as_str().into(), spec.as_str().into(), bytes.clone().into()];
            self.sql.exec("INSERT OR REPLACE INTO indicators VALUES (?, ?, ?)", row)?;
        }
        Ok(())
    }

    /// The symbol that this object was made for.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn symbol(&self) -> Result<Option<String>, EdgeError> {
        self.get("symbol")
    }

    /// Remembers the symbol for alarms, which do not name it.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn set_symbol(&self, symbol: &str) -> Result<(), EdgeError> {
        self.put("symbol", symbol)
    }

    /// The Gateways to publish to.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn gateways(&self) -> Result<BTreeSet<String>, EdgeError> {
        if let Some(gateways) = &*self.gateways.borrow() {
            return Ok(gateways.clone());
        }
        let rows: Vec<TextRow> = self.sql.exec("SELECT name AS text FROM gateways", None)?.to_array()?;
        let gateways = rows.into_iter().map(|row| row.text).collect();
        Ok(self.gateways.borrow_mut().insert(gateways).clone())
    }

    /// Adds a Gateway.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn add_gateway(&self, name: &str) -> Result<(), EdgeError> {
        self.sql.exec("INSERT OR IGNORE INTO gateways VALUES (?)", vec![name.to_owned().into()])?;
        self.gateways.take();
        Ok(())
    }

    /// Removes a Gateway.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn remove_gateway(&self, name: &str) -> Result<(), EdgeError> {
        self.sql.exec("DELETE FROM gateways WHERE name = ?", vec![name.to_owned().into()])?;
        self.gateways.take();
        Ok(())
    }

    fn get(&self, name: &str) -> Result<Option<String>, EdgeError> {
        let rows: Vec<TextRow> = self
            .sql
            .exec("SELECT json AS text FROM state WHERE name = ?", vec![name.to_owned().into()])?
            .to_array()?;
        Ok(rows.into_iter().next().map(|row| row.text))
    }

    fn put(&self, name: &str, json: &str) -> Result<(), EdgeError> {
        let row = vec![name.to_owned().into(), json.to_owned().into()];
        self.sql.exec("INSERT OR REPLACE INTO state VALUES (?, ?)", row)?;
        Ok(())
    }
}

/// Sequence numbers stay far below 2^53.
fn integer(seq: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(seq).unwrap_or(i64::MAX))
}
