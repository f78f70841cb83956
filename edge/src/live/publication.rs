//! What Feeds and Gateways tell each other.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;
use tickwise_protocol::stream::Since;
use worker::{Headers, Method, Request, RequestInit, Response, Stub};

use crate::error::EdgeError;

/// The messages of one sequence number, ready to send: the quote last, before
/// it the bars that it closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frames {
    /// Sequence number.
    pub seq: u64,
    /// JSON texts of [`tickwise_protocol::stream::ServerMessage`].
    pub texts: Vec<String>,
}

/// Feed to Gateway: new events of a symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    /// Symbol.
    pub symbol: Symbol,
    /// In sequence, without gaps.
    pub frames: Vec<Rc<Frames>>,
    /// Messages outside the sequence, sent after it.
    pub notices: Vec<Rc<str>>,
}

/// Gateway to Feed: a client wants the symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// The Gateway that asks, and that gets what is published from now on.
    pub gateway: String,
    /// The number of the last quote or snapshot that the client has seen.
    pub since: Option<Since>,
}

/// Feed to Gateway: what the client gets before it follows publications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinResponse {
    /// Messages to send now.
    pub texts: Vec<String>,
    /// The sequence number before them.
    pub from: u64,
    /// The sequence number after them.
    pub seq: u64,
    /// The log has more after them.
    pub more: bool,
}

/// Gateway to Feed, in answer to a publication or to the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subscribers {
    /// Sockets that want the symbol; with none, stop publishing there.
    pub subscribers: usize,
}

/// Sends JSON to a Durable Object and reads its JSON answer.
///
/// # Errors
/// The object's problem, or a failure of the platform.
pub async fn call<B: Serialize>(stub: &Stub, path: &str, body: &B) -> Result<Response, EdgeError> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(serde_json::to_string(body)?.into()));
    // Durable Objects want an absolute URL and ignore its host.
    let request = Request::new_with_init(&format!("https://object.invalid{path}"), &init)?;
    Ok(stub.fetch_with_request(request).await?)
}
