//! Bodies of the REST API that tell of the live source: what it spends, what it
//! knows, and what it answers beyond prices.

use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;

use crate::Origin;

/// `GET /api/v1/status`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceStatus {
    /// `replay` or `live`.
    pub source: String,
    /// The server's time.
    pub now_ms: i64,
    /// When the exchange trades.
    pub market: MarketHours,
    /// The live source; none in a replay.
    pub live: Option<LiveStatus>,
}

/// `GET /api/v1/market`: the New York Stock Exchange, by its calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MarketHours {
    /// Whether it trades now.
    pub open: bool,
    /// When that changes.
    pub changes_ms: Option<i64>,
    /// The running session, or the next: `YYYY-MM-DD`.
    pub session: Option<String>,
}

/// What the live source spends and knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LiveStatus {
    /// A simulator plays the vendor: no price is real.
    #[serde(default)]
    pub simulated: bool,
    /// The key's plan, such as `free`.
    pub plan: String,
    /// `none`: prices of the last close; `delayed`: by 15 minutes; `realtime`.
    pub entitlement: String,
    /// Requests.
    pub budget: Budget,
    /// The next request.
    pub next: NextRequest,
    /// What fails now.
    pub circuits: Vec<CircuitStatus>,
    /// One entry a symbol.
    pub symbols: Vec<SymbolStatus>,
}

/// Requests of the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Budget {
    /// A day; none without a daily limit.
    pub per_day: Option<u32>,
    /// A minute.
    pub per_minute: Option<u32>,
    /// Left today; two a day are never spent.
    pub left: Option<u32>,
    /// Sent in the current UTC day.
    pub sent_utc: u32,
    /// Sent in the current New York day.
    pub sent_new_york: u32,
    /// When both days will have turned.
    pub resets_ms: i64,
}

/// What is asked for next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextRequest {
    /// What; none while there is nothing to fetch.
    pub request: Option<String>,
    /// When.
    pub at_ms: i64,
    /// Why not now: `due`, `up_to_date`, `paced`, `budget_spent`, `circuit_open`, `clock_unknown`.
    pub reason: String,
}

/// Failures of one class, since its last success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CircuitStatus {
    /// `upstream`, `malformed`, `key` or `refused`.
    pub class: String,
    /// Nothing is sent.
    pub open: bool,
    /// Until then, where it is open.
    pub until_ms: i64,
    /// In a row.
    pub failures: u32,
    /// The last one.
    pub detail: String,
}

/// What is known of a symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SymbolStatus {
    /// Symbol.
    pub symbol: Symbol,
    /// Sockets that follow it, as last reported.
    pub viewers: u32,
    /// The last price; none before the first.
    pub price: Option<f64>,
    /// How fresh it was when it came.
    pub origin: Option<Origin>,
    /// The exchange's time of the last price.
    pub exchange_time_ms: Option<i64>,
    /// Time since then.
    pub age_ms: Option<i64>,
    /// Time since the vendor last answered for it.
    pub asked_ms: Option<i64>,
    /// Failures or stale answers in a row.
    pub failures: u32,
}

/// `GET /api/v1/movers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Movers {
    /// As of when, by the vendor.
    pub updated_ms: i64,
    /// Largest gains first.
    pub gainers: Vec<Mover>,
    /// Largest losses first.
    pub losers: Vec<Mover>,
    /// Largest volumes first.
    pub most_active: Vec<Mover>,
}

/// One of [`Movers`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mover {
    /// Symbol.
    pub symbol: Symbol,
    /// Dollars.
    pub price: f64,
    /// Against the close before, in percent.
    pub change_percent: Option<f64>,
    /// Shares.
    pub volume: Option<f64>,
}

/// One result of `GET /api/v1/search?q=`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found {
    /// Symbol.
    pub symbol: Symbol,
    /// Company or fund.
    pub name: String,
    /// `Equity`, `ETF`, …
    pub kind: String,
    /// Country.
    pub region: String,
    /// ISO code.
    pub currency: String,
}

/// `GET /api/v1/stocks/{symbol}/overview`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overview {
    /// Symbol.
    pub symbol: Symbol,
    /// Company.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Exchange.
    pub exchange: Option<String>,
    /// ISO code.
    pub currency: Option<String>,
    /// Sector.
    pub sector: Option<String>,
    /// Industry.
    pub industry: Option<String>,
    /// In the currency.
    pub market_capitalization: Option<f64>,
    /// Price to earnings.
    pub pe_ratio: Option<f64>,
    /// Earnings per share.
    pub eps: Option<f64>,
    /// A fraction: 0.03 is 3 %.
    pub dividend_yield: Option<f64>,
    /// Against the market.
    pub beta: Option<f64>,
    /// Price.
    pub high_52_weeks: Option<f64>,
    /// Price.
    pub low_52_weeks: Option<f64>,
    /// Shares.
    pub shares_outstanding: Option<f64>,
}

/// One article of `GET /api/v1/stocks/{symbol}/news`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Article {
    /// Headline.
    pub title: String,
    /// Where it can be read: `http` or `https`.
    pub url: String,
    /// When it was published.
    pub published_ms: i64,
    /// Publisher.
    pub source: String,
    /// A few sentences.
    pub summary: String,
    /// From -1 (bearish) to 1 (bullish), by the vendor.
    pub sentiment: Option<f64>,
}

/// What a search, an overview, news or movers answer: the vendor's data and when
/// they were fetched. Old ones are better than none, where the budget is spent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Fetched{T}"))]
pub struct Fetched<T> {
    /// When the vendor answered.
    pub fetched_ms: i64,
    /// Older than it would be if the budget allowed.
    pub stale: bool,
    /// What it answered.
    pub data: T,
}
