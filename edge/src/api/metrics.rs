//! `GET /metrics`, in the text format of Prometheus. The counters are those of
//! the isolate that answers; its label keeps them apart.

use std::{cell::RefCell, collections::BTreeMap, fmt::Write};

use worker::{Env, Headers, Request, Response};

use crate::{config, error::EdgeError, lake};

thread_local! {
    static COUNTERS: RefCell<BTreeMap<(&'static str, u16), Counter>> = const { RefCell::new(BTreeMap::new()) };
    static ISOLATE: u64 = random();
}

/// The answers of one route with one status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counter {
    answers: u64,
    elapsed_ms: u64,
}

/// Counts an answer; `route` is the pattern of its path.
pub fn count(route: Option<&'static str>, status: u16, elapsed_ms: u64) {
    COUNTERS.with_borrow_mut(|counters| {
        let counter = counters.entry((route.unwrap_or("none"), status)).or_default();
        counter.answers += 1;
        counter.elapsed_ms += elapsed_ms;
    });
}

/// Answers whoever knows `METRICS_TOKEN`; without that setting there is nothing here.
///
/// # Errors
/// [`EdgeError::UnknownPath`] or [`EdgeError::Unauthorized`].
pub async fn answer(request: &Request, env: &Env) -> Result<Response, EdgeError> {
    let token = config::optional(env, "METRICS_TOKEN");
    let token = token.ok_or_else(|| EdgeError::UnknownPath("/metrics".into()))?;
    expect_bearer(request, &token)?;
    let mut text = COUNTERS.with_borrow(|counters| exposition(counters, ISOLATE.with(|isolate| *isolate)));
    if let Some(letters) = lake::dead_letters(env).await? {
        let name = "tickwise_dead_letters";
        let _ = writeln!(
            text,
            "# HELP {name} Messages that could not be archived, up to 1000.\n# TYPE {name} gauge\n{name} {letters}"
        );
    }
    let headers = Headers::new();
    headers.set("content-type", "text/plain; version=0.0.4; charset=utf-8")?;
    Ok(Response::from_bytes(text.into_bytes())?.with_headers(headers))
}

/// Refuses a request without this token.
///
/// # Errors
/// [`EdgeError::Unauthorized`].
pub fn expect_bearer(request: &Request, token: &str) -> Result<(), EdgeError> {
    let given = request.headers().get("authorization")?.unwrap_or_default();
    let is_known = bearer(&given).is_some_and(|given| is_same(given.as_bytes(), token.as_bytes()));
    if is_known { Ok(()) } else { Err(EdgeError::Unauthorized) }
}

/// The token of an `Authorization` header, whose scheme has no case (RFC 9110, 11.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}

fn exposition(counters: &BTreeMap<(&'static str, u16), Counter>, isolate: u64) -> String {
    let mut text = String::new();
    type Value = fn(&Counter) -> f64;
    let metrics: [(&str, &str, Value); 2] = [
        ("tickwise_http_requests_total", "Requests answered.", |counter| counter.answers as f64),
        ("tickwise_http_request_seconds_total", "Time from request to answer.", |counter| {
            counter.elapsed_ms as f64 / 1000.0
        }),
    ];
    for (name, help, value) in metrics {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter");
        for ((route, status), counter) in counters {
            let _ = writeln!(
                text,
                "{name}{{isolate=\"{isolate:016x}\",route=\"{route}\",status=\"{status}\"}} {}",
                value(counter)
            );
        }
    }
    text
}

/// In a time that does not depend on where they differ.
fn is_same(given: &[u8], expected: &[u8]) -> bool {
    let differences = given.iter().zip(expected).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == expected.len() && differences == 0
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    // Without a generator isolates are not told apart, which spoils no count.
    let _ = getrandom::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let counters = [(("/api/v1/stocks", 200), Counter { answers: 3, elapsed_ms: 1500 })].into();
        let text = exposition(&counters, 1);
        let labels = "isolate=\"0000000000000001\",route=\"/api/v1/stocks\",status=\"200\"";
        assert!(text.contains("# TYPE tickwise_http_requests_total counter\n"));
        assert!(text.contains(&format!("tickwise_http_requests_total{{{labels}}} 3\n")));
        assert!(text.contains(&format!("tickwise_http_request_seconds_total{{{labels}}} 1.5\n")));
    }

    #[test]
    fn the_scheme_has_no_case_and_the_token_has() {
        for header in ["Bearer aB", "bearer aB", "BEARER  aB", " bEaReR aB "] {
            assert_eq!(bearer(header), Some("aB"), "{header}");
        }
        for header in ["", "aB", "Bearer", "Basic aB", "Bearer: aB", "BeareraB"] {
            assert_eq!(bearer(header), None, "{header}");
        }
    }

    #[test]
    fn only_the_same_token_is_the_same() {
        assert!(is_same(b"secret", b"secret"));
        for other in [b"secreT".as_slice(), b"secre", b"secret1", b""] {
            assert!(!is_same(other, b"secret"));
        }
    }
}
