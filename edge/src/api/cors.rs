use worker::{Env, Headers, Url};

use crate::config;

/// Pages of which other origins may read answers: `CORS_ORIGINS`, a list
/// separated by commas, or `*` for all. By default only the dashboard's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors(Vec<String>);

impl Cors {
    /// Reads the setting of a deployment.
    pub fn from_env(env: &Env) -> Self {
        Self::parse(&config::optional(env, "CORS_ORIGINS").unwrap_or_default())
    }

    fn parse(setting: &str) -> Self {
        let origins = setting.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        Self(origins.map(|origin| origin.trim_end_matches('/').to_owned()).collect())
    }

    /// What `Access-Control-Allow-Origin` says to a page of `origin`.
    fn allows<'a>(&self, origin: Option<&'a str>) -> Option<&'a str> {
        if self.is_open() {
            return Some("*");
        }
        origin.filter(|origin| self.0.iter().any(|allowed| allowed == origin))
    }

    /// Whether a page of `origin` may open a WebSocket at `url`. Browsers leave that to the
    /// server, and do not keep other origins away as they do from answers.
    pub fn allows_socket(&self, origin: &str, url: &Url) -> bool {
        self.allows(Some(origin)).is_some() || is_same_host(origin, url)
    }

    fn is_open(&self) -> bool {
        self.0.iter().any(|origin| origin == "*")
    }

    /// Adds the headers for a request that a page of `origin` made.
    ///
    /// # Errors
    /// When the platform fails.
    pub fn apply(&self, origin: Option<&str>, headers: &Headers) -> worker::Result<()> {
        if !self.0.is_empty() && !self.is_open() {
            headers.append("vary", "Origin")?;
        }
        let allowed = self.allows(origin);
        headers.set(
            "cross-origin-resource-policy",
            if allowed.is_some() { "cross-origin" } else { "same-origin" },
        )?;
        if let Some(allowed) = allowed {
            headers.set("access-control-allow-origin", allowed)?;
            headers.set(
                "access-control-expose-headers",
                "accept-ranges, content-range, etag, retry-after, x-about, x-request-id",
            )?;
        }
        Ok(())
    }
}

/// Whatever the scheme: what ends TLS in front of the Worker may speak plain HTTP to it.
fn is_same_host(origin: &str, url: &Url) -> bool {
    let is_same = |origin: Url| origin.host() == url.host() && origin.port() == url.port();
    Url::parse(origin).is_ok_and(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_are_allowed() {
        let listed = Cors::parse("https://a.example/, https://b.example");
        assert_eq!(listed.allows(Some("https://a.example")), Some("https://a.example"));
        assert_eq!(listed.allows(Some("https://a.example.evil")), None);
        assert_eq!(listed.allows(None), None);
        assert_eq!(Cors::parse("*").allows(Some("https://x.example")), Some("*"));
        assert_eq!(Cors::parse("").allows(Some("https://x.example")), None);
    }

    #[test]
    fn sockets_are_for_pages_of_the_same_host_and_of_listed_origins() {
        let listed = Cors::parse("https://a.example");
        for (url, origin, allowed) in [
            ("https://t.example/api/v1/stream", "https://t.example", true),
            ("http://t.example/api/v1/stream", "https://t.example", true),
            ("http://localhost:8787/api/v1/stream", "http://localhost:8787", true),
            ("http://localhost:8787/api/v1/stream", "http://localhost:8788", false),
            ("http://localhost:8787/api/v1/stream", "http://localhost", false),
            ("https://t.example/api/v1/stream", "https://a.example", true),
            ("https://t.example/api/v1/stream", "https://t.example.evil", false),
            ("https://t.example/api/v1/stream", "https://evil/t.example", false),
            ("https://t.example/api/v1/stream", "null", false),
            ("https://t.example/api/v1/stream", "", false),
        ] {
            assert_eq!(listed.allows_socket(origin, &Url::parse(url).unwrap()), allowed, "{origin} {url}");
        }
        let anywhere = Url::parse("https://t.example/").unwrap();
        assert!(Cors::parse("*").allows_socket("null", &anywhere));
    }
}
