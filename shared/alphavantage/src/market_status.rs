use jiff::civil::Time;

use crate::{
    Failure,
    json::{Fields, Json},
    value,
};

/// Whether the exchanges of a region are open. Knows no holidays in advance and
/// gives the US close as 16:15.
#[derive(Clone, Debug, PartialEq)]
pub struct MarketStatus {
    /// `Equity`, `Forex`, `Cryptocurrency`.
    pub kind: String,
    /// `United States`, `Global`.
    pub region: String,
    /// `NASDAQ, NYSE, AMEX, BATS`.
    pub exchanges: String,
    /// Opening by local clocks.
    pub local_open: Option<Time>,
    /// Closing by local clocks.
    pub local_close: Option<Time>,
    /// Open when asked.
    pub is_open: bool,
}

impl MarketStatus {
    pub(crate) fn from_json(json: &Json<'_>) -> Result<Vec<Self>, Failure> {
        let markets = json.get("markets").ok_or_else(|| Failure::malformed("no markets"))?;
        markets.list("markets")?.iter().map(Self::from_row).collect()
    }

    fn from_row(row: &Json<'_>) -> Result<Self, Failure> {
        let text = |key: &str| row.text_of(key).unwrap_or_default();
        let is_open = match text("current_status").to_ascii_lowercase().as_str() {
            "open" => true,
            "closed" => false,
            other => return Err(value::not_a("market status", other)),
        };
        Ok(Self {
            kind: text("market_type"),
            region: text("region"),
            exchanges: text("primary_exchanges"),
            local_open: value::clock_time(&text("local_open")),
            local_close: value::clock_time(&text("local_close")),
            is_open,
        })
    }
}
