//! What every answer gets beside its content: a request id, caching, CORS,
//! security headers, compression, and a line in the log.

use std::hash::{DefaultHasher, Hasher};

use serde_json::json;
use tickwise_protocol::{Problem, routes::Route};
use worker::{Date, Headers, Request, Response, ResponseBody, js_sys::Reflect};

use super::{
    cors::Cors,
    metrics,
    range::{self, Selection},
    respond::respond,
};
use crate::error::EdgeError;

/// For every answer of the API: data, never a page.
const SECURITY_HEADERS: [(&str, &str); 3] = [
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// The longest request id taken from a client.
const MAX_ID_LEN: usize = 64;

/// Shorter bodies gain nothing from compression.
const MIN_COMPRESSED_BYTES: usize = 1_024;

/// One request and what its answer needs to know of it.
pub struct Exchange {
    /// Names it in the log: the client's `x-request-id`, or a random one.
    pub id: String,
    /// As sent.
    pub method: String,
    /// Without the query, which may hold what is nobody's business.
    pub path: String,
    /// The client's address, where the platform tells it.
    pub address: Option<String>,
    origin: Option<String>,
    if_none_match: Option<String>,
    /// Of a `GET`.
    range: Option<String>,
    if_range: Option<String>,
    accepts_gzip: bool,
    /// Answers are for those who know a token, and for no shared cache.
    is_restricted: bool,
    started_ms: u64,
}

impl Exchange {
    /// Reads a request.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn begin(request: &Request, is_restricted: bool) -> worker::Result<Self> {
        let headers = request.headers();
        let given = headers.get("x-request-id")?.filter(|id| is_id(id));
        let method = request.inner().method();
        Ok(Self {
            id: given.unwrap_or_else(random_id),
            range: if method == "GET" { headers.get("range")? } else { None },
            if_range: headers.get("if-range")?,
            method,
            path: request.path(),
            address: headers.get("cf-connecting-ip")?,
            origin: headers.get("origin")?,
            if_none_match: headers.get("if-none-match")?,
            accepts_gzip: accepts_gzip(&accept_encoding(request)?),
            is_restricted,
            started_ms: Date::now().as_millis(),
        })
    }

    /// Completes an answer and logs it.
    ///
    /// # Errors
    /// When the platform fails.
    pub async fn end(
        &self,
        route: Option<&'static Route>,
        response: Response,
        cors: &Cors,
    ) -> worker::Result<Response> {
        let status = response.status_code();
        let elapsed_ms = Date::now().as_millis().saturating_sub(self.started_ms);
        metrics::count(route.map(|route| route.path), status, elapsed_ms);
        worker::console_log!(
            "{}",
            json!({
                "level": if status >= 500 { "error" } else { "info" },
                "id": self.id,
                "method": self.method,
                "path": self.path,
                "status": status,
                "ms": elapsed_ms,
            })
        );
        // A WebSocket's answer belongs to the platform.
        if status == 101 {
            return Ok(response);
        }
        self.with_headers(self.compressed(self.with_content(route, response).await?)?, cors)
    }

    /// Names the request in problems; answers 304 where the client has it all.
    async fn with_content(
        &self,
        route: Option<&'static Route>,
        mut response: Response,
    ) -> worker::Result<Response> {
        let (status, headers) = (response.status_code(), response.headers().clone());
        if status >= 400 {
            return self.with_id(response).await;
        }
        let Some(route) = route else { return Ok(response) };
        let caching = headers.get("cache-control")?.unwrap_or_else(|| route.cache.header());
        let caching = if self.is_restricted { private(&caching) } else { caching };
        headers.set("cache-control", &caching)?;
        if caching == "no-store" || status != 200 {
            return Ok(response.with_headers(headers));
        }
        let tag = match headers.get("etag")? {
            Some(tag) => tag,
            None => {
                let bytes = response.bytes().await?;
                let tag = entity_tag(&bytes);
                response = Response::from_bytes(bytes)?;
                tag
            }
        };
        headers.set("etag", &tag)?;
        if self.if_none_match.as_deref().is_some_and(|known| matches_tag(known, &tag)) {
            headers.delete("content-type")?;
            headers.delete("content-length")?;
            return Ok(Response::empty()?.with_status(304).with_headers(headers));
        }
        self.ranged(response.with_headers(headers), &tag).await
    }

    /// Names the request in a problem, which nobody keeps.
    async fn with_id(&self, mut response: Response) -> worker::Result<Response> {
        let (status, headers) = (response.status_code(), response.headers().clone());
        headers.set("cache-control", "no-store")?;
        if headers.get("content-type")?.as_deref() == Some("application/problem+json") {
            let mut problem: Problem = response.json().await?;
            problem.request_id = Some(self.id.clone());
            headers.delete("content-length")?;
            response = Response::from_bytes(serde_json::to_vec(&problem)?)?.with_status(status);
        }
        Ok(response.with_headers(headers))
    }

    /// The part of a table that is asked for.
    async fn ranged(&self, mut response: Response, tag: &str) -> worker::Result<Response> {
        let headers = response.headers().clone();
        let is_table = headers.get("accept-ranges")?.is_some();
        let asked =
            self.range.as_deref().filter(|_| is_table && range::is_current(self.if_range.as_deref(), tag));
        let Some(asked) = asked else { return Ok(response) };
        let bytes = response.bytes().await?;
        let length = bytes.len();
        let part = match range::select(asked, length) {
            Selection::Whole => return Ok(Response::from_bytes(bytes)?.with_headers(headers)),
            Selection::Nothing => {
                return self.with_id(respond(Err(EdgeError::NoSuchRange { length }))?).await;
            }
            Selection::Part(part) => part,
        };
        headers.set("content-range", &format!("bytes {}-{}/{length}", part.start, part.end - 1))?;
        headers.set("content-length", &part.len().to_string())?;
        let bytes = bytes.get(part).unwrap_or_default().to_vec();
        Ok(Response::from_bytes(bytes)?.with_status(206).with_headers(headers))
    }

    /// Has the platform compress the body; by itself it does so for some types only.
    /// Ranges are of the bytes as they are, and their lengths what `HEAD` tells.
    fn compressed(&self, mut response: Response) -> worker::Result<Response> {
        let is_long = length(&response)?.is_none_or(|length| length >= MIN_COMPRESSED_BYTES);
        if self.accepts_gzip && is_long && self.method != "HEAD" && response.status_code() != 206 {
            let headers = response.headers_mut();
            headers.delete("content-length")?;
            headers.set("content-encoding", "gzip")?;
            if let Some(tag) = headers.get("etag")?.filter(|tag| !tag.starts_with("W/")) {
                headers.set("etag", &format!("W/{tag}"))?;
            }
        }
        Ok(response)
    }

    fn with_headers(&self, mut response: Response, cors: &Cors) -> worker::Result<Response> {
        let headers = response.headers_mut();
        for (name, value) in SECURITY_HEADERS {
            headers.set(name, value)?;
        }
        headers.set("x-request-id", &self.id)?;
        headers.append("vary", "Accept-Encoding")?;
        if self.is_restricted {
            headers.append("vary", "Authorization")?;
        }
        cors.apply(self.origin.as_deref(), headers)?;
        Ok(response)
    }

    /// Answers `OPTIONS`, for browsers that ask before they send.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn options(&self, allow: &str) -> worker::Result<Response> {
        let headers = Headers::new();
        headers.set("allow", allow)?;
        headers.set("access-control-allow-methods", allow)?;
        headers.set(
            "access-control-allow-headers",
            "authorization, content-type, if-none-match, if-range, range, x-alert-token, x-request-id",
        )?;
        headers.set("access-control-max-age", "86400")?;
        Ok(Response::empty()?.with_status(204).with_headers(headers))
    }
}

/// Short, and nothing that could break a line of the log.
fn is_id(id: &str) -> bool {
    (1..=MAX_ID_LEN).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn random_id() -> String {
    let mut bytes = [0; 8];
    // Without a generator ids are all alike, which is no reason to refuse an answer.
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}", u64::from_le_bytes(bytes))
}

/// The same caching without shared caches.
fn private(caching: &str) -> String {
    match caching {
        "no-store" => caching.to_owned(),
        _ => format!("private, {}", caching.trim_start_matches("public, ")),
    }
}

/// What the client accepts. The platform puts its own wishes into the header, and the
/// client's where `clientAcceptEncoding` is.
fn accept_encoding(request: &Request) -> worker::Result<String> {
    let told = Reflect::get(request.inner(), &"cf".into())
        .and_then(|cf| Reflect::get(&cf, &"clientAcceptEncoding".into()))
        .ok()
        .and_then(|told| told.as_string());
    match told {
        Some(told) => Ok(told),
        None => Ok(request.headers().get("accept-encoding")?.unwrap_or_default()),
    }
}

/// Reads an `Accept-Encoding` header (RFC 9110, 12.5.3).
fn accepts_gzip(accept_encoding: &str) -> bool {
    let weight = |coding: &str| {
        accept_encoding.split(',').find_map(|item| {
            let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight = weight.trim().trim_start_matches("q=").parse::<f64>().unwrap_or(0.0);
            name.trim().eq_ignore_ascii_case(coding).then_some(weight)
        })
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// Bytes of the body, where they are known before they are sent.
fn length(response: &Response) -> worker::Result<Option<usize>> {
    match response.body() {
        ResponseBody::Empty => Ok(Some(0)),
        ResponseBody::Body(bytes) => Ok(Some(bytes.len())),
        ResponseBody::Stream(_) => {
            Ok(response.headers().get("content-length")?.and_then(|length| length.parse().ok()))
        }
    }
}

/// Weak, since the body goes out compressed or not.
fn entity_tag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// The weak comparison of RFC 9110, 8.8.3.2.
fn matches_tag(if_none_match: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.split(',').any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_compare_weakly() {
        for (known, matches) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", W/\"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            assert_eq!(matches_tag(known, "W/\"a\""), matches, "{known}");
        }
    }

    #[test]
    fn gzip_is_accepted_unless_it_weighs_nothing() {
        for (header, accepted) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("br;q=1.0, *;q=0.1", true),
            ("gzip; q=0", false),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("gzip;q=x", false),
            ("br, deflate", false),
            ("identity", false),
            ("", false),
        ] {
            assert_eq!(accepts_gzip(header), accepted, "{header}");
        }
    }

    #[test]
    fn what_is_restricted_stays_out_of_shared_caches() {
        for (caching, restricted) in [
            ("public, max-age=60", "private, max-age=60"),
            ("no-cache", "private, no-cache"),
            ("no-store", "no-store"),
        ] {
            assert_eq!(private(caching), restricted);
        }
    }

    #[test]
    fn ids_cannot_break_a_log_line() {
        assert!(is_id("01J-a_b.c"));
        for id in ["", "a\nb", "a b", "\"", &"x".repeat(65)] {
            assert!(!is_id(id), "{id:?}");
        }
    }
}
