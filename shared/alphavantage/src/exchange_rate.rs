use tickwise_market::Symbol;

use crate::{ExchangeTime, Failure, Zone, json::Json, parse::check_symbol, value};

/// What one unit of a currency costs in another.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeRate {
    /// Code of the currency that is priced.
    pub from: Symbol,
    /// Code of the currency of the price.
    pub to: Symbol,
    /// Units of `to` for one of `from`.
    pub rate: f64,
    /// As of when.
    pub last_refreshed: ExchangeTime,
    /// Best price to sell at.
    pub bid: Option<f64>,
    /// Best price to buy at.
    pub ask: Option<f64>,
}

impl ExchangeRate {
    pub(crate) fn from_json(json: &Json<'_>, from: &Symbol, to: &Symbol) -> Result<Self, Failure> {
        let name = "Realtime Currency Exchange Rate";
        let container = json.entries().iter().find(|(key, _)| key.starts_with(name));
        let (_, rate) = container.ok_or_else(|| Failure::malformed(format!("no {name}")))?;
        if rate.entries().is_empty() {
            return Err(Failure::UnknownSymbol);
        }
        let text = |name: &str| rate.labelled(name).and_then(Json::as_text);
        let price = |name: &str| rate.labelled(name).map_or(Ok(None), Json::number).map(value::price);
        check_symbol(text("From_Currency Code"), from)?;
        check_symbol(text("To_Currency Code"), to)?;
        let zone = text("Time Zone").map_or(Ok(Zone::UTC), Zone::parse)?;
        Ok(Self {
            from: from.clone(),
            to: to.clone(),
            rate: price("Exchange Rate")?.ok_or_else(|| Failure::malformed("no rate"))?,
            last_refreshed: zone.time(text("Last Refreshed").unwrap_or_default())?,
            bid: price("Bid Price")?,
            ask: price("Ask Price")?,
        })
    }
}
