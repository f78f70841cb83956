use std::fmt;

use thiserror::Error;

/// An API key: 1 to [`ApiKey::MAX_LEN`] ASCII letters, digits, `-` or `_`. Never
/// printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Box<str>);

/// Text that is no key. Retrying does not help. Does not repeat the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("an API key is 1 to {} letters, digits, '-' or '_'", ApiKey::MAX_LEN)]
pub struct InvalidKey;

impl ApiKey {
    /// The longest key accepted, in characters. Alpha Vantage's have 16.
    pub const MAX_LEN: usize = 64;

    /// Checks the text, without the blanks around it.
    ///
    /// # Errors
    /// When it is no key.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let is_key = (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(allowed);
        if is_key { Ok(Self(text.into())) } else { Err(InvalidKey) }
    }

    /// The text with the key made unreadable wherever it stands.
    pub fn redact(&self, text: &str) -> String {
        text.replace(&*self.0, "***")
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

/// An address with the key in it; printed without.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl {
    /// Everything before the key.
    pub(crate) public: String,
    pub(crate) key: ApiKey,
}

impl SecretUrl {
    /// The address to send to, and to show to nobody.
    pub fn expose(&self) -> String {
        format!("{}{}", self.public, self.key.expose())
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}***", self.public)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = ApiKey::new(" QWERTY1234567890\n").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(***)");
        let url = SecretUrl { public: "https://host/query?function=X&apikey=".into(), key };
        assert!(url.expose().ends_with("=QWERTY1234567890"));
        for shown in [format!("{url}"), format!("{url:?}"), format!("{url:#?}")] {
            assert!(shown.contains("apikey=***") && !shown.contains("QWERTY"), "{shown}");
        }
        assert_eq!(url.key.redact("your key as QWERTY1234567890 and"), "your key as *** and");
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        for text in ["", " ", "a b", "a&b", "ключ", &"x".repeat(65)] {
            let refusal = ApiKey::new(text).unwrap_err().to_string();
            assert!(text.trim().is_empty() || !refusal.contains(text.trim()), "{refusal}");
        }
    }
}
