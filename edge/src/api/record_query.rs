use serde::{Deserialize, Serialize};
use tickwise_record::{MAX_ENTRIES, Outcome, Record, ScoredEntry};
use worker::{Headers, Response, Url};

use super::{
    format::Format,
    negotiation::negotiate,
    query::{bad, value},
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
    /// Best first, with their names in queries and their media types.
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Json, "json", "application/json"),
        (Self::Csv, "csv", "text/csv"),
        (Self::Text, "text", "text/plain"),
    ];

    fn parse(text: &str) -> Result<Self, EdgeError> {
        let found = Self::ALL.into_iter().find(|(_, name, _)| *name == text).map(|(format, ..)| format);
        found.ok_or_else(|| bad("format", format!("expected json, csv or text, not {text:?}")))
    }

    fn negotiate(accept: Option<&str>) -> Result<Self, EdgeError> {
        negotiate(accept, &Self::ALL.map(|(format, _, media_type)| (format, media_type)))
    }
}

impl RecordQuery {
    /// Reads the query of a URL, of which [`super::query`] has checked the names.
    ///
    /// # Errors
    /// [`EdgeError::BadParameter`] or [`EdgeError::NotAcceptable`].
    pub fn parse(url: &Url, accept: Option<&str>) -> Result<Self, EdgeError> {
        let limit = match value(url, "limit") {
            Some(text) => text.parse().ok().filter(|limit| (0..=MAX_ENTRIES).contains(limit)),
            None => Some(DEFAULT_ENTRIES),
        };
        let format = value(url, "format").map(|text| RecordFormat::parse(&text));
        Ok(Self {
            limit: limit.ok_or_else(|| bad("limit", format!("expected 0 to {MAX_ENTRIES}")))?,
            format: format.unwrap_or_else(|| RecordFormat::negotiate(accept))?,
        })
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
        headers.set("content-length", &body.len().to_string())?;
        headers.set("vary", "Accept")?;
        headers.set("accept-ranges", "bytes")?;
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

    fn query(query: &str, accept: Option<&str>) -> Result<RecordQuery, EdgeError> {
        RecordQuery::parse(&Url::parse(&format!("https://x.invalid/?{query}")).unwrap(), accept)
    }

    #[test]
    fn limit_and_format_are_read() {
        assert_eq!(query("", None).unwrap(), RecordQuery { limit: 30, format: RecordFormat::Json });
        let all = query("limit=520", Some("text/csv")).unwrap();
        assert_eq!(all, RecordQuery { limit: 520, format: RecordFormat::Csv });
        assert_eq!(query("", Some("text/plain")).unwrap().format, RecordFormat::Text);
        assert_eq!(query("format=csv", Some("text/plain")).unwrap().format, RecordFormat::Csv);
    }

    #[test]
    fn what_cannot_be_answered_is_refused() {
        for text in ["limit=521", "limit=-1", "format=arrow"] {
            assert!(matches!(query(text, None), Err(EdgeError::BadParameter { .. })), "{text}");
        }
        let arrow = query("", Some("application/vnd.apache.arrow.stream")).unwrap_err().to_string();
        assert!(arrow.contains("application/json, text/csv or text/plain"), "{arrow}");
    }
}
