//! The WebSocket: stays connected, resumes, and hands messages on.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use futures_channel::mpsc;
use futures_util::{FutureExt, SinkExt, StreamExt, select};
use gloo_net::websocket::{Message, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use tickwise_market::Symbol;
use tickwise_protocol::{
    Origin, Quote,
    stream::{ClientMessage, PING, PONG, ServerMessage},
};
use wasm_bindgen::{JsCast, prelude::Closure};

use super::session::{Session, Verdict, Watch, Watchdog, backoff};
use crate::components::Connection;

/// How often what was used is acknowledged, and the connection watched.
const TICK_MS: u32 = 1_000;

/// A function that sees every message of a symbol.
pub type Listener = Rc<dyn Fn(&ServerMessage)>;

/// A handle to the one connection of the page.
#[derive(Clone)]
pub struct Stream(Rc<Inner>);

struct Inner {
    session: RefCell<Session>,
    connection: RwSignal<Connection>,
    /// Counted, not owned: a signal of the arena would end with the component that asked first.
    quotes: RefCell<BTreeMap<Symbol, ArcRwSignal<Option<Quote>>>>,
    listeners: RefCell<BTreeMap<u32, (Symbol, Listener)>>,
    next_listener: Cell<u32>,
    commands: mpsc::UnboundedSender<Command>,
}

enum Command {
    Send(ClientMessage),
    /// The page is visible or online again: do not wait any longer.
    Wake,
}

impl Stream {
    /// Connects, and stays connected as long as the page lives.
    pub fn connect(connection: RwSignal<Connection>) -> Self {
        let (commands, inbox) = mpsc::unbounded();
        let stream = Self(Rc::new(Inner {
            session: RefCell::new(Session::default()),
            connection,
            quotes: RefCell::default(),
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            commands,
        }));
        stream.wake_on_return();
        wasm_bindgen_futures::spawn_local(stream.clone().run(inbox));
        stream
    }

    /// The last quote of a symbol, followed from a snapshot unless it is followed already.
    pub fn quote(&self, symbol: &Symbol) -> RwSignal<Option<Quote>> {
        self.follow(symbol, None);
        self.quote_signal(symbol).into()
    }

    /// Follows a symbol from a sequence number.
    pub fn follow(&self, symbol: &Symbol, since: Option<u64>) {
        let message = self.0.session.borrow_mut().follow(symbol, since);
        if let Some(message) = message {
            self.command(Command::Send(message));
        }
    }

    /// Calls a listener with every message of a symbol until [`Stream::unlisten`].
    pub fn listen(&self, symbol: &Symbol, listener: Listener) -> u32 {
        let id = self.0.next_listener.replace(self.0.next_listener.get() + 1);
        self.0.listeners.borrow_mut().insert(id, (symbol.clone(), listener));
        id
    }

    /// Stops calling a listener.
    pub fn unlisten(&self, id: u32) {
        self.0.listeners.borrow_mut().remove(&id);
    }

    fn command(&self, command: Command) {
        // The receiver lives as long as the page.
        let _ = self.0.commands.unbounded_send(command);
    }

    fn quote_signal(&self, symbol: &Symbol) -> ArcRwSignal<Option<Quote>> {
        self.0.quotes.borrow_mut().entry(symbol.clone()).or_insert_with(|| ArcRwSignal::new(None)).clone()
    }

    async fn run(self, mut inbox: mpsc::UnboundedReceiver<Command>) {
        let mut attempt = 0;
        loop {
            let first = attempt == 0 && self.0.connection.get_untracked() == Connection::Connecting;
            if !first {
                self.0.connection.set(Connection::Reconnecting { secs: 0 });
            }
            if self.converse(&mut inbox).await {
                attempt = 0;
            }
            self.wait(attempt, &mut inbox).await;
            attempt += 1;
        }
    }

    /// One connection until it ends; whether anything was received.
    async fn converse(&self, inbox: &mut mpsc::UnboundedReceiver<Command>) -> bool {
        let Ok(socket) = WebSocket::open(&url()) else { return false };
        let (mut sink, stream) = socket.split();
        let mut stream = stream.fuse();
        let mut watchdog = Watchdog::new(js_sys::Date::now());
        let mut received = false;
        let resume = self.0.session.borrow().resume_all();
        if let Some(message) = resume
            && sink.send(text(&message)).await.is_err()
        {
            return false;
        }
        let mut tick = TimeoutFuture::new(TICK_MS).fuse();
        loop {
            select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        received = true;
                        watchdog.heard(js_sys::Date::now());
                        if let Some(answer) = self.receive(&text)
                            && sink.send(self::text(&answer)).await.is_err() { return received }
                    }
                    Some(Ok(Message::Bytes(_))) => {}
                    _ => return received,
                },
                command = inbox.next() => {
                    let message = match command {
                        Some(Command::Send(message)) => text(&message),
                        _ => {
                            watchdog.wake(js_sys::Date::now());
                            Message::Text(PING.into())
                        }
                    };
                    if sink.send(message).await.is_err() { return received }
                },
                () = tick => {
                    let ping = match watchdog.check(js_sys::Date::now()) {
                        Watch::Rest => None,
                        Watch::Ping => Some(Message::Text(PING.into())),
                        Watch::Dead => return received,
                    };
                    let used = self.0.session.borrow_mut().acknowledgement();
                    for message in used.as_ref().map(text).into_iter().chain(ping) {
                        if sink.send(message).await.is_err() { return received }
                    }
                    tick = TimeoutFuture::new(TICK_MS).fuse();
                }
            }
        }
    }

    /// Counts down to the next attempt, or until the page is visible or online again.
    async fn wait(&self, attempt: u32, inbox: &mut mpsc::UnboundedReceiver<Command>) {
        let mut left_ms =
            u32::try_from(backoff(attempt, js_sys::Math::random()).as_millis()).unwrap_or(u32::MAX);
        while left_ms > 0 {
            self.0.connection.set(Connection::Reconnecting { secs: left_ms.div_ceil(1000) });
            let step_ms = left_ms.min(1000);
            let mut step = TimeoutFuture::new(step_ms).fuse();
            select! {
                () = step => left_ms -= step_ms,
                // What is to be sent is part of the session, which the next connection resumes.
                command = inbox.next() => if matches!(command, Some(Command::Wake)) { return },
            }
        }
    }

    /// Hands a message on; returns what has to be sent in answer.
    fn receive(&self, text: &str) -> Option<ClientMessage> {
        if text == PONG {
            return None;
        }
        let Ok(message) = serde_json::from_str::<ServerMessage>(text) else { return None };
        let verdict = self.0.session.borrow_mut().receive(&message);
        match (verdict, symbol(&message)) {
            (Verdict::Use, symbol) => self.use_message(symbol, &message),
            (Verdict::Resume, Some(symbol)) => return Some(self.0.session.borrow().resume(symbol)),
            _ => {}
        }
        None
    }

    fn use_message(&self, symbol: Option<&Symbol>, message: &ServerMessage) {
        let quote = match message {
            ServerMessage::Quote(quote) => Some(quote),
            ServerMessage::Snapshot(snapshot) => snapshot.quote.as_ref(),
            _ => None,
        };
        let known =
            quote.cloned().or_else(|| symbol.and_then(|symbol| self.quote_signal(symbol).get_untracked()));
        let status = if let ServerMessage::Status(status) = message { Some(&status.origin) } else { None };
        // Only a quote tells whether a live source is a simulated one.
        let status = status.filter(|origin| known.is_some() || **origin != Origin::Live);
        if let Some(origin) = quote.map(|quote| &quote.origin).or(status) {
            let gaps = self.0.session.borrow().gaps();
            let simulated = known.is_some_and(|quote| quote.simulated);
            self.0.connection.set(Connection::Streaming { origin: origin.clone(), simulated, gaps });
        }
        if let Some(quote) = quote {
            self.quote_signal(&quote.symbol).set(Some(quote.clone()));
        }
        let listeners: Vec<Listener> = self
            .0
            .listeners
            .borrow()
            .values()
            .filter(|(followed, _)| symbol == Some(followed))
            .map(|(_, listener)| Rc::clone(listener))
            .collect();
        listeners.iter().for_each(|listener| listener(message));
    }

    fn wake_on_return(&self) {
        let stream = self.clone();
        let wake = Closure::<dyn Fn()>::new(move || stream.command(Command::Wake));
        let Some(window) = web_sys::window() else { return };
        let _ = window.add_event_listener_with_callback("online", wake.as_ref().unchecked_ref());
        if let Some(document) = window.document() {
            let _ =
                document.add_event_listener_with_callback("visibilitychange", wake.as_ref().unchecked_ref());
        }
        // The page's only stream listens as long as the page lives.
        wake.forget();
    }
}

fn symbol(message: &ServerMessage) -> Option<&Symbol> {
    match message {
        ServerMessage::Snapshot(snapshot) => Some(&snapshot.symbol),
        ServerMessage::Quote(quote) => Some(&quote.symbol),
        ServerMessage::Bar(bar) => Some(&bar.symbol),
        ServerMessage::Forecast(forecast) => Some(&forecast.symbol),
        ServerMessage::Status(status) => Some(&status.symbol),
        // Errors, and alerts, which only those get who show a token.
        _ => None,
    }
}

fn text(message: &ClientMessage) -> Message {
    Message::Text(serde_json::to_string(message).unwrap_or_default())
}

/// The stream of the page's own origin.
fn url() -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |get: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| get(location).ok()).unwrap_or_default()
    };
    let scheme = if part(web_sys::Location::protocol) == "https:" { "wss" } else { "ws" };
    format!("{scheme}://{}/api/v1/stream", part(web_sys::Location::host))
}
