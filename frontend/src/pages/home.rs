use leptos::prelude::*;

use crate::{
    components::{ModelCard, StatusPanel, Watchlist},
    net::rest,
};

/// The watchlist.
#[component]
pub fn HomePage() -> impl IntoView {
    let stocks = RwSignal::new(None);
    let ask = move || rest::ask(stocks, rest::stocks());
    ask();
    view! {
        <h1>"Watchlist"</h1>
        {move || match stocks.get() {
            None => view! { <p class="empty" role="status">"Loading prices…"</p> }.into_any(),
            Some(Err(error)) => view! {
                <p class="error" role="alert">{error.to_string()}</p>
                <button on:click=move |_| ask()>"Try again"</button>
            }.into_any(),
            Some(Ok(stocks)) if stocks.is_empty() => view! { <p class="empty">"No symbols are served."</p> }.into_any(),
            Some(Ok(stocks)) => view! { <Watchlist stocks /> }.into_any(),
        }}
        <StatusPanel />
        <ModelCard />
    }
}
