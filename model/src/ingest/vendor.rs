//! Alpha Vantage over HTTP. No text of the client leaves this file unredacted: it
//! may name the address, and the address has the key in it.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use tickwise_alphavantage::{ApiKey, Failure, MAX_BODY_BYTES, Reply, Request, parse};
use ureq::{Agent, Body, http::Response};

/// How long an answer may take. Whole histories are megabytes.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The vendor's server.
pub struct Vendor {
    agent: Agent,
    url: String,
    key: ApiKey,
}

/// What came of a request.
pub struct Answered {
    pub outcome: Result<Reply, Failure>,
    /// The `Date` of the answer.
    pub vendor_ms: Option<i64>,
}

impl Vendor {
    pub fn new(url: &str, key: ApiKey) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            // Another host has no business with the key.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self { agent: config.into(), url: url.trim_end_matches('/').to_owned(), key }
    }

    /// Sends a request and reads its answer.
    pub fn ask(&self, request: &Request) -> Answered {
        let no_answer = Failure::Unavailable { status: 0 };
        let Ok(mut response) = self.agent.get(request.url(&self.url, &self.key).expose()).call() else {
            return Answered { outcome: Err(no_answer), vendor_ms: None };
        };
        let vendor_ms = date_ms(&response);
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let outcome = match response.body_mut().with_config().limit(MAX_BODY_BYTES as u64).read_to_vec() {
            Ok(body) => parse(request, status, &kind, &body),
            Err(ureq::Error::BodyExceedsLimit(_)) => Err(Failure::TooLarge),
            Err(_) => Err(no_answer),
        };
        Answered { outcome, vendor_ms }
    }

    /// The vendor's time: asked for without the key, it costs nothing.
    pub fn time_ms(&self) -> Option<i64> {
        // Any status carries a date.
        date_ms(&self.agent.head(&self.url).call().ok()?)
    }

    /// The failure in words, without the key.
    pub fn explain(&self, failure: &Failure) -> String {
        let what_to_do = match failure {
            Failure::InvalidCall | Failure::UnknownSymbol => {
                "check the spelling; delisted symbols are unknown"
            }
            Failure::BadKey => "check the variable that --key-env names",
            Failure::PremiumOnly | Failure::ArtificialSample | Failure::NotEntitled => {
                "this needs a premium key: name its --plan, or leave --interval out"
            }
            Failure::Unavailable { .. } => {
                "check --url and the network, and run the same command again later"
            }
            _ => "run the same command again later; what is done stays done",
        };
        self.key.redact(&format!("{failure}: {what_to_do}"))
    }
}

fn date_ms(response: &Response<Body>) -> Option<i64> {
    let date = response.headers().get("date")?.to_str().ok()?;
    Some(DateTimeParser::new().parse_timestamp(date).ok()?.as_millisecond())
}
