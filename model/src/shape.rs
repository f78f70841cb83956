//! The distribution of returns in units of their predicted deviation, pooled.

use std::collections::BTreeMap;

use tickwise_forecast::{ANCHORS, LEVELS, Shape};

use crate::windows::Window;

/// Of the pooled median, as much stays: drift carries less far than spread.
const DRIFT: f64 = 0.5;

/// Pools outcomes in predicted deviations `[window][anchor]` of symbols, each in
/// units of its own mean size, so that none stands out by a deviation that is
/// always too small; symbols with long histories count for less a day.
pub fn fit(windows: &[Window], deviations: &[[f64; ANCHORS.len()]]) -> Shape {
    let mut shape = Shape::default();
    for (anchor, (row, size)) in shape.quantiles.iter_mut().zip(&mut shape.size).enumerate() {
        let mut by_symbol: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (window, deviations) in windows.iter().zip(deviations) {
            let outcome = window.outcomes.get(anchor).zip(deviations.get(anchor));
            by_symbol.entry(window.series).or_default().extend(outcome.map(|(outcome, unit)| outcome / unit));
        }
        let (mut sizes, mut pooled) = (Vec::new(), Vec::new());
        for outcomes in by_symbol.into_values() {
            let count = outcomes.len().max(1) as f64;
            let own = (outcomes.iter().map(|z| z.abs()).sum::<f64>() / count).max(1e-9);
            sizes.push(own);
            pooled.extend(outcomes.into_iter().map(|z| (z / own, count.powf(-0.5))));
        }
        sizes.sort_by(f64::total_cmp);
        *size = sizes.get(sizes.len() / 2).copied().unwrap_or(1.0);
        pooled.sort_by(|a, b| a.0.total_cmp(&b.0));
        let quantiles = LEVELS.map(|level| quantile(&pooled, level));
        let [.., median, _, _, _] = quantiles;
        *row = quantiles.map(|z| z - (1.0 - DRIFT) * median);
    }
    shape
}

/// Quantile of ascending values with weights.
fn quantile(sorted: &[(f64, f64)], level: f64) -> f64 {
    let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    for (value, weight) in sorted {
        below += weight;
        if below >= level * total {
            return *value;
        }
    }
    sorted.last().map_or(0.0, |(value, _)| *value)
}
