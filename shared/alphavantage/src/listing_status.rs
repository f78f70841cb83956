use jiff::civil::Date;
use tickwise_market::Symbol;

use crate::{Failure, csv_table::Table, value};

/// Which listings to ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ListingState {
    /// Traded.
    #[default]
    Active,
    /// No longer traded.
    Delisted,
}

impl ListingState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Delisted => "delisted",
        }
    }
}

/// A stock or fund of a US exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Symbol.
    pub symbol: Symbol,
    /// Company or fund.
    pub name: String,
    /// `NASDAQ`, `NYSE`, `NYSE ARCA`, …
    pub exchange: String,
    /// A fund and not a stock.
    pub is_etf: bool,
    /// First trading day.
    pub ipo_date: Option<Date>,
    /// Last trading day.
    pub delisting_date: Option<Date>,
}

impl Listing {
    /// Rows without a symbol, or with one that no function would take, are left out.
    pub(crate) fn from_csv(table: &Table) -> Result<Vec<Self>, Failure> {
        let names = ["symbol", "name", "exchange", "assetType", "ipoDate", "delistingDate"];
        let mut columns = [0; 6];
        for (column, name) in columns.iter_mut().zip(names) {
            *column = table.column(name)?;
        }
        let listing = |row: &csv::StringRecord| {
            let [symbol, name, exchange, asset, ipo, delisting] =
                columns.map(|column| row.get(column).unwrap_or_default());
            let Ok(symbol) = symbol.parse() else { return Ok(None) };
            Ok(Some(Self {
                symbol,
                name: value::text(name).unwrap_or_default(),
                exchange: exchange.to_owned(),
                is_etf: asset == "ETF",
                ipo_date: value::date(ipo)?,
                delisting_date: value::date(delisting)?,
            }))
        };
        let listings: Vec<Self> =
            table.rows.iter().map(listing).filter_map(Result::transpose).collect::<Result<_, _>>()?;
        if listings.is_empty() { Err(Failure::NothingFound) } else { Ok(listings) }
    }
}
