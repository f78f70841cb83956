//! The record of a symbol's forecasts in its Feed's SQLite.

use serde::Deserialize;
use tickwise_market::{Bar, Calendar, Symbol};
use tickwise_protocol::{HORIZON_DAYS, rest::Forecast};
use tickwise_record::{
    Anchor, DayReturn, Entry, Hash, MAX_ENTRIES, Record as Answer, naive_quantiles, rounded,
};
use worker::{SqlStorage, SqlStorageValue, Storage};

use crate::error::EdgeError;

/// A new entry looks back on these for closes and repetitions.
const RECENT: usize = 32;

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS forecasts (number INTEGER PRIMARY KEY, entry TEXT NOT NULL)";

/// The chain of entries. What one call writes lasts or fails as a whole.
#[derive(Debug)]
pub struct Record {
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct Row {
    entry: String,
}

impl Record {
    /// Opens it, creating its table where it is missing.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn open(storage: &Storage) -> Result<Self, EdgeError> {
        let record = Self { sql: storage.sql() };
        record.sql.exec(SCHEMA, None)?;
        Ok(record)
    }

    /// Writes a forecast that is about to be issued, unless it was written before.
    /// `bars` are the closed days, adjusted for splits and dividends, that it is from.
    ///
    /// # Errors
    /// When the platform fails, or what is stored is damaged; the forecast must
    /// then not be issued.
    pub fn write(&self, forecast: &Forecast, bars: &[Bar], now_ms: i64) -> Result<(), EdgeError> {
        let recent = self.newest(RECENT)?;
        let head = recent.last().map_or((0, Hash::ZERO), |last| (last.number, last.hash()));
        let entry = Entry {
            number: 0,
            previous: Hash::ZERO,
            symbol: forecast.symbol.clone(),
            // A clock set back must not make the chain look as if it had been reordered.
            issued_ms: recent.last().map_or(now_ms, |last| now_ms.max(last.issued_ms)),
            origin: forecast.origin.clone(),
            origin_date: forecast.origin_date,
            origin_close: rounded(forecast.origin_close),
            model: forecast.model.clone(),
            in_sample: forecast.in_sample,
            levels: forecast.levels.clone(),
            quantiles: forecast.quantiles.clone(),
            naive: Vec::new(),
            closes: Vec::new(),
        };
        if recent.iter().any(|known| known.repeats(&entry)) {
            return Ok(());
        }
        let naive = naive_quantiles(bars, &entry.levels, HORIZON_DAYS);
        let entry = Entry { naive, ..entry }.after(&recent, head, &day_returns(bars));
        let number = i64::try_from(entry.number).unwrap_or(i64::MAX);
        self.sql.exec(
            "INSERT INTO forecasts VALUES (?, ?)",
            vec![SqlStorageValue::Integer(number), hex(&entry.to_bytes()).into()],
        )?;
        // One more than is told: its hash is the anchor.
        let oldest = number.saturating_sub(i64::try_from(MAX_ENTRIES).unwrap_or(i64::MAX));
        self.sql.exec("DELETE FROM forecasts WHERE number < ?", vec![SqlStorageValue::Integer(oldest)])?;
        Ok(())
    }

    /// The newest `limit` entries with their outcomes, and the summaries of all kept.
    ///
    /// # Errors
    /// When the platform fails, or what is stored is damaged.
    pub fn answer(&self, symbol: Symbol, limit: usize) -> Result<Answer, EdgeError> {
        let mut kept = self.newest(MAX_ENTRIES + 1)?;
        let anchor = match kept.first() {
            Some(first) if first.number > 1 => {
                let anchor = Anchor { number: first.number, hash: first.hash() };
                kept.remove(0);
                anchor
            }
            _ => Anchor::default(),
        };
        Ok(Answer::new(symbol, anchor, kept, limit))
    }

    /// Oldest first.
    fn newest(&self, limit: usize) -> Result<Vec<Entry>, EdgeError> {
        let limit = SqlStorageValue::Integer(i64::try_from(limit).unwrap_or(i64::MAX));
        let query = "SELECT entry FROM forecasts ORDER BY number DESC LIMIT ?";
        let rows: Vec<Row> = self.sql.exec(query, vec![limit])?.to_array()?;
        let damaged = || EdgeError::Recording("the forecast record is damaged".into());
        rows.iter()
            .rev()
            .map(|row| Entry::from_bytes(&unhex(&row.entry).ok_or_else(damaged)?).map_err(|_| damaged()))
            .collect()
    }
}

/// The newest days' log returns.
fn day_returns(bars: &[Bar]) -> Vec<DayReturn> {
    let bars = bars.get(bars.len().saturating_sub(MAX_ENTRIES)..).unwrap_or(bars);
    let pairs = bars.iter().zip(bars.iter().skip(1));
    let day = |(before, bar): (&Bar, &Bar)| {
        let date = Calendar::Nyse.date_at(bar.time_ms)?;
        Some(DayReturn { date, log_return: rounded((bar.close / before.close).ln()) })
    };
    pairs.filter_map(day).collect()
}

/// As text: rows with bytes cannot be read through serde.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or_default() as char;
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(value(high)? * 16 + value(low)?).ok(),
            _ => None,
        })
        .collect()
}
