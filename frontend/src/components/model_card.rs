use leptos::prelude::*;
use tickwise_forecast::{Baseline, DataSource, HorizonMetrics, Manifest};
use tickwise_market::iso_date;

use crate::{format, net::rest};

/// What the model in use is, and how good it has been.
#[component]
pub fn ModelCard() -> impl IntoView {
    let manifest = RwSignal::new(None);
    rest::ask(manifest, rest::model());
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
    let name = |source: &DataSource| source.file.split('.').next().unwrap_or_default().to_owned();
    let mut files: Vec<String> = manifest.data.iter().map(name).collect();
    files.sort();
    files.dedup();
    let files = files.join(", ");
    let verdict = verdict(&manifest.metrics);
    let rows = manifest.metrics.iter().map(row).collect_view();
    let limits = manifest.limits.iter().map(|limit| view! { <li>{limit.clone()}</li> }).collect_view();
    view! {
        <p>
            <code>{manifest.id.clone()}</code> ": " {manifest.architecture.clone()} ", " {manifest.parameters}
            " weights, run by Candle at the edge. Trained on daily bars of " {files} " until "
            {iso_date::format(manifest.trained_until)} "; measured on the days after, " {iso_date::format(first)} " to " {iso_date::format(last)} "."
        </p>
        <p data-testid="verdict"><strong>{verdict}</strong> " " {coverage(&manifest.metrics)}</p>
        <table>
            <thead>
                <tr>
                    <th scope="col">"Days"</th>
                    <th scope="col">"Best of the simple methods"</th>
                    <th scope="col" class="number">"Better by"</th>
                    <th scope="col" class="number">"Inside 50 / 80 / 90 %"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <p class="fine">"Better: by how much the pinball loss is lower than that of the best simple method, with its 90 % interval; the manifest has them all. Inside: how often the outcome fell into the central interval."</p>
        <ul>{limits}</ul>
    }
}

fn row(metrics: &HorizonMetrics) -> impl IntoView + use<> {
    let best = strongest(metrics).map(|best| {
        let [skill, low, high] = best.skill.map(|share| format::signed(share * 100.0, 1));
        view! {
            <td>{best.name.clone()}</td>
            <td class="number">{skill} " % " <span class="interval">"(" {low} " to " {high} ")"</span></td>
        }
    });
    let [c50, c80, c90] = metrics.coverage.map(|share| format!("{:.0}", share * 100.0));
    view! {
        <tr>
            <th scope="row">{metrics.horizon}</th>
            {best}
            <td class="number">{c50} " / " {c80} " / " {c90}</td>
        </tr>
    }
}

/// The simple method that came closest.
fn strongest(metrics: &HorizonMetrics) -> Option<&Baseline> {
    metrics.baselines.iter().min_by(|a, b| a.pinball_bp.total_cmp(&b.pinball_bp))
}

/// Where the record shows skill, and where it does not.
fn verdict(metrics: &[HorizonMetrics]) -> String {
    let shown = |baseline: &Baseline| baseline.skill.get(1).is_some_and(|low| *low > 0.0);
    let beaten = |m: &HorizonMetrics| {
        let best = strongest(m).filter(|_| m.baselines.iter().all(shown))?;
        let days = if m.horizon == 1 { "day" } else { "days" };
        let [skill, ..] = best.skill;
        Some(format!("{} by {:.1} % at {} {days}", best.name, skill * 100.0, m.horizon))
    };
    let skilled: Vec<String> = metrics.iter().filter_map(beaten).collect();
    if skilled.is_empty() {
        return "No skill over every simple method is shown at any horizon.".into();
    }
    let rest = if skilled.len() < metrics.len() { " At the other horizons none is shown." } else { "" };
    format!("Beats the best simple method: {}.{rest} No skill in direction.", skilled.join(", "))
}

/// How often outcomes fell into what was forecast for 50, 80 and 90 % of them.
fn coverage(metrics: &[HorizonMetrics]) -> String {
    let held = |index: usize| {
        let shares = metrics.iter().filter_map(|m| m.coverage.get(index)).map(|share| share * 100.0);
        let (low, high) = shares.fold((100.0, 0.0), |(low, high), share| (share.min(low), share.max(high)));
        let [low, high] = [low, high].map(|share| format!("{share:.0}"));
        if low == high { format!("{low} %") } else { format!("{low} to {high} %") }
    };
    format!("Its 50, 80 and 90 % ranges have held {}, {} and {} of outcomes.", held(0), held(1), held(2))
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
        assert_eq!(
            verdict(&[metrics(1, 0.01), metrics(5, 0.0)]),
            "Beats the best simple method: random walk by 10.0 % at 1 day. At the other horizons none is \
             shown. No skill in direction."
        );
        assert!(verdict(&[]).starts_with("No skill"));
    }

    #[test]
    fn coverage_is_told_as_its_range_over_horizons() {
        let mut other = metrics(5, 0.0);
        other.coverage = [0.47, 0.81, 0.9];
        assert_eq!(
            coverage(&[metrics(1, 0.0), other]),
            "Its 50, 80 and 90 % ranges have held 47 to 50 %, 50 to 81 % and 50 to 90 % of outcomes."
        );
    }
}
