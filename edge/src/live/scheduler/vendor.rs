//! Alpha Vantage over HTTP. No text of the platform leaves this file: it may name
//! the address, and the address has the key in it.

use std::time::Duration;

use futures_util::future::{Either, select};
use tickwise_alphavantage as av;
use tickwise_scheduler as budget;
use worker::{
    AbortController, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response, js_sys,
};

use super::now_ms;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The header by which a simulator says that it is one.
const SIMULATED: &str = "x-simulated-vendor";

/// The vendor's server.
#[derive(Clone, Debug)]
pub struct Vendor {
    pub url: String,
    pub key: av::ApiKey,
}

/// What came of a request.
pub struct Answered {
    pub outcome: Result<av::Reply, budget::Failure>,
    /// What its headers say.
    pub seen: Seen,
}

/// What the headers of an answer say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// `Date`, the vendor's time.
    pub vendor_ms: Option<i64>,
    /// The platform's clock when they arrived: a body may take long after them.
    pub arrived_ms: i64,
    /// [`SIMULATED`].
    pub simulated: bool,
}

impl Vendor {
    /// Sends a request and reads its answer.
    pub async fn ask(&self, request: &budget::Request, entitlement: budget::Entitlement) -> Answered {
        let Some(request) = wire(request, entitlement) else {
            return Answered { outcome: Err(budget::Failure::Unknown), seen: Seen::default() };
        };
        let url = request.url(&self.url, &self.key).expose();
        let mut seen = Seen::default();
        let outcome = match fetch(Method::Get, &url, &mut seen).await {
            Ok((status, kind, body)) => {
                av::parse(&request, status, &kind, &body).map_err(|failure| self.failure(&failure))
            }
            Err(detail) => Err(budget::Failure::Upstream { detail: detail.into() }),
        };
        Answered { outcome, seen }
    }

    /// The vendor's time: asked for without the key, it costs nothing.
    pub async fn time(&self) -> Seen {
        let mut seen = Seen::default();
        // Any status carries a date.
        let _ = fetch(Method::Head, &self.url, &mut seen).await;
        seen
    }

    fn failure(&self, failure: &av::Failure) -> budget::Failure {
        use av::Failure as From;
        use budget::{Failure as To, Limit};
        let detail = self.key.redact(&failure.to_string());
        match failure {
            From::InvalidCall | From::UnknownSymbol | From::NothingFound => To::Unknown,
            From::BadKey => To::Key,
            From::PerSecondLimit => To::Limited { limit: Limit::Second },
            From::PerMinuteLimit | From::UnspecifiedLimit => To::Limited { limit: Limit::Minute },
            From::PerDayLimit => To::Limited { limit: Limit::Day },
            From::PremiumOnly | From::ArtificialSample | From::UnknownFunction => To::NotInPlan,
            From::NotEntitled => To::NotEntitled,
            From::Malformed(_) | From::TooLarge => To::Malformed { detail },
            From::Unavailable { .. } => To::Upstream { detail },
            _ => To::Refused { detail },
        }
    }
}

fn wire(request: &budget::Request, entitlement: budget::Entitlement) -> Option<av::Request> {
    use budget::{Request, Series};
    let function = match request {
        Request::Movers => av::Function::TopMovers,
        Request::Quote { symbol } => av::Function::GlobalQuote { symbol: symbol.clone() },
        Request::BulkQuotes { symbols } => {
            av::Function::BulkQuotes { symbols: av::BulkSymbols::new(symbols.clone()).ok()? }
        }
        Request::Daily { symbol, series } => {
            let symbol = symbol.clone();
            let (compact, full) = (av::OutputSize::Compact, av::OutputSize::Full);
            match series {
                Series::Compact => av::Function::Daily { symbol, size: compact },
                Series::AdjustedCompact => av::Function::DailyAdjusted { symbol, size: compact },
                Series::AdjustedFull => av::Function::DailyAdjusted { symbol, size: full },
            }
        }
        Request::Search { keywords } => av::Function::SymbolSearch { keywords: keywords.clone() },
        Request::Overview { symbol } => av::Function::Overview { symbol: symbol.clone() },
        Request::News { symbol } => av::Function::News(av::NewsQuery {
            tickers: symbol.iter().cloned().map(av::NewsTicker::Stock).collect(),
            ..av::NewsQuery::default()
        }),
    };
    let wired = av::Request::new(function);
    Some(match (request, entitlement) {
        (Request::Quote { .. } | Request::BulkQuotes { .. }, budget::Entitlement::Delayed) => {
            wired.entitled(av::Entitlement::Delayed)
        }
        (Request::Quote { .. } | Request::BulkQuotes { .. }, budget::Entitlement::Realtime) => {
            wired.entitled(av::Entitlement::Realtime)
        }
        _ => wired,
    })
}

/// Status, content type and body, within [`TIMEOUT`]; a word for people otherwise.
async fn fetch(method: Method, url: &str, seen: &mut Seen) -> Result<(u16, String, Vec<u8>), &'static str> {
    let abort = AbortController::default();
    let signal = abort.signal();
    let exchange = Box::pin(async {
        let mut response = Fetch::Request(request(method, url)?)
            .send_with_signal(&signal)
            .await
            .map_err(|_| "no connection")?;
        let simulated = response.headers().get(SIMULATED).ok().flatten().is_some();
        *seen = Seen { vendor_ms: date_ms(&response), arrived_ms: now_ms(), simulated };
        let kind = response.headers().get("content-type").ok().flatten().unwrap_or_default();
        let length = response.headers().get("content-length").ok().flatten();
        if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|bytes| bytes > av::MAX_BODY_BYTES)
        {
            return Err("the answer is too large");
        }
        let body = response.bytes().await.map_err(|_| "the answer broke off")?;
        Ok((response.status_code(), kind, body))
    });
    match select(exchange, Box::pin(Delay::from(TIMEOUT))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => {
            abort.abort();
            Err("no answer in time")
        }
    }
}

fn request(method: Method, url: &str) -> Result<Request, &'static str> {
    let headers = Headers::new();
    let mut init = RequestInit::new();
    // A redirection would carry the key elsewhere.
    init.with_method(method).with_redirect(RequestRedirect::Manual);
    headers.set("accept", "*/*").map_err(|_| "no request")?;
    init.with_headers(headers);
    Request::new_with_init(url, &init).map_err(|_| "the address cannot be used")
}

fn date_ms(response: &Response) -> Option<i64> {
    let ms = js_sys::Date::parse(&response.headers().get("date").ok()??);
    ms.is_finite().then_some(ms as i64)
}
