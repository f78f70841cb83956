use leptos::prelude::*;

use crate::{
    components::{Connection, ConnectionBadge, ThemeToggle},
    net::Stream,
    pages::{HomePage, StockPage},
    route::{Link, Page, Route},
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
    let route = Route::new();
    provide_context(route);
    view! {
        <header class="bar">
            <Link to="/" class="brand">"Tickwise"</Link>
            <ConnectionBadge connection />
            <ThemeToggle theme />
        </header>
        <main>
            {move || match route.page() {
                Page::Home => view! { <HomePage /> }.into_any(),
                Page::Stock(symbol) => view! { <StockPage symbol /> }.into_any(),
                Page::Unknown => view! {
                    <p class="empty">"There is no such page. " <Link to="/">"Go to the watchlist"</Link></p>
                }.into_any(),
            }}
        </main>
        <footer>
            "Recorded prices: Quandl WIKI, public domain. Forecasts are distributions, not promises. "
            <strong>"Not investment advice."</strong>
        </footer>
    }
}
