use leptos::prelude::*;
use tickwise_market::Interval;
use tickwise_protocol::{Origin, Quote, rest::Stock};

use super::{OriginNote, Sparkline};
use crate::{app::Shared, format, net::rest, route::Link};

/// Closed days in a sparkline.
const SPARKLINE_DAYS: usize = 60;

/// All symbols with their live prices.
#[component]
pub fn Watchlist(stocks: Vec<Stock>) -> impl IntoView {
    // All come from one source.
    let note = stocks.first().map(|stock| view! { <OriginNote quote=quote(stock) /> });
    let rows = stocks.into_iter().map(|stock| view! { <Row stock /> }).collect_view();
    view! {
        {note}
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

/// The newest quote: of the stream, or of the answer that named the symbol.
fn quote(stock: &Stock) -> Memo<Option<Quote>> {
    let live = expect_context::<Shared>().stream().quote(&stock.symbol);
    let first = stock.quote.clone();
    Memo::new(move |_| live.get().or_else(|| first.clone()))
}

#[component]
fn Row(stock: Stock) -> impl IntoView {
    let symbol = stock.symbol.clone();
    let quote = quote(&stock);
    let closes = RwSignal::new(None);
    let ask = {
        let symbol = symbol.clone();
        move || {
            let symbol = symbol.clone();
            rest::ask(closes, async move { rest::bars(&symbol, Interval::Day, SPARKLINE_DAYS).await });
        }
    };
    ask();
    // A vendor tells the days after the first price, which alone is today's bar.
    Effect::new(move |_| {
        quote.track();
        if closes
            .read_untracked()
            .as_ref()
            .is_some_and(|bars| bars.as_ref().is_ok_and(|bars| bars.bars.len() < 2))
        {
            ask();
        }
    });
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
    let words = match stock.origin {
        Origin::Replay { .. } => "not listed yet on the replayed date",
        _ => "no price yet",
    };
    let missing = move || quote.read().is_none().then_some(words);
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
            <td class="number wide">{number(|quote| format::instant(quote.exchange_time_ms))}</td>
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
    let Some((quote, (absolute, percent))) = quote.zip(change(quote)) else { return "–".into() };
    let arrow = match absolute {
        a if a > 0.0 => "▲",
        a if a < 0.0 => "▼",
        _ => "■",
    };
    format!("{arrow} {} ({} %)", format::change(absolute, quote.price), format::signed(percent, 2))
}
