use tickwise_market::Symbol;

use crate::{Failure, csv_table::Table, json::Json, value};

/// A symbol found by its name or code. Other functions need not know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Symbol.
    pub symbol: Symbol,
    /// Company or fund.
    pub name: String,
    /// `Equity`, `ETF`, `Mutual Fund`.
    pub kind: String,
    /// `United States`.
    pub region: String,
    /// ISO code; London quotes pence as `GBX`.
    pub currency: String,
    /// 0 to 1, the larger the better.
    pub score: f64,
}

impl Match {
    pub(crate) fn from_json(json: &Json<'_>) -> Result<Vec<Self>, Failure> {
        let matches = json.get("bestMatches").ok_or_else(|| Failure::malformed("no bestMatches"))?;
        let found = matches.list("bestMatches")?.iter();
        let found = found.map(|row| Self::from_fields(|name| row.labelled(name).and_then(Json::as_text)));
        found.filter_map(Result::transpose).collect()
    }

    pub(crate) fn from_csv(table: &Table) -> Result<Vec<Self>, Failure> {
        table.column("symbol")?;
        let found = table.rows.iter().map(|row| Self::from_fields(|name| row.get(table.column(name).ok()?)));
        found.filter_map(Result::transpose).collect()
    }

    /// None when it has a symbol that no other function would take.
    fn from_fields<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Result<Option<Self>, Failure> {
        let Some(symbol) = text("symbol").and_then(|text| text.parse().ok()) else { return Ok(None) };
        let owned = |name| text(name).and_then(value::text).unwrap_or_default();
        Ok(Some(Self {
            symbol,
            name: owned("name"),
            kind: owned("type"),
            region: owned("region"),
            currency: owned("currency"),
            score: text("matchScore").map_or(Ok(None), value::number)?.unwrap_or(0.0),
        }))
    }
}
