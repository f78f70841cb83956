use std::fmt;

use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;

/// The most symbols in one request for bulk quotes.
pub const BULK_SYMBOLS: usize = 100;

/// What the vendor is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Request {
    /// The day's movers: sixty closing prices at once.
    Movers,
    /// The last price of one symbol.
    Quote {
        /// Symbol.
        symbol: Symbol,
    },
    /// The last prices of up to [`BULK_SYMBOLS`].
    BulkQuotes {
        /// Symbols.
        symbols: Vec<Symbol>,
    },
    /// Daily bars: the last one is a quote too.
    Daily {
        /// Symbol.
        symbol: Symbol,
        /// Which of the vendor's series.
        series: Series,
    },
    /// Symbols by name.
    Search {
        /// What is searched for.
        keywords: String,
    },
    /// A company's key figures.
    Overview {
        /// Symbol.
        symbol: Symbol,
    },
    /// The latest news of a symbol, or of all.
    News {
        /// Symbol.
        symbol: Option<Symbol>,
    },
}

/// The vendor's daily series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Series {
    /// The last hundred days as traded.
    Compact,
    /// The last hundred days, with adjusted closes.
    AdjustedCompact,
    /// All days, with adjusted closes.
    AdjustedFull,
}

/// What a plan may not include.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Movers.
    Movers,
    /// Single quotes.
    Quote,
    /// Bulk quotes.
    BulkQuotes,
    /// Daily bars as traded.
    Daily,
    /// Daily bars with adjusted closes.
    DailyAdjusted,
    /// Search.
    Search,
    /// Overview.
    Overview,
    /// News.
    News,
}

impl Request {
    /// The function it calls.
    pub fn function(&self) -> Function {
        match self {
            Self::Movers => Function::Movers,
            Self::Quote { .. } => Function::Quote,
            Self::BulkQuotes { .. } => Function::BulkQuotes,
            Self::Daily { series: Series::Compact, .. } => Function::Daily,
            Self::Daily { .. } => Function::DailyAdjusted,
            Self::Search { .. } => Function::Search,
            Self::Overview { .. } => Function::Overview,
            Self::News { .. } => Function::News,
        }
    }

    /// The symbols it is about.
    pub fn about(&self) -> &[Symbol] {
        match self {
            Self::Overview { symbol } | Self::News { symbol: Some(symbol) } => std::slice::from_ref(symbol),
            priced => priced.symbols(),
        }
    }

    /// The symbols whose prices it brings.
    pub fn symbols(&self) -> &[Symbol] {
        match self {
            Self::Quote { symbol } | Self::Daily { symbol, .. } => std::slice::from_ref(symbol),
            Self::BulkQuotes { symbols } => symbols,
            _ => &[],
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Movers => f.write_str("movers"),
            Self::Quote { symbol } => write!(f, "quote {symbol}"),
            Self::BulkQuotes { symbols } => write!(f, "{} quotes", symbols.len()),
            Self::Daily { symbol, series: Series::AdjustedFull } => write!(f, "all days {symbol}"),
            Self::Daily { symbol, .. } => write!(f, "days {symbol}"),
            Self::Search { keywords } => write!(f, "search {keywords}"),
            Self::Overview { symbol } => write!(f, "overview {symbol}"),
            Self::News { symbol: Some(symbol) } => write!(f, "news {symbol}"),
            Self::News { symbol: None } => f.write_str("news"),
        }
    }
}
