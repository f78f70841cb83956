use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use tickwise_record::{MAX_ENTRIES, Outcome, Record, ScoredEntry};
use worker::{Headers, Response, Url};

use super::{
    bars_query::{bad, distinct},
    format::Format,
};
use crate::error::EdgeError;

const DEFAULT_ENTRIES: usize = 30;

/// `?limit=&format=` of a forecast record, checked: what the Worker asks a Feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordQuery {
    /// The newest so many entries.
    pub limit: usize,
    /// How the answer is written.
    pub format: RecordFormat,
}

/// A representation of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordFormat {
    /// Everything.
    Json,
    /// A line for each entry and horizon.
    Csv,
    /// The summaries in a sentence each.
    Text,
}

impl RecordFormat {
    fn parse(text: &str) -> Result<Self, EdgeError> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            "text" => Ok(Self::Text),
            other => Err(bad("format", format!("expected json, csv or text, not {other:?}"))),
        }
    }

    fn negotiate(accept: Option<&str>) -> Result<Self, EdgeError> {
        match Format::negotiate(accept)? {
            Format::Json => Ok(Self::Json),
            Format::Csv => Ok(Self::Csv),
            Format::Arrow => Err(EdgeError::NotAcceptable(accept.unwrap_or_default().to_owned())),
        }
    }
}

impl RecordQuery {
    /// Reads the query of a URL; what is unknown or given twice is refused.
    ///
    /// # Errors
    /// [`EdgeError::BadParameter`] or [`EdgeError::NotAcceptable`].
    pub fn parse(url: &Url, accept: Option<&str>) -> Result<Self, EdgeError> {
        Self::from_pairs(url.query_pairs(), accept)
    }

    fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
        accept: Option<&str>,
    ) -> Result<Self, EdgeError> {
        let mut limit = DEFAULT_ENTRIES;
        let mut format = None;
        for pair in distinct(pairs) {
            let (name, value) = pair?;
            match name.as_ref() {
                "limit" => {
                    let allowed = value.parse().ok().filter(|limit| (0..=MAX_ENTRIES).contains(limit));
                    limit = allowed.ok_or_else(|| bad("limit", format!("expected 0 to {MAX_ENTRIES}")))?;
                }
                "format" => format = Some(RecordFormat::parse(&value)?),
                other => {
                    return Err(bad(
                        "query",
                        format!("there is no parameter {other:?}; there are limit and format"),
                    ));
                }
            }
        }
        let format = format.map_or_else(|| RecordFormat::negotiate(accept), Ok)?;
        Ok(Self { limit, format })
    }

    /// Writes a record in the format asked for.
    ///
    /// # Errors
    /// Only when our own data cannot be written.
    pub fn respond(&self, record: &Record) -> Result<Response, EdgeError> {
        let (body, content_type) = match self.format {
            RecordFormat::Json => (serde_json::to_vec(record)?, Format::Json.content_type()),
            RecordFormat::Csv => (csv(record).into_bytes(), Format::Csv.content_type()),
            RecordFormat::Text => (record.to_string().into_bytes(), "text/plain; charset=utf-8"),
        };
        let headers = Headers::new();
        headers.set("content-type", content_type)?;
        headers.set("vary", "Accept")?;
        Ok(Response::from_bytes(body)?.with_headers(headers))
    }
}

const HEADER: &str = "number,hash,issued_ms,mode,lap,origin_date,model,excluded,horizon,q05,q10,q25,q50,q75,q90,q95,\
    date,realised,pinball,naive_pinball,inside_50,inside_80,inside_90,pit\n";

/// A line for each entry and horizon; empty where the day has not closed yet.
fn csv(record: &Record) -> String {
    let mut text = HEADER.to_owned();
    for scored in &record.entries {
        for (index, row) in scored.entry.quantiles.iter().enumerate() {
            text += &line(scored, index + 1, row, scored.outcomes.get(index));
        }
    }
    text
}

fn line(scored: &ScoredEntry, horizon: usize, row: &[f64], outcome: Option<&Outcome>) -> String {
    let ScoredEntry { entry, hash, excluded, .. } = scored;
    let origin = serde_json::json!(entry.origin);
    let plain = |value: Option<&serde_json::Value>| {
        value.map_or_else(String::new, ToString::to_string).replace('"', "")
    };
    let mut fields = vec![
        entry.number.to_string(),
        hash.to_string(),
        entry.issued_ms.to_string(),
        plain(origin.get("mode")),
        plain(origin.get("lap")),
        entry.origin_date.to_string(),
        entry.model.clone(),
        plain(excluded.map(|excluded| serde_json::json!(excluded)).as_ref()),
        horizon.to_string(),
    ];
    fields.extend(row.iter().map(f64::to_string));
    match outcome {
        Some(o) => {
            fields.push(o.date.to_string());
            fields.extend([o.realised, o.pinball, o.naive_pinball].map(|value| value.to_string()));
            fields.extend([o.inside_50, o.inside_80, o.inside_90].map(|inside| inside.to_string()));
            fields.push(o.pit.to_string());
        }
        None => fields.extend((0..8).map(|_| String::new())),
    }
    fields.join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&'static str, &'static str)], accept: Option<&str>) -> Result<RecordQuery, EdgeError> {
        RecordQuery::from_pairs(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())), accept)
    }

    #[test]
    fn limit_and_format_are_read() {
        assert_eq!(query(&[], None).unwrap(), RecordQuery { limit: 30, format: RecordFormat::Json });
        let all = query(&[("limit", "520")], Some("text/csv")).unwrap();
        assert_eq!(all, RecordQuery { limit: 520, format: RecordFormat::Csv });
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        for pairs in [
            &[("limit", "521")][..],
            &[("limit", "-1")],
            &[("format", "arrow")],
            &[("limit", "1"), ("limit", "2")],
            &[("horizon", "3")],
        ] {
            assert!(matches!(query(pairs, None), Err(EdgeError::BadParameter { .. })), "{pairs:?}");
        }
        let arrow = query(&[], Some("application/vnd.apache.arrow.stream"));
        assert!(matches!(arrow, Err(EdgeError::NotAcceptable(_))));
    }
}
