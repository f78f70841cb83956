use worker::{Headers, Response};

use super::{format::Format, table::Tabular};
use crate::{console, error::EdgeError};

/// How long bars that lie wholly in the past may be kept without asking again.
/// Splits and corrections still change them now and then.
const PAST_MAX_AGE_SECS: u32 = 60;

/// Turns an outcome into a response: errors become problem+json (RFC 9457).
///
/// # Errors
/// Only when the platform cannot build a response.
pub fn respond(outcome: Result<Response, EdgeError>) -> worker::Result<Response> {
    outcome.or_else(|error| {
        if error.status() >= 500 {
            console::error(format_args!("{error}"));
        }
        let headers = Headers::new();
        headers.set("content-type", "application/problem+json")?;
        if let Some((name, value)) = error.header() {
            headers.set(name, &value)?;
        }
        let body = serde_json::to_vec(&error.problem())?;
        Ok(Response::from_bytes(body)?.with_status(error.status()).with_headers(headers))
    })
}

/// Writes bars or indicators in a format. `is_past`: no new quote changes them.
///
/// # Errors
/// Only when our own data cannot be written.
pub fn respond_in(format: Format, answer: &impl Tabular, is_past: bool) -> Result<Response, EdgeError> {
    let table = answer.table();
    let body = match format {
        Format::Json => serde_json::to_vec(answer)?,
        Format::Csv => table.csv().into_bytes(),
        Format::Arrow => table.arrow().map_err(|error| worker::Error::RustError(error.to_string()))?,
    };
    let headers = Headers::new();
    headers.set("content-type", format.content_type())?;
    // The Worker sees no length of what comes from a Durable Object unless a header says it.
    headers.set("content-length", &body.len().to_string())?;
    headers.set("vary", "Accept")?;
    headers.set("accept-ranges", "bytes")?;
    // CSV is rows and nothing else; JSON and Arrow say beside them what may change alone,
    // and only JSON shows the quote.
    let tag = match format {
        Format::Csv => format!("\"csv-{:016x}\"", table.fingerprint()),
        Format::Arrow => format!("W/\"arrow-{:016x}\"", table.fingerprint_with_meaning(None, is_past)),
        Format::Json => {
            format!("W/\"json-{:016x}\"", table.fingerprint_with_meaning(answer.quote(), is_past))
        }
    };
    headers.set("etag", &tag)?;
    if is_past {
        headers.set("cache-control", &format!("public, max-age={PAST_MAX_AGE_SECS}"))?;
    }
    if format != Format::Json {
        headers.set("x-about", &table.about.to_string())?;
        let name = format!("{}.{}", answer.file_stem(), format.name());
        headers.set("content-disposition", &format!("inline; filename=\"{name}\""))?;
    }
    Ok(Response::from_bytes(body)?.with_headers(headers))
}
