//! A publication on its way to many sockets.

use std::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use worker::WebSocket;

use super::publication::Frames;

/// The texts of a publication as JavaScript strings, made once: converting them
/// again for every socket would cost more than sending them.
pub struct Outgoing {
    /// Of each event, in sequence.
    events: Vec<Vec<JsValue>>,
    notices: Vec<JsValue>,
}

impl Outgoing {
    /// Converts the texts.
    pub fn new(frames: &[Rc<Frames>], notices: &[String]) -> Self {
        let strings = |texts: &[String]| texts.iter().map(|text| JsValue::from_str(text)).collect();
        Self {
            events: frames.iter().map(|frames| strings(&frames.texts)).collect(),
            notices: strings(notices),
        }
    }

    /// Sends the events from an index on, then the notices.
    pub fn send_from(&self, socket: &WebSocket, first: usize) {
        let socket: &JsValue = socket.as_ref();
        let Some(send) =
            Reflect::get(socket, &"send".into()).ok().and_then(|f| f.dyn_into::<Function>().ok())
        else {
            return;
        };
        for text in self.events.iter().skip(first).flatten().chain(&self.notices) {
            // A closing socket refuses; its close handler cleans up.
            if send.call1(socket, text).is_err() {
                return;
            }
        }
    }
}
