//! A publication on its way to many sockets.

use std::{collections::BTreeMap, rc::Rc};

use js_sys::{Array, JsString, Map};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::WebSocket;

use super::{publication::Frames, subscriptions::SocketId};

#[wasm_bindgen(module = "/src/live/fan_out.js")]
extern "C" {
    #[wasm_bindgen(js_name = sendToEach)]
    fn send_to_each(sockets: &Map, ids: &[SocketId], texts: &Array);
}

/// Sockets where JavaScript finds them: each text becomes a JavaScript string
/// once, and the loop over the sockets stays on that side.
#[derive(Debug, Default)]
pub struct FanOut {
    sockets: Map,
}

impl FanOut {
    /// A socket is open.
    pub fn insert(&self, id: SocketId, socket: &WebSocket) {
        self.sockets.set(&id.into(), socket.as_ref());
    }

    /// A socket is closed.
    pub fn remove(&self, id: SocketId) {
        self.sockets.delete(&id.into());
    }

    /// Sends each group of sockets the events from an index on, in sequence, then the notices.
    pub fn send(&self, groups: &BTreeMap<usize, Vec<SocketId>>, frames: &[Rc<Frames>], notices: &[Rc<str>]) {
        let texts: Vec<Vec<JsString>> = frames.iter().map(|frames| strings(&frames.texts)).collect();
        let notices = strings(notices);
        for (first, ids) in groups {
            let events = texts.iter().skip(*first).flatten();
            send_to_each(&self.sockets, ids, &events.chain(&notices).collect());
        }
    }
}

fn strings<T: AsRef<str>>(texts: &[T]) -> Vec<JsString> {
    texts.iter().map(|text| text.as_ref().into()).collect()
}
