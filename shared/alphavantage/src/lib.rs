//! The Alpha Vantage HTTP API as data: typed requests ([`Request`]), and a pure
//! parser ([`parse`]) from an HTTP answer to a typed [`Reply`] or [`Failure`].
//!
//! Who sends the request is someone else's business: the edge by `fetch`, the
//! command line by a native client.
//!
//! The provider answers almost everything with status 200, so the body decides.
//! A refusal may be an `Error Message`, a `Note`, an `Information`, an empty
//! object, CSV with one letter a column, or plausible rows that are artificial;
//! each becomes a [`Failure`] that says whether and when to ask again. Values
//! spelled `None`, `-`, `null` or nothing are missing, never zero.
//!
//! ```
//! use tickwise_alphavantage::{Failure, Function, Request, Retry, parse};
//!
//! let request = Request::new(Function::GlobalQuote { symbol: "IBM".parse()? });
//! let body = "{\"Information\": \"Please consider spreading out your \
//!     free API requests more sparingly (1 request per second). You may subscribe to any of the premium plans ...\"}";
//! let failure = parse(&request, 200, "application/json", body.as_bytes()).unwrap_err();
//! assert_eq!(failure, Failure::PerSecondLimit);
//! assert_eq!(failure.retry(), Retry::AfterMs(2_000));
//! # Ok::<(), tickwise_market::InvalidSymbol>(())
//! ```

mod bulk_quotes;
mod classify;
mod csv_table;
mod earnings;
mod exchange_rate;
mod exchange_time;
mod failure;
mod global_quote;
mod json;
mod key;
mod listing_status;
mod market_status;
mod movers;
mod news;
mod overview;
mod parse;
mod redact;
mod request;
mod series;
mod symbol_search;
mod value;

pub use bulk_quotes::{BulkQuote, BulkSymbols, TooManySymbols};
pub use earnings::{AnnualEarnings, Earnings, QuarterlyEarnings, ReportTime};
pub use exchange_rate::ExchangeRate;
pub use exchange_time::{ExchangeTime, Zone};
pub use failure::{Failure, FailureClass, Retry};
pub use global_quote::GlobalQuote;
pub use key::{ApiKey, InvalidKey, SecretUrl};
pub use listing_status::{Listing, ListingState};
pub use market_status::MarketStatus;
pub use movers::{Mover, Movers};
pub use news::{Article, News, NewsQuery, NewsSort, NewsTicker, TickerSentiment, Topic};
pub use overview::Overview;
pub use parse::{MAX_BODY_BYTES, Reply, parse};
pub use request::{Entitlement, Format, Function, IntradayInterval, Month, OutputSize, Request};
pub use series::{Series, SeriesRow};
pub use symbol_search::Match;
