//! JSON as a tree that borrows its texts.
//!
//! One type with one `Deserialize` serves every function: the provider names
//! keys by numbers, dates and decorations, and what is not typed twice is small
//! in WebAssembly. Order and repeated keys are kept.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::{Failure, value};

/// More values than the longest series has; bounds the memory of hostile bodies.
const MAX_VALUES: u32 = 1_000_000;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(Vec<(Cow<'a, str>, Self)>),
}

impl<'a> Json<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// Text that is not JSON, or too much of it.
    pub fn parse(body: &'a [u8]) -> Result<Self, Failure> {
        let left = Cell::new(MAX_VALUES);
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let parsed = Node(&left).deserialize(&mut deserializer);
        match parsed.and_then(|json| deserializer.end().map(|()| json)) {
            Ok(json) => Ok(json),
            Err(_) if left.get() == 0 => Err(Failure::TooLarge),
            Err(error) if error.is_eof() => Err(Failure::malformed("the JSON ends too early")),
            Err(error) => Err(Failure::malformed(format!("not JSON at line {}", error.line()))),
        }
    }

    /// The entry of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries of an object; none of anything else.
    pub fn entries(&self) -> &[(Cow<'a, str>, Self)] {
        if let Self::Object(entries) = self { entries } else { &[] }
    }

    /// The values of a list.
    ///
    /// # Errors
    /// When it is something else.
    pub fn list(&self, name: &str) -> Result<&[Self], Failure> {
        match self {
            Self::List(values) => Ok(values),
            Self::Null => Ok(&[]),
            _ => Err(Failure::malformed(format!("{name} is no list"))),
        }
    }

    /// An object's entry whose key, without the number before it ("3. ", "6: "),
    /// is `name`.
    pub fn labelled(&self, name: &str) -> Option<&Self> {
        self.entries().iter().find(|(key, _)| label(key) == name).map(|(_, value)| value)
    }

    /// Its text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A number, or text that is one.
    ///
    /// # Errors
    /// Anything else but null.
    pub fn number(&self) -> Result<Option<f64>, Failure> {
        match self {
            Self::Number(number) => Ok(Some(*number)),
            Self::Text(text) => value::number(text),
            Self::Null => Ok(None),
            _ => Err(Failure::malformed("a number is a list, an object or a truth value")),
        }
    }
}

/// Optional entries of an object that may be spelt as missing.
pub trait Fields {
    /// Text of an entry.
    fn text_of(&self, key: &str) -> Option<String>;
    /// Number of an entry.
    fn number_of(&self, key: &str) -> Result<Option<f64>, Failure>;
}

impl Fields for Json<'_> {
    fn text_of(&self, key: &str) -> Option<String> {
        self.get(key).and_then(Json::as_text).and_then(value::text)
    }

    fn number_of(&self, key: &str) -> Result<Option<f64>, Failure> {
        self.get(key).map_or(Ok(None), Json::number)
    }
}

/// `open` of `1. open`; `Time Zone` of `7: Time Zone`.
pub fn label(key: &str) -> &str {
    match key.split_once([' ']) {
        Some((number, label)) if number.ends_with(['.', ':']) => label,
        _ => key,
    }
}

/// Deserialises a value and counts it.
#[derive(Clone, Copy)]
struct Node<'c>(&'c Cell<u32>);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        match self.0.get() {
            0 => Err(D::Error::custom("too many values")),
            left => {
                self.0.set(left - 1);
                deserializer.deserialize_any(self)
            }
        }
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(Key)? {
            entries.push((key, map.next_value_seed(self)?));
        }
        Ok(Json::Object(entries))
    }
}

/// A key, borrowed where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repeated_keys_are_kept() {
        let json = Json::parse(br#"{"b": "1", "a": 2, "b": null, "\u0063": [true]}"#).unwrap();
        let keys: Vec<&str> = json.entries().iter().map(|(key, _)| &**key).collect();
        assert_eq!(keys, ["b", "a", "b", "c"]);
        assert_eq!(json.get("b"), Some(&Json::Text("1".into())));
        assert_eq!(json.get("c"), Some(&Json::List(vec![Json::Bool(true)])));
    }

    #[test]
    fn what_is_too_deep_too_long_or_cut_is_refused() {
        assert_eq!(Json::parse(br#"{"a": "#), Err(Failure::malformed("the JSON ends too early")));
        assert!(Json::parse("[".repeat(100_000).as_bytes()).is_err());
        let many = format!("[{}1]", "1,".repeat(MAX_VALUES as usize));
        assert_eq!(Json::parse(many.as_bytes()), Err(Failure::TooLarge));
        assert!(Json::parse(b"{} x").is_err());
        assert!(Json::parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn labels_lose_their_numbers() {
        for (key, expected) in [
            ("1. open", "open"),
            ("10. change percent", "change percent"),
            ("5.1: Fast Period", "Fast Period"),
            ("Symbol", "Symbol"),
            ("adjusted close", "adjusted close"),
        ] {
            assert_eq!(label(key), expected);
        }
    }
}
