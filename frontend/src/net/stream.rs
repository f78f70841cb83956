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
    Quote,
    stream::{ClientMessage, PING, Point, ServerMessage},
};
use wasm_bindgen::{JsCast, prelude::Closure};

use super::session::{Session, Verdict, Watch, Watchdog, backoff, quote, symbol};
use crate::components::Connection;

/// How often what was used is acknowledged, and the connection watched.
const TICK_MS: u32 = 1_000;

/// Sees every message of a symbol.
type Listener = Rc<dyn Fn(&ServerMessage)>;

/// A handle to the one connection of the page.
#[derive(Clone)]
pub struct Stream(Rc<Inner>);

struct Inner {
    session: RefCell<Session>,
    connection: RwSignal<Connection>,
    /// A symbol with none is of no use to the page, and unsubscribed.
    listeners: RefCell<BTreeMap<u32, (Symbol, Listener)>>,
    next_listener: Cell<u32>,
    commands: mpsc::UnboundedSender<Command>,
}

enum Command {
    /// The session has something to say.
    Send,
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
            listeners: RefCell::default(),
            next_listener: Cell::new(0),
            commands,
        }));
        stream.wake_on_return();
        wasm_bindgen_futures::spawn_local(stream.clone().run(inbox));
        stream
    }

    /// The last quote of a symbol, followed from a snapshot unless it is followed
    /// already, as long as the component lives that asks.
    pub fn quote(&self, symbol: &Symbol) -> RwSignal<Option<Quote>> {
        let signal = RwSignal::new(self.0.session.borrow().quote(symbol).cloned());
        self.listen(symbol, move |message| {
            if let Some(quote) = quote(message) {
                signal.set(Some(quote.clone()));
            }
        });
        self.follow(symbol, None, None);
        signal
    }

    /// Follows a symbol from a place and the quote known there as long as anything
    /// listens to it.
    pub fn follow(&self, symbol: &Symbol, since: Option<Point>, quote: Option<Quote>) {
        if self.0.session.borrow_mut().follow(symbol, since, quote) {
            self.command(Command::Send);
        }
    }

    /// Calls a listener with every message of a symbol as long as the component
    /// lives that listens.
    pub fn listen(&self, symbol: &Symbol, listener: impl Fn(&ServerMessage) + 'static) {
        let id = self.0.next_listener.replace(self.0.next_listener.get() + 1);
        self.0.listeners.borrow_mut().insert(id, (symbol.clone(), Rc::new(listener)));
        let stream = StoredValue::new_local(self.clone());
        // The next tick unsubscribes the symbol, unless the next page listens to it, too.
        on_cleanup(move || {
            stream.with_value(|stream| stream.0.listeners.borrow_mut().remove(&id));
        });
    }

    fn command(&self, command: Command) {
        // The receiver lives as long as the page.
        let _ = self.0.commands.unbounded_send(command);
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
        let mut tick = TimeoutFuture::new(TICK_MS).fuse();
        self.0.session.borrow_mut().reconnect();
        let mut outgoing = self.outgoing();
        loop {
            for message in outgoing {
                if sink.send(message).await.is_err() {
                    return received;
                }
            }
            outgoing = select! {
                message = stream.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        received = true;
                        watchdog.heard(js_sys::Date::now());
                        if self.receive(&text) { self.outgoing() } else { Vec::new() }
                    }
                    Some(Ok(Message::Bytes(_))) => Vec::new(),
                    _ => return received,
                },
                command = inbox.next() => if let Some(Command::Send) = command {
                    self.outgoing()
                } else {
                    watchdog.wake(js_sys::Date::now());
                    vec![Message::Text(PING.into())]
                },
                () = tick => {
                    tick = TimeoutFuture::new(TICK_MS).fuse();
                    let mut outgoing = self.outgoing();
                    match watchdog.check(js_sys::Date::now()) {
                        Watch::Rest => {}
                        Watch::Ping => outgoing.push(Message::Text(PING.into())),
                        Watch::Dead => return received,
                    }
                    outgoing
                }
            };
        }
    }

    /// What the session has to say: room is made before more is subscribed.
    fn outgoing(&self) -> Vec<Message> {
        let listeners = self.0.listeners.borrow();
        let is_used = |symbol: &Symbol| listeners.values().any(|(used, _)| used == symbol);
        let mut session = self.0.session.borrow_mut();
        let messages =
            [session.leave(is_used), session.subscription(js_sys::Date::now()), session.acknowledgement()];
        messages.iter().flatten().map(text).collect()
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

    /// Hands a message on; whether the session has something to say to it.
    fn receive(&self, text: &str) -> bool {
        // The answer to a ping is no JSON.
        let Ok(message) = serde_json::from_str(text) else { return false };
        let now_ms = js_sys::Date::now();
        if let ServerMessage::Error(error) = &message {
            self.0.session.borrow_mut().refuse(error, now_ms, js_sys::Math::random());
        }
        let verdict = self.0.session.borrow_mut().receive(&message, now_ms);
        if verdict == Verdict::Use {
            self.use_message(&message);
        }
        verdict == Verdict::Resume
    }

    fn use_message(&self, message: &ServerMessage) {
        let symbol = symbol(message);
        let (simulated, gaps) = {
            let session = self.0.session.borrow();
            (symbol.and_then(|symbol| session.quote(symbol)).map(|quote| quote.simulated), session.gaps())
        };
        let origin = match message {
            // Only a quote tells whether a source is a simulated one; a replay says so itself.
            ServerMessage::Status(status) => {
                (simulated.is_some() || status.origin.is_simulated()).then_some(&status.origin)
            }
            _ => quote(message).map(|quote| &quote.origin),
        };
        if let Some(origin) = origin.cloned() {
            let simulated = simulated.unwrap_or_default();
            self.0.connection.set(Connection::Streaming { origin, simulated, gaps });
        }
        let heard =
            |(used, listener): &(Symbol, Listener)| (symbol == Some(used)).then(|| Rc::clone(listener));
        let listeners: Vec<Listener> = self.0.listeners.borrow().values().filter_map(heard).collect();
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
