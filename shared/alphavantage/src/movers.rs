use tickwise_market::Symbol;

use crate::{
    ExchangeTime, Failure, Zone,
    json::{Fields, Json},
    value,
};

/// The largest moves of the US market in a session: up to sixty quotes.
#[derive(Clone, Debug, PartialEq)]
pub struct Movers {
    /// As of when.
    pub last_updated: ExchangeTime,
    /// Largest gains first.
    pub gainers: Vec<Mover>,
    /// Largest losses first.
    pub losers: Vec<Mover>,
    /// Largest volumes first.
    pub most_active: Vec<Mover>,
}

/// One of them. Many are warrants.
#[derive(Clone, Debug, PartialEq)]
pub struct Mover {
    /// Symbol.
    pub symbol: Symbol,
    /// Last price in dollars.
    pub price: f64,
    /// Against the close before, in dollars.
    pub change: Option<f64>,
    /// The same in percent.
    pub change_percent: Option<f64>,
    /// Shares.
    pub volume: Option<f64>,
}

impl Movers {
    pub(crate) fn from_json(json: &Json<'_>) -> Result<Self, Failure> {
        let rows = |key: &str| -> Result<Vec<Mover>, Failure> {
            let list = json.get(key).ok_or_else(|| Failure::malformed(format!("no {key}")))?.list(key)?;
            list.iter().map(Mover::from_row).filter_map(Result::transpose).collect()
        };
        // "2030-01-02 16:16:00 US/Eastern"
        let updated = json.text_of("last_updated").unwrap_or_default();
        let (time, zone) = updated.rsplit_once(' ').ok_or_else(|| value::not_a("time", &updated))?;
        Ok(Self {
            last_updated: Zone::parse(zone)?.time(time)?,
            gainers: rows("top_gainers")?,
            losers: rows("top_losers")?,
            most_active: rows("most_actively_traded")?,
        })
    }
}

impl Mover {
    /// None for a code that is no symbol, as of some rights and units, or without a price.
    fn from_row(row: &Json<'_>) -> Result<Option<Self>, Failure> {
        let symbol = row.get("ticker").and_then(Json::as_text).and_then(|text| text.parse().ok());
        let Some((symbol, price)) = symbol.zip(value::price(row.number_of("price")?)) else {
            return Ok(None);
        };
        Ok(Some(Self {
            symbol,
            price,
            change: row.number_of("change_amount")?,
            change_percent: row.number_of("change_percentage")?,
            volume: row.number_of("volume")?,
        }))
    }
}
