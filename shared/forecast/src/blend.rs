//! From predicted variances and shapes to quantiles.

use crate::{ANCHORS, HORIZONS, SEASONED_BARS, Shape};

/// `[anchor][level]`: quantiles of the log return.
pub type Anchors = [[f64; 7]; ANCHORS.len()];

/// How much wider a forecast from so few bars is, in bars: the share of
/// uncertainty that the estimates themselves have.
const WIDENING_BARS: f64 = 8.0;

/// Decay, per day, of a symbol's own record of sizes.
const RECORD_DECAY: f64 = 0.995;
/// Days that the pooled size counts for beside a symbol's own record.
const POOLED_DAYS: f64 = 120.0;
/// A single outcome counts for no more than this, in deviations.
const LIMIT: f64 = 6.0;

/// Predicted deviations of the log return over [`ANCHORS`], from the network's
/// log variances and the features' level.
pub fn deviations(log_variances: &[f32], log_level: f64) -> [f64; ANCHORS.len()] {
    let mut variances = log_variances.iter();
    ANCHORS.map(|horizon| {
        let log_variance = log_level + f64::from(variances.next().copied().unwrap_or_default());
        (horizon as f64 * libm::exp(log_variance)).sqrt()
    })
}

/// The mean size, in predicted deviations, of one symbol's returns: its own
/// outcomes, oldest first, drawn towards the pooled size.
pub fn own_size(outcomes: impl Iterator<Item = f64>, pooled: f64) -> f64 {
    let (sum, weight) = outcomes.fold((0.0, 0.0), |(sum, weight), z| {
        (RECORD_DECAY * sum + z.abs().min(LIMIT), RECORD_DECAY * weight + 1.0)
    });
    (sum + POOLED_DAYS * pooled) / (weight + POOLED_DAYS)
}

/// Quantiles of returns of a shape, of given deviations and sizes.
pub fn shaped(shape: &Shape, deviations: &[f64; ANCHORS.len()], sizes: &[f64; ANCHORS.len()]) -> Anchors {
    let mut scales = deviations.iter().zip(sizes).map(|(deviation, size)| deviation * size);
    shape.quantiles.map(|row| {
        let scale = scales.next().unwrap_or_default();
        row.map(|z| z * scale)
    })
}

/// Level by level, `own` with a weight of `share` and `other` with the rest.
pub fn blended(own: &Anchors, other: &Anchors, share: f64) -> Anchors {
    let mut blended = *own;
    for (quantile, other) in blended.iter_mut().flatten().zip(other.iter().flatten()) {
        *quantile = share * *quantile + (1.0 - share) * other;
    }
    blended
}

/// Quantiles at every horizon: between the anchors in units of the root of the
/// horizon, linear in its logarithm; wider where fewer than [`SEASONED_BARS`] are known.
pub fn all_horizons(anchors: &Anchors, bars: usize) -> Vec<[f64; 7]> {
    let wider = if bars < SEASONED_BARS { 1.0 + WIDENING_BARS / bars as f64 } else { 1.0 };
    (1..=HORIZONS).map(|horizon| widened(at_horizon(anchors, horizon), wider)).collect()
}

fn at_horizon(anchors: &Anchors, horizon: usize) -> [f64; 7] {
    let root = |horizon: usize| (horizon as f64).sqrt();
    let pairs = ANCHORS.iter().zip(anchors);
    let [mut row, ..] = *anchors;
    for ((from, low), (to, high)) in pairs.clone().zip(pairs.skip(1)) {
        if horizon <= *from {
            break;
        }
        let log = |h: usize| libm::log(h as f64);
        let t = ((log(horizon) - log(*from)) / (log(*to) - log(*from))).min(1.0);
        for ((quantile, low), high) in row.iter_mut().zip(low).zip(high) {
            *quantile = root(horizon) * ((1.0 - t) * low / root(*from) + t * high / root(*to));
        }
    }
    row
}

fn widened(row: [f64; 7], factor: f64) -> [f64; 7] {
    let median = row[3];
    row.map(|quantile| median + factor * (quantile - median))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_stay_and_what_lies_between_is_in_order() {
        let anchors =
            ANCHORS.map(|h| [-2.0, -1.0, -0.5, 0.0, 0.4, 1.0, 1.9].map(|z| z * (h as f64).sqrt() * 0.01));
        let rows = all_horizons(&anchors, SEASONED_BARS);
        for (anchor, row) in ANCHORS.iter().zip(anchors) {
            for (a, b) in rows[anchor - 1].iter().zip(row) {
                assert!((a - b).abs() < 1e-15);
            }
        }
        assert!(rows.windows(2).all(|pair| pair[1][6] > pair[0][6]));
        let young = all_horizons(&anchors, 100);
        assert!(young[0][6] > rows[0][6] && young[0][0] < rows[0][0]);
    }

    #[test]
    fn a_record_of_its_own_outweighs_the_pooled_size() {
        assert_eq!(own_size(std::iter::empty(), 0.8), 0.8);
        let own = own_size(std::iter::repeat_n(-2.0, 2000), 0.8);
        assert!((1.5..2.0).contains(&own), "{own}");
    }
}
