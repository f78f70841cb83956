use leptos::prelude::*;
use tickwise_forecast::{Baseline, HorizonMetrics, Manifest};
use tickwise_market::iso_date;

use crate::{format, net::rest};

/// What the model in use is, and how good it has been.
#[component]
pub fn ModelCard() -> impl IntoView {
    let manifest = LocalResource::new(rest::model);
    view! {
        <section class="card" data-testid="model-card">
            <h2>"The model"</h2>
            {move || match manifest.get() {
                None => view! { <p role="status">"Loading…"</p> }.into_any(),
                Some(Err(error)) => view! { <p class="error" data-testid="model-error">"No model: " {error.to_string()}</p> }.into_any(),
                Some(Ok(manifest)) => view! { <Card manifest /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Card(manifest: Manifest) -> impl IntoView {
    let [first, last] = manifest.evaluated;
    let files = manifest
        .data
        .iter()
        .map(|source| source.file.trim_end_matches(".arrow"))
        .collect::<Vec<_>>()
        .join(", ");
    let names: Vec<String> = manifest
        .metrics
        .first()
        .map(|m| m.baselines.iter().map(|b| b.name.clone()).collect())
        .unwrap_or_default();
    let heads =
        names.iter().map(|name| view! { <th scope="col" class="number">"Better than " {name.clone()}</th> });
    let heads = heads.collect_view();
    let verdict = verdict(&manifest.metrics);
    let rows = manifest.metrics.iter().map(row).collect_view();
    let limits = manifest.limits.iter().map(|limit| view! { <li>{limit.clone()}</li> }).collect_view();
    view! {
        <p>
            <code>{manifest.id.clone()}</code> ": " {manifest.architecture.clone()} ", " {manifest.parameters}
            " weights, run by Candle at the edge. Trained on daily bars of " {files} " until "
            {iso_date::format(manifest.trained_until)} "; measured on the days after, " {iso_date::format(first)} " to " {iso_date::format(last)} "."
        </p>
        <p data-testid="verdict"><strong>{verdict}</strong></p>
        <table>
            <thead>
                <tr>
                    <th scope="col">"Days"</th>
                    {heads}
                    <th scope="col" class="number">"Inside 50 / 80 / 90 %"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="fine">"Better: by how much the pinball loss is lower, with its 90 % interval. Inside: how often the outcome fell into the central interval."</p>
        <ul>{limits}</ul>
    }
}

fn row(metrics: &HorizonMetrics) -> impl IntoView + use<> {
    let skills = metrics.baselines.iter().map(|baseline| {
        let [skill, low, high] = baseline.skill.map(|share| format::signed(share * 100.0, 1));
        view! { <td class="number">{skill} " % " <span class="interval">"(" {low} " to " {high} ")"</span></td> }
    });
    let skills = skills.collect_view();
    let [c50, c80, c90] = metrics.coverage.map(|share| format!("{:.0}", share * 100.0));
    view! {
        <tr>
            <th scope="row">{metrics.horizon}</th>
            {skills}
            <td class="number">{c50} " / " {c80} " / " {c90}</td>
        </tr>
    }
}

/// Where the record shows skill, and where it does not.
fn verdict(metrics: &[HorizonMetrics]) -> String {
    let shown = |baseline: &Baseline| baseline.skill.get(1).is_some_and(|low| *low > 0.0);
    let skilled: Vec<String> = metrics
        .iter()
        .filter(|m| !m.baselines.is_empty() && m.baselines.iter().all(shown))
        .map(|m| m.horizon.to_string())
        .collect();
    if skilled.is_empty() {
        return "No skill over every simple method is shown at any horizon.".into();
    }
    let rest = if skilled.len() < metrics.len() { " At the other horizons none is shown." } else { "" };
    let days = if skilled == ["1"] { "day" } else { "days" };
    let horizons = skilled.join(", ");
    format!("Skill over every simple method is shown at {horizons} {days} ahead.{rest} Direction: none.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(horizon: usize, low: f64) -> HorizonMetrics {
        let baseline = Baseline { name: "random walk".into(), pinball_bp: 1.0, skill: [0.1, low, 0.2] };
        HorizonMetrics {
            horizon,
            forecasts: 1,
            pinball_bp: 1.0,
            coverage: [0.5; 3],
            baselines: vec![baseline],
        }
    }

    #[test]
    fn skill_is_claimed_only_where_the_interval_lies_above_zero() {
        assert!(verdict(&[metrics(1, -0.01), metrics(5, 0.0)]).starts_with("No skill"));
        assert!(
            verdict(&[metrics(1, 0.01), metrics(5, 0.0)])
                .contains("at 1 day ahead. At the other horizons none")
        );
        assert!(verdict(&[]).starts_with("No skill"));
    }
}
