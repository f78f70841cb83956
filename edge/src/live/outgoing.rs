//! A publication on its way to many sockets.

use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use worker::WebSocket;

use super::publication::Frames;

/// The texts of a publication as JavaScript strings, made once: converting them
/// again for every socket would cost more than sending them.
pub struct Outgoing {
    /// Of all events, in sequence.
    texts: Vec<JsValue>,
    /// Where the texts of each event begin.
    begins: Vec<usize>,
    notices: Vec<JsValue>,
    /// `WebSocket.prototype.send`, once a socket is there.
    send: Option<Function>,
}

impl Outgoing {
    /// Converts the texts.
    pub fn new(frames: &[Rc<Frames>], notices: &[Rc<str>]) -> Self {
        let mut texts = Vec::with_capacity(frames.len());
        let mut begins = Vec::with_capacity(frames.len());
        for frames in frames {
            begins.push(texts.len());
            texts.extend(frames.texts.iter().map(|text| JsValue::from_str(text)));
        }
        let notices = notices.iter().map(|text| JsValue::from_str(text)).collect();
        Self { texts, begins, notices, send: None }
    }

    /// Sends the events from an index on, then the notices.
    pub fn send_from(&mut self, socket: &WebSocket, first: usize) {
        let socket: &JsValue = socket.as_ref();
        if self.send.is_none() {
            self.send = Reflect::get(socket, &"send".into()).ok().and_then(|f| f.dyn_into().ok());
        }
        let Some(send) = &self.send else { return };
        let begin = self.begins.get(first).copied().unwrap_or(self.texts.len());
        for text in self.texts.iter().skip(begin).chain(&self.notices) {
            // A closing socket refuses; its close handler cleans up.
            if send.call1(socket, text).is_err() {
                return;
            }
        }
    }
}
