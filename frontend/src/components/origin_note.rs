use leptos::prelude::*;
use tickwise_market::{Calendar, iso_date};
use tickwise_protocol::{Origin, Quote};

/// Says what is recorded and what is simulated, wherever such prices show.
#[component]
pub fn OriginNote(#[prop(into)] quote: Signal<Option<Quote>>) -> impl IntoView {
    let words = Memo::new(move |_| words(quote.read().as_ref()?));
    move || {
        words.get().map(|(origin, rest)| {
            view! { <p class="note" data-testid="origin-note"><strong>{origin} ". "</strong>{rest}</p> }
        })
    }
}

fn words(quote: &Quote) -> Option<(String, &'static str)> {
    match quote.origin {
        Origin::Replay { date, .. } => Some((
            format!("Replay of {}", iso_date::format(date)),
            "The day's open, high, low, close and volume are recorded; the path between them is simulated.",
        )),
        _ if quote.simulated => {
            let date = Calendar::Nyse.date_at(quote.exchange_time_ms).map(iso_date::format);
            Some((
                format!("A simulated vendor plays {}", date.unwrap_or_default()),
                "Its days are recorded, the path within them is simulated: no price is real.",
            ))
        }
        _ => None,
    }
}
