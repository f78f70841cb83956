use leptos::{ev::SubmitEvent, prelude::*};
use tickwise_indicators::{REGISTRY, Spec};

/// Chooses indicators from the registry, or by their text such as `ema(100)`.
#[component]
pub fn IndicatorMenu(chosen: RwSignal<Vec<Spec>>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        match text.get_untracked().parse::<Spec>() {
            Ok(spec) => {
                error.set(None);
                text.set(String::new());
                chosen.update(|specs| {
                    if !specs.contains(&spec) {
                        specs.push(spec);
                    }
                });
            }
            Err(refusal) => error.set(Some(refusal.to_string())),
        }
    };
    let chips = move || {
        let specs = chosen.get();
        specs
            .into_iter()
            .map(|spec| {
                let label = spec.to_string();
                let removal = format!("Remove {label}");
                let remove = move |_| chosen.update(|specs| specs.retain(|other| *other != spec));
                view! {
                    <button class="chip" type="button" aria-label=removal on:click=remove>
                        {label} " ×"
                    </button>
                }
            })
            .collect_view()
    };
    let options = REGISTRY.iter().map(|definition| {
        let default = definition.name.parse::<Spec>().map(|spec| spec.to_string()).unwrap_or_default();
        view! { <option value=default>{definition.title}</option> }
    });
    view! {
        <form class="indicators" on:submit=add>
            {chips}
            <input
                list="indicators"
                aria-label="Add an indicator"
                placeholder="Add: ema(100)"
                size="13"
                prop:value=text
                on:input:target=move |event| text.set(event.target().value())
            />
            <datalist id="indicators">{options.collect_view()}</datalist>
            <button type="submit">"Add"</button>
            {move || error.get().map(|error| view! { <span class="error" role="alert">{error}</span> })}
        </form>
    }
}
