use leptos::prelude::*;
use tickwise_market::Interval;
use tickwise_protocol::{Quote, rest::Stock, stream::SourceState};

use super::Sparkline;
use crate::{app::Shared, format, net::rest, route::Link};

/// Closed days in a sparkline.
const SPARKLINE_DAYS: usize = 60;

/// All symbols with their live prices.
#[component]
pub fn Watchlist(stocks: Vec<Stock>) -> impl IntoView {
    let rows = stocks.into_iter().map(|stock| view! { <Row stock /> }).collect_view();
    view! {
        <table class="watchlist">
            <thead>
                <tr>
                    <th scope="col">"Symbol"</th>
                    <th scope="col" class="number">"Price"</th>
                    <th scope="col" class="number">"Change"</th>
                    <th scope="col" class="number wide">"Volume"</th>
                    <th scope="col" class="number wide">"Exchange time"</th>
                    <th scope="col" class="wide">"60 days"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

#[component]
fn Row(stock: Stock) -> impl IntoView {
    let symbol = stock.symbol.clone();
    let live = expect_context::<Shared>().stream().quote(&symbol);
    let first = stock.quote.clone();
    let quote = Memo::new(move |_| live.get().or_else(|| first.clone()));
    let closes = {
        let symbol = symbol.clone();
        LocalResource::new(move || {
            let symbol = symbol.clone();
            async move { rest::bars(&symbol, Interval::Day, SPARKLINE_DAYS).await }
        })
    };
    let closes = Signal::derive(move || {
        let bars = closes.get().and_then(Result::ok).map(|bars| bars.bars).unwrap_or_default();
        bars.iter().map(|bar| bar.close).collect::<Vec<_>>()
    });
    let number =
        move |show: fn(&Quote) -> String| move || quote.read().as_ref().map_or_else(|| "–".into(), show);
    let change_class = move || match change(quote.read().as_ref()) {
        Some((absolute, _)) if absolute > 0.0 => "number up",
        Some((absolute, _)) if absolute < 0.0 => "number down",
        _ => "number",
    };
    let (link, name, test_id) = (format!("/stocks/{symbol}"), symbol.to_string(), format!("price-{symbol}"));
    let missing = (stock.state == SourceState::NotListed).then_some("not listed yet on the replayed date");
    view! {
        <tr>
            <th scope="row">
                <Link to=link>{name}</Link>
                <span class="name">{stock.name}</span>
                <span class="name">{missing}</span>
            </th>
            <td class="number price" data-testid=test_id data-seq=move || quote.read().as_ref().map(|q| q.seq.to_string())>
                {number(|quote| format::price(quote.price))}
            </td>
            <td class=change_class>{move || change_words(quote.read().as_ref())}</td>
            <td class="number wide">{number(|quote| format::volume(quote.volume))}</td>
            <td class="number wide">{number(|quote| format::clock(quote.exchange_time_ms))}</td>
            <td class="wide"><Sparkline closes /></td>
        </tr>
    }
}

/// Absolute change and percentage since the previous close.
fn change(quote: Option<&Quote>) -> Option<(f64, f64)> {
    let quote = quote?;
    let previous = quote.previous_close?;
    Some((quote.price - previous, 100.0 * (quote.price / previous - 1.0)))
}

/// The change with an arrow, so that colour is not all that tells its direction.
pub fn change_words(quote: Option<&Quote>) -> String {
    let Some((absolute, percent)) = change(quote) else { return "–".into() };
    let arrow = match absolute {
        a if a > 0.0 => "▲",
        a if a < 0.0 => "▼",
        _ => "■",
    };
    format!("{arrow} {} ({} %)", format::signed(absolute, 2), format::signed(percent, 2))
}
