//! Scores forecasts beside each other on the same outcomes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tickwise_forecast::{ANCHORS, Baseline, HorizonMetrics, LEVELS, blend::Anchors};

use crate::{methods::NAMES, walk::Origin};

/// Origin dates in one block of the bootstrap.
const BLOCK: usize = 8;
const RESAMPLES: usize = 400;

/// Log returns to basis points.
const BP: f64 = 10_000.0;

/// One loss.
#[derive(Clone, Copy, Debug)]
struct Loss {
    series: usize,
    date: Date,
    pinball: f64,
}

/// Metrics of the model at each of [`ANCHORS`], beside [`NAMES`] and, if given,
/// forecasts of the same origins by others, with their name.
pub fn evaluate(origins: &[Origin], reference: Option<(&str, &[Anchors])>) -> Vec<HorizonMetrics> {
    ANCHORS
        .into_iter()
        .enumerate()
        .map(|(anchor, horizon)| metrics(origins, reference, anchor, horizon))
        .collect()
}

fn metrics(
    origins: &[Origin],
    reference: Option<(&str, &[Anchors])>,
    anchor: usize,
    horizon: usize,
) -> HorizonMetrics {
    let row = |anchors: &Anchors| anchors.get(anchor).copied().unwrap_or([f64::NAN; 7]);
    let outcome = |origin: &Origin| origin.outcomes.get(anchor).copied().flatten();
    let losses = |of: &dyn Fn(usize, &Origin) -> Option<[f64; 7]>| -> Vec<Loss> {
        let scored = origins.iter().enumerate().filter_map(|(index, origin)| {
            let pinball = pinball(&of(index, origin)?, outcome(origin)?);
            Some(Loss { series: origin.series, date: origin.date, pinball })
        });
        scored.collect()
    };
    let own = losses(&|_, origin| Some(row(&origin.model)));
    let baseline = |name: &str, other: Vec<Loss>| Baseline {
        name: name.into(),
        pinball_bp: mean(&other) * BP,
        skill: skill(&own, &other),
    };
    let others = NAMES
        .iter()
        .enumerate()
        .map(|(index, name)| baseline(name, losses(&|_, origin| origin.others.get(index).map(row))));
    let given = reference.map(|(name, rows)| baseline(name, losses(&|index, _| rows.get(index).map(row))));
    let known = || origins.iter().filter_map(|origin| Some((row(&origin.model), outcome(origin)?)));
    let inside = |low: usize, high: usize| {
        let hits = known().filter(|(row, y)| {
            row.get(low).zip(row.get(high)).is_some_and(|(low, high)| (low..=high).contains(&y))
        });
        hits.count() as f64 / own.len().max(1) as f64
    };
    HorizonMetrics {
        horizon,
        forecasts: own.len(),
        pinball_bp: mean(&own) * BP,
        coverage: [inside(2, 4), inside(1, 5), inside(0, 6)],
        baselines: others.chain(given).collect(),
    }
}

/// Mean over the levels (Koenker and Bassett 1978).
fn pinball(quantiles: &[f64; 7], outcome: f64) -> f64 {
    let loss = |(quantile, level): (&f64, f64)| {
        let error = outcome - quantile;
        (level * error).max((level - 1.0) * error)
    };
    quantiles.iter().zip(LEVELS).map(loss).sum::<f64>() / LEVELS.len() as f64
}

fn mean(losses: &[Loss]) -> f64 {
    losses.iter().map(|loss| loss.pinball).sum::<f64>() / losses.len().max(1) as f64
}

/// `1 - exp(mean over symbols of ln(own / other))`, with its 90 % interval by
/// resampling circular blocks of origin dates, so that symbols of one date and
/// overlapping outcomes stay together (Künsch 1989; Politis and Romano 1992).
fn skill(own: &[Loss], other: &[Loss]) -> [f64; 3] {
    let mut by_date: BTreeMap<Date, Vec<(usize, f64, f64)>> = BTreeMap::new();
    for (own, other) in own.iter().zip(other) {
        by_date.entry(own.date).or_default().push((own.series, own.pinball, other.pinball));
    }
    let dates: Vec<Vec<(usize, f64, f64)>> = by_date.into_values().collect();
    let symbols = own.iter().map(|loss| loss.series + 1).max().unwrap_or(0);
    let over = |chosen: &mut dyn Iterator<Item = usize>| {
        let mut sums = vec![(0.0, 0.0); symbols];
        for (series, own, other) in chosen.filter_map(|index| dates.get(index)).flatten() {
            if let Some(sum) = sums.get_mut(*series) {
                *sum = (sum.0 + own, sum.1 + other);
            }
        }
        let logs: Vec<f64> =
            sums.iter().filter(|(a, b)| *a > 0.0 && *b > 0.0).map(|(a, b)| (a / b).ln()).collect();
        1.0 - (logs.iter().sum::<f64>() / logs.len().max(1) as f64).exp()
    };
    let count = dates.len().max(1);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let starts: Vec<usize> = (0..count.div_ceil(BLOCK)).map(|_| rng.random_range(0..count)).collect();
            let days = starts.iter().flat_map(|start| (0..BLOCK).map(move |day| (start + day) % count));
            over(&mut days.take(count))
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| resampled.get((share * RESAMPLES as f64) as usize).copied().unwrap_or(f64::NAN);
    [over(&mut (0..dates.len())), at(0.05), at(0.95)]
}

/// The metrics as a table for people.
pub fn table(metrics: &[HorizonMetrics]) -> String {
    let mut text = String::from("| days | forecasts | pinball bp | cover 50/80/90 % |");
    let names = metrics.first().map(|m| m.baselines.as_slice()).unwrap_or_default();
    names.iter().for_each(|baseline| text.push_str(&format!(" skill over {} |", baseline.name)));
    text.push_str("\n|---:|---:|---:|---:|");
    names.iter().for_each(|_| text.push_str("---:|"));
    for m in metrics {
        let [c50, c80, c90] = m.coverage.map(|share| share * 100.0);
        text.push_str(&format!(
            "\n| {} | {} | {:.2} | {c50:.1} {c80:.1} {c90:.1} |",
            m.horizon, m.forecasts, m.pinball_bp
        ));
        for baseline in &m.baselines {
            let [skill, low, high] = baseline.skill.map(|share| share * 100.0);
            text.push_str(&format!(" {skill:+.2} % ({low:+.2} to {high:+.2}) |"));
        }
    }
    let count = metrics.len().max(1) as f64;
    text.push_str("\n| mean | | | |");
    for index in 0..names.len() {
        let skills = metrics.iter().filter_map(|m| m.baselines.get(index)).map(|baseline| baseline.skill);
        text.push_str(&format!(" {:+.2} % |", 100.0 * skills.map(|[skill, ..]| skill).sum::<f64>() / count));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinball_of_a_median_is_half_the_absolute_error() {
        assert!((pinball(&[0.0; 7], 1.0) - LEVELS.iter().sum::<f64>() / 7.0).abs() < 1e-12);
        assert!((pinball(&[0.0; 7], -1.0) - pinball(&[0.0; 7], 1.0)).abs() < 1e-12, "levels are symmetric");
    }

    #[test]
    fn skill_is_the_geometric_mean_over_symbols() {
        let dates = || jiff::civil::date(2012, 1, 1).series(jiff::Span::new().days(1)).take(100);
        let losses = |by: [f64; 2]| -> Vec<Loss> {
            let loss = |date| [0, 1].map(|series| Loss { series, date, pinball: by[series] });
            dates().flat_map(loss).collect()
        };
        assert_eq!(skill(&losses([1.0, 2.0]), &losses([1.0, 2.0])), [0.0; 3]);
        let [skill, low, high] = skill(&losses([1.0, 1.0]), &losses([2.0, 8.0]));
        assert!((skill - 0.75).abs() < 1e-12 && low <= skill && skill <= high);
    }
}
