use std::time::Duration;

use leptos::prelude::*;
use tickwise_protocol::service::{LiveStatus, ServiceStatus, SymbolStatus};

use crate::{format, net::rest};

/// Often enough for people; the answer is small.
const REFRESH: Duration = Duration::from_secs(15);

/// Before the first price somebody waits for it.
const REFRESH_WITHOUT_PRICES: Duration = Duration::from_secs(3);

/// What the live source spends and how old its prices are; nothing in a replay,
/// which every price says already.
#[component]
pub fn StatusPanel() -> impl IntoView {
    let status = RwSignal::new(None);
    let ask = move || rest::ask(status, rest::status());
    ask();
    if let Ok(timer) = set_interval_with_handle(ask, REFRESH) {
        on_cleanup(move || timer.clear());
    }
    Effect::new(move |_| {
        let is_silent =
            |status: &ServiceStatus| status.live.as_ref().is_some_and(|live| is_silent(&live.symbols));
        if status.with(|status| matches!(status, Some(Ok(status)) if is_silent(status))) {
            set_timeout(ask, REFRESH_WITHOUT_PRICES);
        }
    });
    move || {
        let status = status.get()?.ok()?;
        let now_ms = status.now_ms;
        Some(view! { <Panel live=status.live? now_ms /> })
    }
}

fn is_silent(symbols: &[SymbolStatus]) -> bool {
    symbols.iter().all(|symbol| symbol.price.is_none())
}

#[component]
fn Panel(live: LiveStatus, now_ms: i64) -> impl IntoView {
    let vendor = match live.simulated {
        true => "A simulated vendor: no price is real",
        // Only a price tells whether it is simulated.
        false if is_silent(&live.symbols) => "No price yet",
        false => "Alpha Vantage",
    };
    let freshness = match live.entitlement.as_str() {
        "realtime" => "prices as they happen",
        "delayed" => "prices delayed by 15 minutes",
        _ => "prices of the last close, which move once a day",
    };
    let left = match (live.budget.left, live.budget.per_day) {
        (Some(left), Some(per_day)) => format!("{left} of {per_day} requests left today"),
        _ => live.budget.per_minute.map(|n| format!("{n} requests a minute")).unwrap_or_default(),
    };
    let next = live.next.request.unwrap_or_else(|| "nothing".into());
    let next = match live.next.reason.as_str() {
        "budget_spent" => format!("{next}, when the budget allows it"),
        "circuit_open" => format!("{next}, after a pause because of failures"),
        _ => next,
    };
    let wait = format::duration((live.next.at_ms - now_ms).max(0));
    let circuits = live.circuits.into_iter().map(|circuit| view! { <p class="error">{circuit.detail}</p> });
    let rows = live.symbols.iter().map(|symbol| row(symbol, live.simulated)).collect_view();
    view! {
        <section class="card" data-testid="status-panel">
            <h2>"The live source"</h2>
            <p>{vendor} ", plan " <code>{live.plan}</code> ": " {freshness} ". " {left} ". Next: " {next} " in " {wait} "."</p>
            {circuits.collect_view()}
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Symbol"</th>
                        <th scope="col" class="number">"Price"</th>
                        <th scope="col">"Which is"</th>
                        <th scope="col" class="number">"Age"</th>
                        <th scope="col" class="number">"Viewers"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn row(symbol: &SymbolStatus, simulated: bool) -> impl IntoView + use<> {
    let price = symbol.price.map(format::price).unwrap_or_default();
    let origin = match &symbol.origin {
        Some(_) if simulated => "Simulated".into(),
        origin => origin.as_ref().map(format::origin).unwrap_or_default(),
    };
    let age = symbol.age_ms.map_or_else(|| "no price yet".into(), format::duration);
    view! {
        <tr>
            <th scope="row">{symbol.symbol.to_string()}</th>
            <td class="number">{price}</td>
            <td>{origin}</td>
            <td class="number">{age}</td>
            <td class="number">{symbol.viewers}</td>
        </tr>
    }
}
