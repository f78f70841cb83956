use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, HashMap},
};

use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;
use tickwise_protocol::stream::{
    ClientMessage, MAX_CLIENT_MESSAGE_BYTES, MAX_SYMBOLS_PER_SOCKET, PING, PONG, ServerMessage, StreamError,
    StreamErrorCode,
};
use worker::{
    DurableObject, Env, Request, Response, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair, durable_object,
};

use super::{
    publication::{JoinRequest, JoinResponse, Publication, PublishResponse, call},
    subscriptions::{Delivery, SocketId, Subscriptions},
};
use crate::{api::respond, error::EdgeError};

/// Holds the WebSockets of a share of the clients. Sockets hibernate: between
/// messages the object may be evicted from memory, and what it has to know of a
/// socket then is the socket's [`Attachment`].
#[durable_object]
pub struct Gateway {
    state: State,
    env: Env,
    sockets: RefCell<HashMap<SocketId, WebSocket>>,
    subscriptions: RefCell<Subscriptions>,
    next_id: Cell<SocketId>,
}

/// What survives hibernation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Attachment {
    id: SocketId,
    symbols: BTreeSet<Symbol>,
}

impl DurableObject for Gateway {
    fn new(state: State, env: Env) -> Self {
        if let Ok(pair) = WebSocketRequestResponsePair::new(PING, PONG) {
            state.set_websocket_auto_response(&pair);
        }
        let gateway = Self {
            state,
            env,
            sockets: RefCell::default(),
            subscriptions: RefCell::default(),
            next_id: Cell::new(1),
        };
        gateway.wake();
        gateway
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        if request.path() == "/publish" {
            let publication: Publication = request.json().await?;
            return respond(self.publish(publication).await);
        }
        self.accept(&request)
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        match parse(&message) {
            Ok(ClientMessage::Subscribe { symbols, since }) => {
                for symbol in symbols {
                    let since = since.get(&symbol).copied();
                    if let Err(refusal) = self.subscribe(&socket, &symbol, since).await {
                        send_error(&socket, &refusal)?;
                    }
                }
                Ok(())
            }
            Ok(ClientMessage::Unsubscribe { symbols }) => self.unsubscribe(&socket, &symbols),
            Err(refusal) => send_error(&socket, &refusal),
        }
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        code: usize,
        reason: String,
        _: bool,
    ) -> worker::Result<()> {
        self.forget(&socket);
        // Completes the closing handshake; a socket that is gone already says so, which is fine.
        let code = u16::try_from(code).ok().filter(|code| (1000..=1003).contains(code)).unwrap_or(1000);
        let _ = socket.close(Some(code), Some(reason));
        Ok(())
    }

    async fn websocket_error(&self, socket: WebSocket, _: worker::Error) -> worker::Result<()> {
        self.forget(&socket);
        Ok(())
    }
}

impl Gateway {
    /// Rebuilds what hibernation has taken from memory.
    fn wake(&self) {
        for socket in self.state.get_websockets() {
            let Ok(Some(Attachment { id, symbols })) = socket.deserialize_attachment() else { continue };
            self.next_id.set(self.next_id.get().max(id + 1));
            for symbol in symbols {
                self.subscriptions.borrow_mut().restore(id, symbol);
            }
            self.sockets.borrow_mut().insert(id, socket);
        }
    }

    fn accept(&self, request: &Request) -> worker::Result<Response> {
        if request.headers().get("upgrade")?.is_none_or(|value| !value.eq_ignore_ascii_case("websocket")) {
            return respond(Err(EdgeError::UpgradeRequired));
        }
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_web_socket(&server);
        let id = self.next_id.replace(self.next_id.get() + 1);
        server.serialize_attachment(Attachment { id, symbols: BTreeSet::new() })?;
        self.sockets.borrow_mut().insert(id, server);
        Response::from_websocket(client)
    }

    async fn subscribe(
        &self,
        socket: &WebSocket,
        symbol: &Symbol,
        since: Option<u64>,
    ) -> Result<(), StreamError> {
        let mut attachment = attachment(socket);
        attachment.symbols.insert(symbol.clone());
        if attachment.symbols.len() > MAX_SYMBOLS_PER_SOCKET {
            let detail = format!("a connection carries at most {MAX_SYMBOLS_PER_SOCKET} symbols");
            return Err(refusal(StreamErrorCode::TooManySymbols, detail, Some(symbol)));
        }
        if socket.serialize_attachment(&attachment).is_err() {
            return Err(refusal(StreamErrorCode::Unavailable, "please subscribe again".into(), Some(symbol)));
        }
        let joined = self.join(attachment.id, symbol, since).await;
        if joined.is_err() {
            let _ = self.unsubscribe(socket, std::slice::from_ref(symbol));
        }
        joined.map_err(|error| match error {
            EdgeError::UnknownSymbol(_) => refusal(
                StreamErrorCode::UnknownSymbol,
                format!("{symbol} is not among the symbols served"),
                Some(symbol),
            ),
            _ => refusal(StreamErrorCode::Unavailable, "please subscribe again".into(), Some(symbol)),
        })
    }

    /// Asks the Feed for everything after `since` until nothing is missing.
    async fn join(&self, id: SocketId, symbol: &Symbol, mut since: Option<u64>) -> Result<(), EdgeError> {
        loop {
            self.subscriptions.borrow_mut().begin_join(id, symbol);
            let JoinResponse { texts, seq } = self.ask_feed(symbol, since).await?;
            self.send(id, &texts);
            let delivery = self.subscriptions.borrow_mut().finish_join(id, symbol, seq);
            match delivery {
                Some(Delivery::Rejoin(at)) => since = Some(at),
                Some(Delivery::Send(texts)) => {
                    self.send(id, &texts);
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
    }

    async fn ask_feed(&self, symbol: &Symbol, since: Option<u64>) -> Result<JoinResponse, EdgeError> {
        let stub = self.env.durable_object("FEED")?.id_from_name(symbol.as_str())?.get_stub()?;
        let gateway = self.state.id().name().unwrap_or_default();
        let mut response = call(&stub, &format!("/{symbol}/join"), &JoinRequest { gateway, since }).await?;
        match response.status_code() {
            200 => Ok(response.json().await?),
            404 => Err(EdgeError::UnknownSymbol(symbol.to_string())),
            status => Err(EdgeError::Recording(format!("the feed of {symbol} answers {status}"))),
        }
    }

    async fn publish(&self, publication: Publication) -> Result<Response, EdgeError> {
        let Publication { symbol, frames, notices } = publication;
        let deliveries = self.subscriptions.borrow_mut().publish(&symbol, &frames);
        let mut behind = Vec::new();
        for (id, delivery) in deliveries {
            match delivery {
                Delivery::Send(texts) => {
                    self.send(id, &texts);
                    self.send(id, &notices);
                }
                Delivery::Rejoin(at) => behind.push((id, at)),
            }
        }
        for (id, at) in behind {
            self.join(id, &symbol, Some(at)).await?;
        }
        let subscribers = self.subscriptions.borrow().count(&symbol);
        Ok(Response::from_json(&PublishResponse { subscribers })?)
    }

    fn unsubscribe(&self, socket: &WebSocket, symbols: &[Symbol]) -> worker::Result<()> {
        let mut attachment = attachment(socket);
        for symbol in symbols {
            attachment.symbols.remove(symbol);
            self.subscriptions.borrow_mut().leave(attachment.id, symbol);
        }
        socket.serialize_attachment(&attachment)
    }

    fn send(&self, id: SocketId, texts: &[String]) {
        let sockets = self.sockets.borrow();
        let Some(socket) = sockets.get(&id) else { return };
        for text in texts {
            // A closing socket refuses; its close handler cleans up.
            if socket.send_with_str(text).is_err() {
                return;
            }
        }
    }

    fn forget(&self, socket: &WebSocket) {
        let id = attachment(socket).id;
        self.subscriptions.borrow_mut().remove(id);
        self.sockets.borrow_mut().remove(&id);
    }
}

fn attachment(socket: &WebSocket) -> Attachment {
    socket.deserialize_attachment().ok().flatten().unwrap_or_default()
}

fn parse(message: &WebSocketIncomingMessage) -> Result<ClientMessage, StreamError> {
    let malformed = |detail: String| refusal(StreamErrorCode::Malformed, detail, None);
    let WebSocketIncomingMessage::String(text) = message else {
        return Err(malformed("messages are JSON text, not binary".into()));
    };
    if text.len() > MAX_CLIENT_MESSAGE_BYTES {
        let detail = format!("a message has at most {MAX_CLIENT_MESSAGE_BYTES} bytes");
        return Err(refusal(StreamErrorCode::TooLarge, detail, None));
    }
    serde_json::from_str(text).map_err(|error| malformed(error.to_string()))
}

fn refusal(code: StreamErrorCode, detail: String, symbol: Option<&Symbol>) -> StreamError {
    StreamError { code, detail, symbol: symbol.map(ToString::to_string) }
}

fn send_error(socket: &WebSocket, error: &StreamError) -> worker::Result<()> {
    socket.send_with_str(serde_json::to_string(&ServerMessage::Error(error.clone()))?)
}
