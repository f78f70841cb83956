//! Which page is shown. Two pages need no routing library, which would be a
//! third of what the browser downloads.

use leptos::{ev, prelude::*};
use percent_encoding::percent_decode_str;
use tickwise_market::Symbol;

/// The pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The watchlist, at `/`.
    Home,
    /// One symbol, at `/stocks/{symbol}`.
    Stock(Symbol),
    /// Any other address.
    Unknown,
}

impl Page {
    /// The page at a path.
    pub fn at(path: &str) -> Self {
        match path.trim_matches('/').split('/').collect::<Vec<_>>().as_slice() {
            [""] => Self::Home,
            ["stocks", symbol] => {
                let symbol = percent_decode_str(symbol).decode_utf8_lossy();
                symbol.parse().map_or(Self::Unknown, Self::Stock)
            }
            _ => Self::Unknown,
        }
    }
}

/// The page shown now.
#[derive(Clone, Copy)]
pub struct Route(RwSignal<Page>);

impl Route {
    /// The page at the browser's address, following its back and forward buttons.
    pub fn new() -> Self {
        let page = RwSignal::new(Page::at(&path()));
        let _ = window_event_listener(ev::popstate, move |_| page.set(Page::at(&path())));
        Self(page)
    }

    /// The page.
    pub fn page(&self) -> Page {
        self.0.get()
    }

    fn go(self, path: &str) {
        let history = web_sys::window().and_then(|window| window.history().ok());
        if let Some(history) = history {
            let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
        }
        self.0.set(Page::at(path));
    }
}

/// A link within the dashboard.
#[component]
pub fn Link(
    #[prop(into)] to: String,
    #[prop(optional)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let route = expect_context::<Route>();
    let path = to.clone();
    let click = move |event: ev::MouseEvent| {
        // Opening in a new tab is the browser's business.
        if event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() {
            event.prevent_default();
            route.go(&path);
        }
    };
    view! { <a href=to class=class on:click=click>{children()}</a> }
}

fn path() -> String {
    web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_pages() {
        assert_eq!(Page::at("/"), Page::Home);
        assert_eq!(Page::at("/stocks/aapl"), Page::Stock("AAPL".parse().unwrap()));
        for path in ["/stocks/M&M.NS", "/stocks/M%26M.NS"] {
            assert_eq!(Page::at(path), Page::Stock("M&M.NS".parse().unwrap()));
        }
        assert_eq!(Page::at("/stocks/%5EGSPC"), Page::Stock("^GSPC".parse().unwrap()));
        for path in ["/stocks", "/stocks/", "/stocks/A%20B", "/x", "/stocks/A/b"] {
            assert_eq!(Page::at(path), Page::Unknown, "{path}");
        }
    }
}
