use leptos::prelude::*;
use tickwise_market::iso_date;
use tickwise_protocol::Origin;

/// Says what is recorded and what is simulated, wherever replayed prices show.
#[component]
pub fn OriginNote(#[prop(into)] origin: Signal<Option<Origin>>) -> impl IntoView {
    let date = Memo::new(move |_| match &*origin.read() {
        Some(Origin::Replay { date, .. }) => Some(iso_date::format(*date)),
        _ => None,
    });
    move || {
        date.get().map(|date| {
            view! {
                <p class="note" data-testid="origin-note">
                    <strong>"Replay of " {date} ". "</strong>
                    "The day's open, high, low, close and volume are recorded; the path between them is simulated."
                </p>
            }
        })
    }
}
