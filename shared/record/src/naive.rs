use tickwise_market::Bar;

use crate::rounded;

/// Closes that the naive forecast looks back on: about five years.
pub const NAIVE_BARS: usize = 1_260;

/// What a random walk says: for each horizon the empirical quantiles, linearly
/// interpolated (type 7 of Hyndman and Fan 1996), of all overlapping log returns
/// over so many days in the last [`NAIVE_BARS`] bars. `[horizon][level]`; empty
/// rows where there is no such return.
pub fn naive_quantiles(bars: &[Bar], levels: &[f64], horizons: usize) -> Vec<Vec<f64>> {
    let bars = bars.get(bars.len().saturating_sub(NAIVE_BARS)..).unwrap_or(bars);
    let logs: Vec<f64> = bars.iter().map(|bar| libm::log(bar.close)).collect();
    (1..=horizons)
        .map(|horizon| {
            let pairs = logs.iter().zip(logs.iter().skip(horizon));
            let mut returns: Vec<f64> = pairs.map(|(from, to)| to - from).collect();
            returns.sort_by(f64::total_cmp);
            levels.iter().filter_map(|level| quantile(&returns, *level)).map(rounded).collect()
        })
        .collect()
}

fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    let place = level * sorted.len().checked_sub(1)? as f64;
    let below = *sorted.get(place as usize)?;
    let above = sorted.get(place as usize + 1).copied().unwrap_or(below);
    Some(below + (place - place.floor()) * (above - below))
}
