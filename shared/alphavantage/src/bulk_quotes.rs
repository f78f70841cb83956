use thiserror::Error;
use tickwise_market::Symbol;

use crate::{
    ExchangeTime, Failure, Zone,
    csv_table::Table,
    json::{Fields, Json},
    value,
};

/// 1 to [`BulkSymbols::MAX`] symbols, each once: the provider silently drops
/// what is beyond.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BulkSymbols(Vec<Symbol>);

/// Too many symbols for one request, or none. Retrying does not help.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("bulk quotes take 1 to {} symbols", BulkSymbols::MAX)]
pub struct TooManySymbols;

impl BulkSymbols {
    /// The most symbols of one request.
    pub const MAX: usize = 100;

    /// Sorts them and leaves out repetitions.
    ///
    /// # Errors
    /// None, or more than [`BulkSymbols::MAX`].
    pub fn new(mut symbols: Vec<Symbol>) -> Result<Self, TooManySymbols> {
        symbols.sort();
        symbols.dedup();
        if (1..=Self::MAX).contains(&symbols.len()) { Ok(Self(symbols)) } else { Err(TooManySymbols) }
    }

    /// The symbols.
    pub fn as_slice(&self) -> &[Symbol] {
        &self.0
    }

    pub(crate) fn joined(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(Symbol::as_str).collect();
        names.join(",")
    }
}

/// One of many quotes.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkQuote {
    /// Symbol.
    pub symbol: Symbol,
    /// When, by the clocks of New York.
    pub time: ExchangeTime,
    /// Open of the session.
    pub open: Option<f64>,
    /// High of the session.
    pub high: Option<f64>,
    /// Low of the session.
    pub low: Option<f64>,
    /// Last price of the regular session; none before it opens.
    pub close: Option<f64>,
    /// Shares traded.
    pub volume: Option<f64>,
    /// Close of the session before.
    pub previous_close: Option<f64>,
    /// Last price before or after the regular session.
    pub extended_hours: Option<f64>,
}

impl BulkQuote {
    pub(crate) fn from_json(json: &Json<'_>, asked: &BulkSymbols) -> Result<Vec<Self>, Failure> {
        let rows = json.get("data").ok_or_else(|| Failure::malformed("no data"))?.list("data")?;
        let quotes = rows.iter().map(|row| {
            let text = |key: &str| row.get(key).and_then(Json::as_text);
            Self::from_fields(asked, text, |key| row.number_of(key))
        });
        quotes.filter_map(Result::transpose).collect()
    }

    pub(crate) fn from_csv(table: &Table, asked: &BulkSymbols) -> Result<Vec<Self>, Failure> {
        let quotes = table.rows.iter().map(|row| {
            let text = |key: &str| row.get(table.column(key).ok()?);
            Self::from_fields(asked, text, |key| text(key).map_or(Ok(None), value::number))
        });
        quotes.filter_map(Result::transpose).collect()
    }

    /// None for a symbol that nobody asked for.
    fn from_fields<'a>(
        asked: &BulkSymbols,
        text: impl Fn(&str) -> Option<&'a str>,
        number: impl Fn(&str) -> Result<Option<f64>, Failure>,
    ) -> Result<Option<Self>, Failure> {
        let name = text("symbol").ok_or_else(|| Failure::malformed("a quote without symbol"))?;
        let Some(symbol) = asked.as_slice().iter().find(|s| s.as_str().eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        let price_of = |name| number(name).map(value::price);
        let timestamp = text("timestamp").ok_or_else(|| Failure::malformed("a quote without time"))?;
        Ok(Some(Self {
            symbol: symbol.clone(),
            time: Zone::UsEastern.time(timestamp)?,
            open: price_of("open")?,
            high: price_of("high")?,
            low: price_of("low")?,
            close: price_of("close")?,
            volume: number("volume")?,
            previous_close: price_of("previous_close")?,
            extended_hours: price_of("extended_hours_quote")?,
        }))
    }
}
