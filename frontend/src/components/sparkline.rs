use leptos::prelude::*;

use crate::chart::scale::{Scale, extent};

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 32.0;

/// A small line of closes, oldest first.
#[component]
pub fn Sparkline(#[prop(into)] closes: Signal<Vec<f64>>) -> impl IntoView {
    view! {
        <svg class="sparkline" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">
            <polyline points=move || points(&closes.read()) />
        </svg>
    }
}

fn points(closes: &[f64]) -> String {
    let Some(extent) = extent(closes.iter().copied()) else { return String::new() };
    let scale = Scale::new(extent, 2.0, HEIGHT - 2.0);
    let step = WIDTH / closes.len().saturating_sub(1).max(1) as f64;
    let point = |(i, close): (usize, &f64)| format!("{:.1},{:.1}", i as f64 * step, scale.y(*close));
    closes.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}
