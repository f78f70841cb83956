use leptos::prelude::*;
use tickwise_market::Symbol;

use crate::net::rest;

/// How a symbol's forecasts have done so far, in a sentence.
#[component]
pub fn ForecastRecord(symbol: Symbol) -> impl IntoView {
    let words = RwSignal::new(String::new());
    leptos::task::spawn_local(async move {
        if let Ok(told) = rest::record(&symbol).await {
            let _ = words.try_set(told);
        }
    });
    view! { <p data-testid="record">{words}</p> }
}
