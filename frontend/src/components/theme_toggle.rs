use leptos::prelude::*;

use crate::theme::ThemeSignal;

/// Switches between light and dark.
#[component]
pub fn ThemeToggle(theme: ThemeSignal) -> impl IntoView {
    let label = move || if theme.is_dark() { "Light theme" } else { "Dark theme" };
    view! {
        <button class="quiet" data-testid="theme" aria-label=label title=label on:click=move |_| theme.toggle()>
            {move || if theme.is_dark() { "☀" } else { "☾" }}
        </button>
    }
}
