//! Which representation of a table a client wants.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{negotiation::negotiate, query::bad};
use crate::error::EdgeError;

/// A representation of bars or indicators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// An Arrow IPC stream.
    Arrow,
}

impl FromStr for Format {
    type Err = EdgeError;

    fn from_str(text: &str) -> Result<Self, EdgeError> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| bad("format", format!("expected json, csv or arrow, not {text:?}")))
    }
}

impl Format {
    /// Best first.
    const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Arrow];

    /// Name in queries and of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Arrow => "arrow",
        }
    }

    /// Without parameters.
    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            other => other.media_type(),
        }
    }

    /// The format that an `Accept` header prefers.
    ///
    /// # Errors
    /// [`EdgeError::NotAcceptable`] when it wants none of them.
    pub fn negotiate(accept: Option<&str>) -> Result<Self, EdgeError> {
        negotiate(accept, &Self::ALL.map(|format| (format, format.media_type())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_weight_wins_and_the_most_specific_range_gives_it() {
        for (accept, format) in [
            ("", Format::Json),
            ("*/*", Format::Json),
            ("text/csv", Format::Csv),
            ("text/*", Format::Csv),
            ("TEXT/CSV", Format::Csv),
            ("application/vnd.apache.arrow.stream", Format::Arrow),
            ("application/json;q=0.5, text/csv;q=0.9", Format::Csv),
            ("text/csv;q=0.5, application/json; charset=utf-8; q=0.8", Format::Json),
            ("*/*, application/json;q=0", Format::Csv),
            ("text/html, application/xhtml+xml, */*;q=0.8", Format::Json),
            ("application/json;q=0.2, */*;q=0.1", Format::Json),
            ("nonsense, text/csv", Format::Csv),
        ] {
            assert_eq!(Format::negotiate(Some(accept)).unwrap(), format, "{accept}");
        }
        assert_eq!(Format::negotiate(None).unwrap(), Format::Json);
    }

    #[test]
    fn what_is_not_available_is_refused() {
        for accept in ["text/html", "application/json;q=0", "*/*;q=0", "nonsense", "text/csv;q=x"] {
            assert!(
                matches!(Format::negotiate(Some(accept)), Err(EdgeError::NotAcceptable { .. })),
                "{accept}"
            );
        }
    }

    #[test]
    fn names_are_parsed() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>().unwrap(), format);
        }
        assert!("xml".parse::<Format>().is_err());
    }
}
