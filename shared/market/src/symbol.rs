use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A ticker symbol: 1 to [`Symbol::MAX_LEN`] characters of `A-Z 0-9 . - ^ = & _`,
/// always upper case. Parsing accepts lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>", into = "String")]
pub struct Symbol(Box<str>);

/// Text that is no ticker symbol. Retrying does not help.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a symbol is 1 to {} letters, digits or '.', '-', '^', '=', '&', '_'", Symbol::MAX_LEN)]
pub struct InvalidSymbol;

impl Symbol {
    /// The longest symbol accepted, in characters.
    pub const MAX_LEN: usize = 20;

    /// The symbol's text, upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Symbol {
    type Err = InvalidSymbol;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b".-^=&_".contains(&b);
        if text.is_empty() || text.len() > Self::MAX_LEN || !text.bytes().all(allowed) {
            return Err(InvalidSymbol);
        }
        Ok(Self(text.to_ascii_uppercase().into()))
    }
}

impl TryFrom<Cow<'_, str>> for Symbol {
    type Error = InvalidSymbol;

    fn try_from(text: Cow<'_, str>) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Symbol> for String {
    fn from(symbol: Symbol) -> Self {
        symbol.0.into()
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Symbol {
    fn schema_name() -> Cow<'static, str> {
        "Symbol".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A ticker symbol.",
            "pattern": "^[A-Z0-9.^=&_-]+$",
            "minLength": 1,
            "maxLength": Self::MAX_LEN,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_exchanges_use() {
        for text in ["AAPL", "brk.b", "BF-B", "^GSPC", "EURUSD=X", "600104.SHH", "M&M.NS", "BTC_USDT"] {
            assert_eq!(text.parse::<Symbol>().unwrap().as_str(), text.to_uppercase());
        }
    }

    #[test]
    fn refuses_what_could_escape_a_path_or_a_query() {
        for text in ["", "A B", "../x", "A?b=c", "A%26", "Ä", "ABCDEFGHIJKLMNOPQRSTU", "A\0"] {
            assert_eq!(text.parse::<Symbol>(), Err(InvalidSymbol), "{text:?}");
        }
    }

    #[test]
    fn deserialises_through_the_same_check() {
        assert_eq!(serde_json::from_str::<Symbol>("\"ibm\"").unwrap().as_str(), "IBM");
        assert!(serde_json::from_str::<Symbol>("\"a b\"").is_err());
    }
}
