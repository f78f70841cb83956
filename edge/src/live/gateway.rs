use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;
use tickwise_protocol::alerts::Alert;
use tickwise_protocol::stream::{
    CLOSE_SLOW_READER, CLOSE_TOO_MANY_MESSAGES, ClientMessage, MAX_CLIENT_MESSAGE_BYTES,
    MAX_SYMBOLS_PER_SOCKET, MESSAGES_PER_SECOND, PING, PONG, ServerMessage, Since, StreamError,
    StreamErrorCode,
};
use worker::{
    DurableObject, Env, Request, Response, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair, durable_object,
};

use super::{
    alerts::{AlertNotice, AlertsCall},
    fan_out::FanOut,
    limits::{Admission, MessageRate},
    now_ms,
    publication::{JoinRequest, JoinResponse, Publication, Subscribers, call},
    subscriptions::{Delivery, Joined, SocketId, Subscriptions},
};
use crate::{
    api::{alerts, client_network, respond},
    config,
    error::EdgeError,
};

/// What went wrong is in the log (RFC 6455, section 7.4.1).
const CLOSE_INTERNAL_ERROR: u16 = 1011;

/// Holds the WebSockets of a share of the clients, and those of the Feeds that
/// publish to them. Sockets hibernate: between messages the object may be evicted
/// from memory, and what it has to know of a socket then is the socket's
/// [`Attachment`].
#[durable_object]
pub struct Gateway {
    state: State,
    env: Env,
    sockets: RefCell<HashMap<SocketId, Socket>>,
    fan_out: FanOut,
    subscriptions: RefCell<Subscriptions>,
    next_id: Cell<SocketId>,
}

/// A client's connection, and what is known of it.
struct Socket {
    socket: WebSocket,
    address: Rc<str>,
    /// Whose alerts it gets: the hash of the token that it has shown.
    owner: Option<Rc<str>>,
    rate: MessageRate,
}

/// Who is at the other end of a socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Attachment {
    Feed,
    Client(Client),
}

/// What survives hibernation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Client {
    id: SocketId,
    /// For its share of connections.
    address: String,
    /// Hash of the token of alerts that it has shown.
    owner: Option<String>,
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
            fan_out: FanOut::default(),
            subscriptions: RefCell::default(),
            next_id: Cell::new(1),
        };
        gateway.wake();
        gateway
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        match request.path().as_str() {
            "/link" => respond(self.accept_feed()),
            "/count" => respond(self.count(&request.json().await?)),
            "/alert" => respond(self.tell(&request.json().await?)),
            _ => respond(self.accept(&request)),
        }
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        match socket.deserialize_attachment()? {
            Some(Attachment::Feed) => self.hear_feed(&socket, &message).await,
            Some(Attachment::Client(client)) => self.hear_client(client, &socket, &message).await,
            None => Err("a socket of nobody".into()),
        }
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        code: usize,
        reason: String,
        _: bool,
    ) -> worker::Result<()> {
        self.closed(&socket);
        // Completes the closing handshake; a socket that is gone already says so, which is fine.
        let code = u16::try_from(code).ok().filter(|code| (1000..=1003).contains(code)).unwrap_or(1000);
        let _ = socket.close(Some(code), Some(reason));
        Ok(())
    }

    async fn websocket_error(&self, socket: WebSocket, _: worker::Error) -> worker::Result<()> {
        self.closed(&socket);
        Ok(())
    }
}

impl Gateway {
    /// Rebuilds what hibernation has taken from memory.
    fn wake(&self) {
        let now_ms = now_ms();
        for socket in self.state.get_websockets() {
            let Some(Client { id, address, owner, symbols }) = client(&socket) else { continue };
            self.next_id.set(self.next_id.get().max(id + 1));
            for symbol in symbols {
                self.subscriptions.borrow_mut().restore(id, symbol);
            }
            let (address, owner) = (address.into(), owner.map(Into::into));
            self.add(id, Socket { socket, address, owner, rate: MessageRate::new(now_ms) });
        }
    }

    fn accept(&self, request: &Request) -> Result<Response, EdgeError> {
        if request.headers().get("upgrade")?.is_none_or(|value| !value.eq_ignore_ascii_case("websocket")) {
            return Err(EdgeError::UpgradeRequired);
        }
        let address = client_network(request)?;
        let allowed = config::connections_per_address(&self.env)?;
        let open = self.sockets.borrow().values().filter(|socket| *socket.address == *address).count();
        if open >= allowed {
            return Err(EdgeError::TooManyConnections { allowed });
        }
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_web_socket(&server);
        let id = self.next_id.replace(self.next_id.get() + 1);
        save(&server, &Client { id, address: address.clone(), ..Client::default() })?;
        let (address, rate) = (address.into(), MessageRate::new(now_ms()));
        self.add(id, Socket { socket: server, address, owner: None, rate });
        Ok(Response::from_websocket(client)?)
    }

    fn accept_feed(&self) -> Result<Response, EdgeError> {
        let WebSocketPair { client, server } = WebSocketPair::new()?;
        self.state.accept_web_socket(&server);
        server.serialize_attachment(Attachment::Feed)?;
        Ok(Response::from_websocket(client)?)
    }

    /// A Feed sends publications, one after the other, and waits for each answer.
    async fn hear_feed(&self, socket: &WebSocket, message: &WebSocketIncomingMessage) -> worker::Result<()> {
        let WebSocketIncomingMessage::String(text) = message else {
            return Err("publications are text".into());
        };
        let heard = async { Ok(serde_json::to_string(&self.publish(serde_json::from_str(text)?).await?)?) };
        let heard = heard.await;
        match heard {
            Ok(answer) => socket.send_with_str(answer),
            Err::<String, EdgeError>(error) => {
                crate::console::warn(format_args!("a publication fails: {error}"));
                socket.close(Some(CLOSE_INTERNAL_ERROR), Some("the publication fails"))
            }
        }
    }

    async fn hear_client(
        &self,
        client: Client,
        socket: &WebSocket,
        message: &WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        match self.admit(client.id) {
            Admission::Admit => {}
            Admission::Refuse => {
                let detail = format!("send at most {MESSAGES_PER_SECOND} messages a second");
                return send_error(socket, &refusal(StreamErrorCode::TooManyMessages, detail, None));
            }
            Admission::Close => {
                self.remove(client.id);
                return socket.close(Some(CLOSE_TOO_MANY_MESSAGES), Some("too many messages"));
            }
        }
        match parse(message) {
            Ok(ClientMessage::Subscribe { symbols, since }) => {
                // Each once, however often it is named.
                for symbol in symbols.iter().collect::<BTreeSet<_>>() {
                    if !self.subscriptions.borrow_mut().may_subscribe(client.id) {
                        self.close_slow(client.id);
                        break;
                    }
                    if let Err(refusal) = self.subscribe(socket, symbol, since.get(symbol).copied()).await {
                        send_error(socket, &refusal)?;
                    }
                }
                Ok(())
            }
            Ok(ClientMessage::Authenticate { token }) => self
                .authenticate(client, socket, &token)
                .await
                .or_else(|refusal| send_error(socket, &refusal)),
            Ok(ClientMessage::Unsubscribe { symbols }) => self.unsubscribe(socket, &symbols),
            Ok(ClientMessage::Ack { seqs }) => {
                self.acknowledge(client.id, &seqs).await;
                Ok(())
            }
            Ok(ClientMessage::Ping) => socket.send_with_str(serde_json::to_string(&ServerMessage::Pong)?),
            Err(refusal) => send_error(socket, &refusal),
        }
    }

    /// An alert has fired.
    fn tell(&self, notice: &AlertNotice) -> Result<Response, EdgeError> {
        let sockets = self.sockets.borrow();
        let shown = sockets.values().filter(|socket| socket.owner.as_deref() == Some(&*notice.owner));
        // A closing socket refuses, and is told when it comes back.
        shown.for_each(|socket| drop(socket.socket.send_with_str(&notice.text)));
        Ok(Response::empty()?)
    }

    /// From now on the socket gets the alerts of a token on its symbols; those
    /// that have fired while it was away, at once.
    async fn authenticate(
        &self,
        mut client: Client,
        socket: &WebSocket,
        token: &str,
    ) -> Result<(), StreamError> {
        if !alerts::is_token(token) {
            return Err(refusal(StreamErrorCode::BadToken, "this is no token of alerts".into(), None));
        }
        let owner = alerts::owner(token);
        client.owner = Some(owner.clone());
        let unavailable = || refusal(StreamErrorCode::Unavailable, "please authenticate again".into(), None);
        save(socket, &client).map_err(|_| unavailable())?;
        if let Some(socket) = self.sockets.borrow_mut().get_mut(&client.id) {
            socket.owner = Some(owner.as_str().into());
        }
        for symbol in &client.symbols {
            self.send_fired(client.id, &owner, symbol).await.map_err(|_| unavailable())?;
        }
        Ok(())
    }

    async fn send_fired(&self, id: SocketId, owner: &str, symbol: &Symbol) -> Result<(), EdgeError> {
        let stub = self.env.durable_object("FEED")?.id_from_name(symbol.as_str())?.get_stub()?;
        let call_for = AlertsCall::List { owner: owner.to_owned() };
        let alerts: Vec<Alert> = call(&stub, &format!("/{symbol}/alerts"), &call_for).await?.json().await?;
        for alert in alerts.into_iter().filter(|alert| alert.fired.is_some()) {
            self.send(id, &[serde_json::to_string(&ServerMessage::Alert(Box::new(alert)))?]);
        }
        Ok(())
    }

    fn admit(&self, id: SocketId) -> Admission {
        let mut sockets = self.sockets.borrow_mut();
        sockets.get_mut(&id).map_or(Admission::Admit, |socket| socket.rate.admit(now_ms()))
    }

    async fn subscribe(
        &self,
        socket: &WebSocket,
        symbol: &Symbol,
        since: Option<Since>,
    ) -> Result<(), StreamError> {
        // Read anew: while an earlier symbol was joined, the client may have left others.
        let Some(mut client) = client(socket) else { return Ok(()) };
        client.symbols.insert(symbol.clone());
        if client.symbols.len() > MAX_SYMBOLS_PER_SOCKET {
            let detail = format!("a connection carries at most {MAX_SYMBOLS_PER_SOCKET} symbols");
            return Err(refusal(StreamErrorCode::TooManySymbols, detail, Some(symbol)));
        }
        if save(socket, &client).is_err() {
            return Err(refusal(StreamErrorCode::Unavailable, "please subscribe again".into(), Some(symbol)));
        }
        let mut joined = self.join(client.id, symbol, since).await;
        if let (Ok(()), Some(owner)) = (&joined, &client.owner) {
            joined = self.send_fired(client.id, owner, symbol).await;
        }
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

    /// Asks the Feed for everything after `since` until nothing is missing, or
    /// the socket has enough to read.
    async fn join(&self, id: SocketId, symbol: &Symbol, mut since: Option<Since>) -> Result<(), EdgeError> {
        loop {
            self.subscriptions.borrow_mut().begin_join(id, symbol, since.map(Since::seq));
            let JoinResponse { texts, from, seq, more } = self.ask_feed(symbol, since).await?;
            self.send(id, &texts);
            let joined = self.subscriptions.borrow_mut().finish_join(id, symbol, (from, seq, more), now_ms());
            match joined {
                Some(Joined::Rejoin(at)) => since = Some(Since::Seq(at)),
                Some(Joined::Send(events)) => {
                    events.iter().for_each(|event| self.send(id, &event.texts));
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
    }

    async fn ask_feed(&self, symbol: &Symbol, since: Option<Since>) -> Result<JoinResponse, EdgeError> {
        let stub = self.env.durable_object("FEED")?.id_from_name(symbol.as_str())?.get_stub()?;
        let gateway = self.state.id().name().unwrap_or_default();
        let mut response = call(&stub, &format!("/{symbol}/join"), &JoinRequest { gateway, since }).await?;
        match response.status_code() {
            200 => Ok(response.json().await?),
            404 => Err(EdgeError::UnknownSymbol(symbol.to_string())),
            status => Err(EdgeError::Recording(format!("the feed of {symbol} answers {status}"))),
        }
    }

    fn count(&self, symbol: &Symbol) -> Result<Response, EdgeError> {
        Ok(Response::from_json(&self.subscribers(symbol))?)
    }

    fn subscribers(&self, symbol: &Symbol) -> Subscribers {
        Subscribers { subscribers: self.subscriptions.borrow().count(symbol) }
    }

    async fn publish(&self, publication: Publication) -> Result<Subscribers, EdgeError> {
        let Publication { symbol, frames, notices } = publication;
        let deliveries = self.subscriptions.borrow_mut().publish(&symbol, &frames, &notices, now_ms());
        let mut following: BTreeMap<usize, Vec<SocketId>> = BTreeMap::new();
        let mut behind = Vec::new();
        for (id, delivery) in deliveries {
            match delivery {
                Delivery::Wait => {}
                Delivery::From(first) => following.entry(first).or_default().push(id),
                other => behind.push((id, other)),
            }
        }
        self.fan_out.send(&following, &frames, &notices);
        for (id, delivery) in behind {
            self.deliver(id, &symbol, delivery).await;
        }
        Ok(self.subscribers(&symbol))
    }

    async fn acknowledge(&self, id: SocketId, seqs: &BTreeMap<Symbol, u64>) {
        let deliveries = self.subscriptions.borrow_mut().acknowledge(id, seqs);
        for (symbol, delivery) in deliveries {
            self.deliver(id, &symbol, delivery).await;
        }
    }

    /// What is not simply the events of a publication.
    async fn deliver(&self, id: SocketId, symbol: &Symbol, delivery: Delivery) {
        match delivery {
            Delivery::From(_) | Delivery::Wait => {}
            Delivery::Texts(texts) => self.send(id, &texts),
            Delivery::Rejoin(at) => self.rejoin(id, symbol, at).await,
            Delivery::Close => self.close_slow(id),
        }
    }

    /// Asks the Feed for what a socket misses. Where that fails the next publication
    /// asks again; the client is told, for there may be none for long.
    async fn rejoin(&self, id: SocketId, symbol: &Symbol, at: u64) {
        if let Err(error) = self.join(id, symbol, Some(Since::Seq(at))).await {
            crate::console::warn(format_args!("{symbol}: {error}"));
            self.subscriptions.borrow_mut().fail_join(id, symbol);
            let refusal =
                refusal(StreamErrorCode::Unavailable, "please subscribe again".into(), Some(symbol));
            if let Ok(text) = serde_json::to_string(&ServerMessage::Error(refusal)) {
                self.send(id, &[text]);
            }
        }
    }

    fn close_slow(&self, id: SocketId) {
        let socket = self.remove(id);
        let reason = "too slow: acknowledge what you have read, and resume";
        let _ = socket.map(|socket| socket.socket.close(Some(CLOSE_SLOW_READER), Some(reason)));
    }

    fn unsubscribe(&self, socket: &WebSocket, symbols: &[Symbol]) -> worker::Result<()> {
        let Some(mut client) = client(socket) else { return Ok(()) };
        for symbol in symbols {
            client.symbols.remove(symbol);
            self.subscriptions.borrow_mut().leave(client.id, symbol);
        }
        save(socket, &client)
    }

    fn send<T: AsRef<str>>(&self, id: SocketId, texts: &[T]) {
        let sockets = self.sockets.borrow();
        let Some(socket) = sockets.get(&id) else { return };
        for text in texts {
            // A closing socket refuses; its close handler cleans up.
            if socket.socket.send_with_str(text.as_ref()).is_err() {
                return;
            }
        }
    }

    fn closed(&self, socket: &WebSocket) {
        if let Some(client) = client(socket) {
            self.remove(client.id);
        }
    }

    fn add(&self, id: SocketId, socket: Socket) {
        self.fan_out.insert(id, &socket.socket);
        self.sockets.borrow_mut().insert(id, socket);
    }

    fn remove(&self, id: SocketId) -> Option<Socket> {
        self.fan_out.remove(id);
        self.subscriptions.borrow_mut().remove(id);
        self.sockets.borrow_mut().remove(&id)
    }
}

/// The client at the other end, if it is one.
fn client(socket: &WebSocket) -> Option<Client> {
    match socket.deserialize_attachment() {
        Ok(Some(Attachment::Client(client))) => Some(client),
        _ => None,
    }
}

fn save(socket: &WebSocket, client: &Client) -> worker::Result<()> {
    socket.serialize_attachment(Attachment::Client(client.clone()))
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
