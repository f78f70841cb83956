//! Scores forecasts beside baselines on held-out days.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tickwise_forecast::{Baseline, HORIZONS, HorizonMetrics, LEVELS};

use crate::{baseline, series::Series, windows::Window};

/// Days in one block of the bootstrap: the longest horizon, within which
/// outcomes overlap.
const BLOCK_DAYS: usize = 20;
const RESAMPLES: usize = 500;

/// Log returns to basis points.
const BP: f64 = 10_000.0;

/// Horizons that the manifest reports.
const REPORTED: [usize; 4] = [1, 5, 10, 20];

/// Metrics of forecasts `[window][horizon][level]` at the reported horizons.
pub fn evaluate(series: &[Series], windows: &[Window], forecasts: &[Vec<[f64; 7]>]) -> Vec<HorizonMetrics> {
    let baselines: Vec<_> = windows.iter().map(|window| baseline::all(series, window)).collect();
    let names: Vec<&str> =
        baselines.first().map(|all| all.iter().map(|(name, _)| *name).collect()).unwrap_or_default();
    let days: Vec<Date> = windows.iter().map(|window| window.date).collect();
    REPORTED
        .into_iter()
        .filter(|horizon| *horizon <= HORIZONS)
        .map(|horizon| {
            let outcome = |window: &Window| window.outcomes.get(horizon - 1).copied().unwrap_or(f64::NAN);
            let at = |rows: &Vec<[f64; 7]>| rows.get(horizon - 1).copied().unwrap_or([f64::NAN; 7]);
            let own: Vec<f64> =
                windows.iter().zip(forecasts).map(|(w, rows)| pinball(&at(rows), outcome(w))).collect();
            let scored = names.iter().enumerate().map(|(index, name)| {
                let rows = baselines.iter().filter_map(|all| all.get(index)).map(|(_, rows)| at(rows));
                let losses: Vec<f64> =
                    windows.iter().zip(rows).map(|(w, row)| pinball(&row, outcome(w))).collect();
                Baseline {
                    name: (*name).into(),
                    pinball_bp: mean(&losses) * BP,
                    skill: skill(&days, &own, &losses),
                }
            });
            let inside = |low: usize, high: usize| {
                let hits = windows.iter().zip(forecasts).filter(|(w, rows)| {
                    let row = at(rows);
                    row.get(low)
                        .zip(row.get(high))
                        .is_some_and(|(low, high)| (*low..=*high).contains(&outcome(w)))
                });
                hits.count() as f64 / windows.len().max(1) as f64
            };
            HorizonMetrics {
                horizon,
                forecasts: windows.len(),
                pinball_bp: mean(&own) * BP,
                coverage: [inside(2, 4), inside(1, 5), inside(0, 6)],
                baselines: scored.collect(),
            }
        })
        .collect()
}

/// Mean over the levels (Koenker and Bassett 1978).
fn pinball(quantiles: &[f64; 7], outcome: f64) -> f64 {
    let loss = |(quantile, level): (&f64, f64)| {
        let error = outcome - quantile;
        (level * error).max((level - 1.0) * error)
    };
    quantiles.iter().zip(LEVELS).map(loss).sum::<f64>() / LEVELS.len() as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// `1 - own / other` with its 90 % interval, resampling blocks of days so that
/// symbols of one day and overlapping outcomes stay together (Künsch 1989).
fn skill(days: &[Date], own: &[f64], other: &[f64]) -> [f64; 3] {
    let mut by_day: BTreeMap<Date, (f64, f64)> = BTreeMap::new();
    for ((day, own), other) in days.iter().zip(own).zip(other) {
        let sums = by_day.entry(*day).or_default();
        *sums = (sums.0 + own, sums.1 + other);
    }
    let daily: Vec<(f64, f64)> = by_day.into_values().collect();
    let ratio = |(own, other): (f64, f64)| 1.0 - own / other;
    let total = daily.iter().fold((0.0, 0.0), add);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let starts = daily.len().saturating_sub(BLOCK_DAYS).max(1);
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let blocks = (0..daily.len().div_ceil(BLOCK_DAYS)).map(|_| rng.random_range(0..starts));
            ratio(blocks.flat_map(|start| daily.iter().skip(start).take(BLOCK_DAYS)).fold((0.0, 0.0), add))
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| resampled.get((share * RESAMPLES as f64) as usize).copied().unwrap_or(f64::NAN);
    [ratio(total), at(0.05), at(0.95)]
}

fn add(sum: (f64, f64), day: &(f64, f64)) -> (f64, f64) {
    (sum.0 + day.0, sum.1 + day.1)
}

/// The metrics as a table for people.
pub fn table(metrics: &[HorizonMetrics]) -> String {
    let mut text = String::from("days  forecasts  pinball bp  cover 50/80/90 %");
    for baseline in metrics.first().map(|m| m.baselines.as_slice()).unwrap_or_default() {
        text.push_str(&format!("  {:>28}", format!("skill over {}", baseline.name)));
    }
    for m in metrics {
        let [c50, c80, c90] = m.coverage.map(|share| share * 100.0);
        text.push_str(&format!(
            "\n{:4}  {:9}  {:10.2}  {c50:5.1} {c80:4.1} {c90:4.1}",
            m.horizon, m.forecasts, m.pinball_bp
        ));
        for baseline in &m.baselines {
            let [skill, low, high] = baseline.skill.map(|share| share * 100.0);
            text.push_str(&format!("  {:>28}", format!("{skill:+.1} % ({low:+.1} to {high:+.1})")));
        }
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
    fn equal_losses_have_no_skill() {
        let days: Vec<Date> =
            jiff::civil::date(2012, 1, 1).series(jiff::Span::new().days(1)).take(100).collect();
        let losses: Vec<f64> = (0..100).map(|i| 1.0 + f64::from(i % 7)).collect();
        assert_eq!(skill(&days, &losses, &losses), [0.0; 3]);
    }
}
