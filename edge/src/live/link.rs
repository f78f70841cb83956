//! A Feed's connection to a Gateway: a publication is a message on a WebSocket.
//!
//! A request for each would cost as much as sending it to a hundred readers, and
//! be billed as twenty messages.

use futures_util::StreamExt;
use worker::{Env, EventStream, Headers, Method, Request, RequestInit, WebSocket, WebsocketEvent};

use super::publication::{Publication, Subscribers};
use crate::error::EdgeError;

/// Connects to a Gateway, which takes the socket for a Feed's by its path.
///
/// # Errors
/// [`EdgeError::Recording`] when it does not accept, or a failure of the platform.
pub async fn open(env: &Env, gateway: &str) -> Result<WebSocket, EdgeError> {
    let stub = env.durable_object("GATEWAY")?.id_from_name(gateway)?.get_stub()?;
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Get).with_headers(headers);
    let request = Request::new_with_init("https://object.invalid/link", &init)?;
    let response = stub.fetch_with_request(request).await?;
    let status = response.status_code();
    response.websocket().ok_or_else(|| EdgeError::Recording(format!("{gateway} answers {status}")))
}

/// Sends a publication and waits until the Gateway has passed it on.
///
/// # Errors
/// When the link has broken: the publication may have arrived or not.
pub async fn publish(
    socket: &WebSocket,
    answers: &mut EventStream<'_>,
    publication: &Publication,
) -> Result<Subscribers, EdgeError> {
    socket.send_with_str(serde_json::to_string(publication)?)?;
    match answers.next().await {
        Some(Ok(WebsocketEvent::Message(answer))) => {
            Ok(serde_json::from_str(&answer.text().unwrap_or_default())?)
        }
        Some(Ok(WebsocketEvent::Close(close))) => {
            Err(EdgeError::Recording(format!("the link has closed: {}", close.reason())))
        }
        Some(Err(error)) => Err(error.into()),
        None => Err(EdgeError::Recording("the link is closed".into())),
    }
}
