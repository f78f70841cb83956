use jiff::civil::Date;
use tickwise_market::Symbol;

use crate::{Failure, csv_table::Table, json::Json, parse::check_symbol, series::delay_minutes, value};

/// The last price of a symbol. Says of which day, not at what time; without
/// entitlement it may be the last close or fresher.
#[derive(Clone, Debug, PartialEq)]
pub struct GlobalQuote {
    /// Symbol.
    pub symbol: Symbol,
    /// Open of the day.
    pub open: Option<f64>,
    /// High of the day.
    pub high: Option<f64>,
    /// Low of the day.
    pub low: Option<f64>,
    /// Last price, in the quote currency; pence in London.
    pub price: f64,
    /// Units traded in the day.
    pub volume: Option<f64>,
    /// The day, in the exchange's calendar.
    pub latest_trading_day: Date,
    /// Close of the day before.
    pub previous_close: Option<f64>,
    /// Price less previous close.
    pub change: Option<f64>,
    /// The same in percent.
    pub change_percent: Option<f64>,
    /// How many minutes late it is, where the answer says so.
    pub delay_minutes: Option<u32>,
}

impl GlobalQuote {
    pub(crate) fn from_json(json: &Json<'_>, symbol: &Symbol) -> Result<Self, Failure> {
        // Delayed answers decorate the name.
        let container = json.entries().iter().find(|(key, _)| key.starts_with("Global Quote"));
        let Some((name, quote)) = container else { return Err(Failure::malformed("no Global Quote")) };
        if quote.entries().is_empty() {
            return Err(Failure::UnknownSymbol);
        }
        let text = |name: &str| quote.labelled(name).and_then(Json::as_text);
        let number = |name: &str| quote.labelled(name).map_or(Ok(None), Json::number);
        Self::from_fields(symbol, delay_minutes(name), text, number)
    }

    pub(crate) fn from_csv(table: &Table, symbol: &Symbol) -> Result<Self, Failure> {
        let Some(row) = table.rows.first() else { return Err(Failure::UnknownSymbol) };
        let text = |name: &str| {
            let column = match name {
                "latest trading day" => "latestDay",
                "previous close" => "previousClose",
                "change percent" => "changePercent",
                name => name,
            };
            row.get(table.column(column).ok()?)
        };
        let number = |name: &str| text(name).map_or(Ok(None), value::number);
        Self::from_fields(symbol, None, text, number)
    }

    fn from_fields<'a>(
        symbol: &Symbol,
        delay_minutes: Option<u32>,
        text: impl Fn(&str) -> Option<&'a str>,
        number: impl Fn(&str) -> Result<Option<f64>, Failure>,
    ) -> Result<Self, Failure> {
        check_symbol(text("symbol"), symbol)?;
        let price_of = |name| number(name).map(value::price);
        let day = text("latest trading day").map_or(Ok(None), value::date)?;
        let (Some(price), Some(latest_trading_day)) = (price_of("price")?, day) else {
            return Err(Failure::malformed("a quote without price or day"));
        };
        Ok(Self {
            symbol: symbol.clone(),
            open: price_of("open")?,
            high: price_of("high")?,
            low: price_of("low")?,
            price,
            volume: number("volume")?,
            latest_trading_day,
            previous_close: price_of("previous close")?,
            change: number("change")?,
            change_percent: number("change percent")?,
            delay_minutes,
        })
    }
}
