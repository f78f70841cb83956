use worker::Headers;

/// Pages of which other origins may read answers: `CORS_ORIGINS`, a list
/// separated by commas, or `*` for all. By default only the dashboard's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors(Vec<String>);

impl Cors {
    /// Reads the setting.
    pub fn parse(setting: &str) -> Self {
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
            headers.set("access-control-expose-headers", "etag, retry-after, x-about, x-request-id")?;
        }
        Ok(())
    }
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
}
