//! What the Scheduler keeps in its SQLite: the state of the budget, answers for
//! those who ask again, and prices that their Feed has not taken yet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;
use tickwise_protocol::Origin;
use tickwise_scheduler as budget;
use worker::{SqlStorage, Storage};

use crate::{error::EdgeError, live::ingest::Ingest};

/// The most answers kept; the oldest go first.
const MAX_ANSWERS: i64 = 500;

/// The most names of symbols kept; the oldest go first.
const MAX_NAMES: i64 = 2_000;

const SCHEMA: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS answers (request TEXT PRIMARY KEY, fetched_ms INTEGER NOT NULL, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS quotes (symbol TEXT PRIMARY KEY, time_ms INTEGER NOT NULL, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS parcels (id INTEGER PRIMARY KEY AUTOINCREMENT, symbol TEXT NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS names (symbol TEXT PRIMARY KEY, name TEXT NOT NULL, told_ms INTEGER NOT NULL)",
];

/// The Scheduler's tables. Statements without an `await` between them are one
/// transaction, and nothing leaves the object before it lasts.
#[derive(Debug)]
pub struct Store {
    sql: SqlStorage,
}

/// An answer of the vendor, as JSON.
#[derive(Clone, Debug, Deserialize)]
pub struct Kept {
    pub fetched_ms: i64,
    pub json: String,
}

/// Prices for a Feed.
#[derive(Debug, Deserialize)]
pub struct Parcel {
    pub id: i64,
    pub symbol: Symbol,
    pub json: String,
}

/// The last price of a symbol.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LastPrice {
    pub price: f64,
    pub time_ms: i64,
    pub origin: Origin,
    #[serde(default)]
    pub simulated: bool,
}

/// A symbol that the vendor knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    pub symbol: Symbol,
    pub name: String,
}

#[derive(Deserialize)]
struct LastRow {
    symbol: Symbol,
    json: String,
}

#[derive(Deserialize)]
struct Json {
    json: String,
}

impl Store {
    pub fn open(storage: &Storage) -> Result<Self, EdgeError> {
        let store = Self { sql: storage.sql() };
        for statement in SCHEMA {
            store.sql.exec(statement, None)?;
        }
        Ok(store)
    }

    /// The state as last saved. One that does not parse is of another version: what it
    /// had spent is unknown, and so counts as the whole day.
    pub fn state(&self, config: &budget::Config) -> Result<Option<budget::State>, EdgeError> {
        let rows: Vec<Json> = self.sql.exec("SELECT json FROM state", None)?.to_array()?;
        Ok(rows.first().map(|row| {
            serde_json::from_str(&row.json).unwrap_or_else(|error| {
                crate::console::warn(format_args!(
                    "the Scheduler's state does not parse and begins anew: {error}"
                ));
                budget::State::lost(config)
            })
        }))
    }

    pub fn save(&self, state: &budget::State) -> Result<(), EdgeError> {
        let json = serde_json::to_string(state)?;
        self.sql.exec("INSERT OR REPLACE INTO state VALUES (1, ?)", vec![json.into()])?;
        Ok(())
    }

    pub fn answer(&self, request: &budget::Request) -> Result<Option<Kept>, EdgeError> {
        let query = "SELECT fetched_ms, json FROM answers WHERE request = ?";
        let rows: Vec<Kept> = self.sql.exec(query, vec![request.to_string().into()])?.to_array()?;
        Ok(rows.into_iter().next())
    }

    pub fn keep(&self, request: &budget::Request, fetched_ms: i64, json: &str) -> Result<(), EdgeError> {
        let row = vec![request.to_string().into(), fetched_ms.into(), json.to_owned().into()];
        self.sql.exec("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", row)?;
        let prune = "DELETE FROM answers WHERE request NOT IN \
                     (SELECT request FROM answers ORDER BY fetched_ms DESC LIMIT ?)";
        self.sql.exec(prune, vec![MAX_ANSWERS.into()])?;
        Ok(())
    }

    /// Keeps prices until their Feed has them. Of quotes the newest is enough, and of
    /// histories the newest that reaches as far back as the one it replaces.
    pub fn post(&self, symbol: &Symbol, ingest: &Ingest) -> Result<(), EdgeError> {
        let (kind, size) = match (ingest.daily.len(), ingest.minutes.len()) {
            (0, 0) => ("quote", 0),
            (0, minutes) => ("minutes", minutes),
            (days, _) => ("days", days),
        };
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let replaced = vec![symbol.to_string().into(), kind.into(), size.into()];
        self.sql.exec("DELETE FROM parcels WHERE symbol = ? AND kind = ? AND size <= ?", replaced)?;
        let json = serde_json::to_string(ingest)?;
        let row = vec![symbol.to_string().into(), kind.into(), size.into(), json.into()];
        self.sql.exec("INSERT INTO parcels (symbol, kind, size, json) VALUES (?, ?, ?, ?)", row)?;
        Ok(())
    }

    /// Remembers names that the vendor has told.
    pub fn keep_names(&self, told: &[Named], told_ms: i64) -> Result<(), EdgeError> {
        for Named { symbol, name } in told {
            let row = vec![symbol.to_string().into(), name.clone().into(), told_ms.into()];
            self.sql.exec("INSERT OR REPLACE INTO names VALUES (?, ?, ?)", row)?;
        }
        let prune =
            "DELETE FROM names WHERE symbol NOT IN (SELECT symbol FROM names ORDER BY told_ms DESC LIMIT ?)";
        if !told.is_empty() {
            self.sql.exec(prune, vec![MAX_NAMES.into()])?;
        }
        Ok(())
    }

    /// The name of a symbol; `None` when the vendor has never told of it.
    pub fn name(&self, symbol: &Symbol) -> Result<Option<String>, EdgeError> {
        let query = "SELECT symbol, name FROM names WHERE symbol = ?";
        let rows: Vec<Named> = self.sql.exec(query, vec![symbol.to_string().into()])?.to_array()?;
        Ok(rows.into_iter().next().map(|row| row.name))
    }

    /// Remembers the last price of a symbol; older ones change nothing.
    pub fn set_last(&self, symbol: &Symbol, last: &LastPrice) -> Result<(), EdgeError> {
        let upsert = "INSERT INTO quotes VALUES (?, ?, ?) ON CONFLICT (symbol) DO UPDATE \
                      SET time_ms = excluded.time_ms, json = excluded.json WHERE excluded.time_ms >= time_ms";
        let row = vec![symbol.to_string().into(), last.time_ms.into(), serde_json::to_string(last)?.into()];
        self.sql.exec(upsert, row)?;
        Ok(())
    }

    pub fn last_prices(&self) -> Result<BTreeMap<Symbol, LastPrice>, EdgeError> {
        let rows: Vec<LastRow> = self.sql.exec("SELECT symbol, json FROM quotes", None)?.to_array()?;
        rows.into_iter().map(|row| Ok((row.symbol, serde_json::from_str(&row.json)?))).collect()
    }

    /// The first few parcels after one: whole histories are large.
    pub fn parcels(&self, after: i64) -> Result<Vec<Parcel>, EdgeError> {
        let query = "SELECT id, symbol, json FROM parcels WHERE id > ? ORDER BY id LIMIT 10";
        Ok(self.sql.exec(query, vec![after.into()])?.to_array()?)
    }

    pub fn delivered(&self, id: i64) -> Result<(), EdgeError> {
        self.sql.exec("DELETE FROM parcels WHERE id = ?", vec![id.into()])?;
        Ok(())
    }
}
