//! What the record says, in words.

use maud::{Markup, html};

use super::{
    Evaluated,
    calibration::{CENTRAL, Calibration},
    days, number, signed,
};
use crate::evaluation;

/// The head of the page.
pub fn section(evaluated: &Evaluated, means: &[(String, [f64; 3])], calibrations: &[Calibration]) -> Markup {
    let manifest = evaluated.model.manifest();
    let [first, last] = evaluated.days();
    let symbols = evaluated.series.len();
    let in_sample = evaluated.in_sample();
    html! {
        header id="summary" {
            h1 { "What " (manifest.id) " can and cannot do" }
            p class="muted" {
                (evaluated.origins.len()) " forecast origins of " (symbols) " symbols, " (first) " to " (last)
                ", each from the bars up to it. Trained up to " (manifest.trained_until) ". Not investment advice."
            }
            @if in_sample > 0 {
                p class="warning" {
                    (in_sample) " of " (evaluated.origins.len()) " origins lie inside the training range: no evidence of skill."
                }
            }
            @if let Some(few) = evaluation::few_dates(evaluated.origins) {
                p class="warning" { (few) }
            } @else {
                ul class="lead" {
                    li { (skill(means)) }
                    @if let Some(nearest) = calibrations.first() { li { (direction(nearest)) } }
                    li { (coverage(calibrations)) }
                }
            }
        }
    }
}

/// How far prices move: better than whom.
fn skill(means: &[(String, [f64; 3])]) -> String {
    let named = |of: &dyn Fn(&[f64; 3]) -> bool| {
        let rows = means.iter().filter(|(_, skill)| of(skill));
        rows.map(|(name, [skill, ..])| format!("{name} ({} %)", signed(100.0 * skill, 1))).collect::<Vec<_>>()
    };
    let better = named(&|[_, low, _]| *low > 0.0);
    let worse = named(&|[_, _, high]| *high < 0.0);
    let undecided = named(&|[_, low, high]| *low <= 0.0 && *high >= 0.0);
    let mut text = match better.len() {
        0 => {
            "How far prices are likely to move, it does not say better than any method beside it.".to_owned()
        }
        _ => format!(
            "It says how far prices are likely to move, better over all horizons than {}.",
            list(&better)
        ),
    };
    if !undecided.is_empty() {
        text += &format!(" Undecided beside {}: the 90 % interval holds zero.", list(&undecided));
    }
    if !worse.is_empty() {
        text += &format!(" Worse than {}.", list(&worse));
    }
    text
}

/// Whether the sign is foreseen.
fn direction(nearest: &Calibration) -> String {
    let Calibration { horizon, signs: [share, low, high], rises: [rises, ..], .. } = nearest;
    let percent = |share: f64| number(100.0 * share, 1);
    let verdict = if *low > 0.5_f64.max(*rises).max(1.0 - rises) {
        "It foresaw the direction more often than always saying the commoner one would have"
    } else {
        "It does not say in which direction"
    };
    format!(
        "{verdict}: {} ahead the sign was right in {} % of cases (90 % interval {} to {}), and {} % were rises.",
        days(*horizon),
        percent(*share),
        percent(*low),
        percent(*high),
        percent(*rises)
    )
}

/// Whether intervals hold what they promise.
fn coverage(calibrations: &[Calibration]) -> String {
    let cells = calibrations.iter().flat_map(|c| c.inside.iter().zip(CENTRAL));
    let held = cells.clone().filter(|([_, low, high], nominal)| (low..=high).contains(&nominal)).count();
    format!(
        "Of its {} central intervals (50, 80 and 90 %, at each horizon), {held} hold their share of outcomes within sampling error.",
        cells.count()
    )
}

fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
