use leptos::prelude::*;
use leptos_router::{
    components::{A, Route, Router, Routes},
    path,
};

use crate::{
    components::{Connection, ConnectionBadge, ThemeToggle},
    net::Stream,
    pages::{HomePage, StockPage},
    theme::ThemeSignal,
};

/// What every page finds in its context.
#[derive(Clone, Copy)]
pub struct Shared {
    /// The connection to the edge. The browser has one thread, so it stays local.
    stream: StoredValue<Stream, LocalStorage>,
    /// Light or dark.
    pub theme: ThemeSignal,
}

impl Shared {
    /// The connection to the edge.
    pub fn stream(&self) -> Stream {
        self.stream.get_value()
    }
}

/// The dashboard.
#[component]
pub fn App() -> impl IntoView {
    let connection = RwSignal::new(Connection::Connecting);
    let theme = ThemeSignal::new();
    provide_context(Shared { stream: StoredValue::new_local(Stream::connect(connection)), theme });
    view! {
        <Router>
            <header class="bar">
                <A href="/" attr:class="brand">"Tickwise"</A>
                <ConnectionBadge connection />
                <ThemeToggle theme />
            </header>
            <main>
                <Routes fallback=|| view! { <p class="empty">"There is no such page. " <A href="/">"Go to the watchlist"</A></p> }>
                    <Route path=path!("/") view=HomePage />
                    <Route path=path!("/stocks/:symbol") view=StockPage />
                </Routes>
            </main>
            <footer>
                "Recorded prices: Quandl WIKI, public domain. Forecasts are distributions, not promises. "
                <strong>"Not investment advice."</strong>
            </footer>
        </Router>
    }
}
