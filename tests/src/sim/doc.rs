//! JSON whose keys keep their order, printed as the provider prints it.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Doc {
    /// A text.
    Text(String),
    /// A number or null, as it is written.
    Raw(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Doc {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An object of texts.
    pub fn texts<K: Into<String>, V: Into<String>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Object(entries.into_iter().map(|(key, value)| (key.into(), Self::text(value))).collect())
    }

    /// An object with one entry.
    pub fn one(key: &str, value: Self) -> Self {
        Self::Object(vec![(key.into(), value)])
    }

    /// With the keys of all objects in random order.
    pub fn shuffled(self, seed: u64) -> Self {
        fn shuffle(doc: Doc, rng: &mut ChaCha8Rng) -> Doc {
            match doc {
                Doc::Object(mut entries) => {
                    entries.shuffle(rng);
                    Doc::Object(entries.into_iter().map(|(key, value)| (key, shuffle(value, rng))).collect())
                }
                Doc::List(values) => Doc::List(values.into_iter().map(|value| shuffle(value, rng)).collect()),
                other => other,
            }
        }
        shuffle(self, &mut ChaCha8Rng::seed_from_u64(seed))
    }

    /// Four blanks a level.
    pub fn pretty(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, level: usize) {
        let line = |out: &mut String, level: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n("    ", level));
        };
        match self {
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::Raw(raw) => out.push_str(raw),
            Self::List(values) if values.is_empty() => out.push_str("[]"),
            Self::Object(entries) if entries.is_empty() => out.push_str("{}"),
            Self::List(values) => {
                out.push('[');
                for (i, value) in values.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { "," });
                    line(out, level + 1);
                    value.write(out, level + 1);
                }
                line(out, level);
                out.push(']');
            }
            Self::Object(entries) => {
                out.push('{');
                for (i, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { "," });
                    line(out, level + 1);
                    out.push_str(&quoted(key));
                    out.push_str(": ");
                    value.write(out, level + 1);
                }
                line(out, level);
                out.push('}');
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
