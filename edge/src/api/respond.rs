use worker::{Headers, Response};

use crate::error::EdgeError;

/// Turns an outcome into a response: errors become problem+json (RFC 9457).
///
/// # Errors
/// Only when the platform cannot build a response.
pub fn respond(outcome: Result<Response, EdgeError>) -> worker::Result<Response> {
    outcome.or_else(|error| {
        if error.status() >= 500 {
            worker::console_error!("{error}");
        }
        let headers = Headers::new();
        headers.set("content-type", "application/problem+json")?;
        if let EdgeError::MethodNotAllowed { allow } = &error {
            headers.set("allow", allow)?;
        }
        let body = serde_json::to_vec(&error.problem())?;
        Ok(Response::from_bytes(body)?.with_status(error.status()).with_headers(headers))
    })
}
