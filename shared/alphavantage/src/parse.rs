use crate::{
    BulkQuote, Earnings, ExchangeRate, Failure, Function, GlobalQuote, Listing, MarketStatus, Match, Movers,
    News, Overview, Request, Series, classify::refusal, csv_table::Table, json::Json, series::Kind,
};

/// The longest answer that is read, in bytes: four times the longest known.
pub const MAX_BODY_BYTES: usize = 16 << 20;

/// What a request has brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Of [`Function::GlobalQuote`].
    Quote(GlobalQuote),
    /// Of [`Function::BulkQuotes`]: only symbols that were asked for, without the unknown ones.
    Quotes(Vec<BulkQuote>),
    /// Of all functions that answer bars.
    Series(Series),
    /// Of [`Function::SymbolSearch`], the best first; may be empty.
    Matches(Vec<Match>),
    /// Of [`Function::MarketStatus`].
    Markets(Vec<MarketStatus>),
    /// Of [`Function::Overview`].
    Overview(Box<Overview>),
    /// Of [`Function::News`].
    News(News),
    /// Of [`Function::TopMovers`].
    Movers(Movers),
    /// Of [`Function::Earnings`].
    Earnings(Earnings),
    /// Of [`Function::ListingStatus`].
    Listings(Vec<Listing>),
    /// Of [`Function::ExchangeRate`].
    ExchangeRate(ExchangeRate),
}

/// Reads the answer to a request: status, content type (may be empty) and body.
///
/// # Errors
/// Refusals and unreadable answers, classified.
pub fn parse(request: &Request, status: u16, content_type: &str, body: &[u8]) -> Result<Reply, Failure> {
    check_status(status)?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Failure::TooLarge);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    match body.first() {
        None | Some(b'<') => Err(Failure::Unavailable { status }),
        Some(_) if content_type.to_ascii_lowercase().contains("html") => Err(Failure::Unavailable { status }),
        Some(b'{' | b'[') => from_json(&request.function, body),
        // Every row ends with a line end: without the last one, digits may be missing.
        Some(_) if !body.ends_with(b"\n") => Err(Failure::malformed("neither JSON nor complete CSV")),
        Some(_) => from_csv(&request.function, body),
    }
}

fn check_status(status: u16) -> Result<(), Failure> {
    match status {
        200 => Ok(()),
        401 | 403 => Err(Failure::BadKey),
        429 => Err(Failure::UnspecifiedLimit),
        400 | 404 | 405 | 406 => Err(Failure::InvalidCall),
        _ => Err(Failure::Unavailable { status }),
    }
}

fn from_json(function: &Function, body: &[u8]) -> Result<Reply, Failure> {
    let json = &Json::parse(body)?;
    if let Some(failure) = refusal(json, function) {
        return Err(failure);
    }
    match function {
        Function::GlobalQuote { symbol } => GlobalQuote::from_json(json, symbol).map(Reply::Quote),
        Function::BulkQuotes { symbols } => BulkQuote::from_json(json, symbols).map(Reply::Quotes),
        Function::SymbolSearch { .. } => Match::from_json(json).map(Reply::Matches),
        Function::MarketStatus => MarketStatus::from_json(json).map(Reply::Markets),
        Function::Overview { symbol } => {
            Overview::from_json(json, symbol).map(|overview| Reply::Overview(Box::new(overview)))
        }
        Function::News(_) => News::from_json(json).map(Reply::News),
        Function::TopMovers => Movers::from_json(json).map(Reply::Movers),
        Function::Earnings { symbol } => Earnings::from_json(json, symbol).map(Reply::Earnings),
        Function::ExchangeRate { from, to } => {
            ExchangeRate::from_json(json, from, to).map(Reply::ExchangeRate)
        }
        Function::ListingStatus { .. } => Err(Failure::malformed("JSON instead of CSV")),
        series => match Kind::of(series) {
            Some(kind) => Series::from_json(json, kind, series.symbol()).map(Reply::Series),
            None => Err(Failure::malformed("no parser")),
        },
    }
}

fn from_csv(function: &Function, body: &[u8]) -> Result<Reply, Failure> {
    let table = &Table::parse(body)?;
    match function {
        Function::GlobalQuote { symbol } => GlobalQuote::from_csv(table, symbol).map(Reply::Quote),
        Function::SymbolSearch { .. } => Match::from_csv(table).map(Reply::Matches),
        Function::ListingStatus { .. } => Listing::from_csv(table).map(Reply::Listings),
        Function::BulkQuotes { symbols } => BulkQuote::from_csv(table, symbols).map(Reply::Quotes),
        other => match Kind::of(other) {
            Some(kind) => Series::from_csv(table, kind).map(Reply::Series),
            None => Err(Failure::malformed("CSV instead of JSON")),
        },
    }
}

/// An answer about another symbol must not be taken for this one's.
pub(crate) fn check_symbol(echoed: Option<&str>, asked: &tickwise_market::Symbol) -> Result<(), Failure> {
    match echoed {
        Some(echoed) if !echoed.trim().eq_ignore_ascii_case(asked.as_str()) => {
            Err(Failure::malformed(format!("an answer about another symbol than {asked}")))
        }
        _ => Ok(()),
    }
}
