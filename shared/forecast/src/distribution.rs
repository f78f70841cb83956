use crate::LEVELS;

/// Width of a normal's central 90 % interval, in standard deviations.
const NORMAL_90: f64 = 3.29;

/// The log return over one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    /// Ascending quantiles at [`LEVELS`].
    pub quantiles: [f64; 7],
    /// Probability that the return is above zero.
    pub p_up: f64,
    /// Standard deviation.
    pub volatility: f64,
}

impl Distribution {
    /// Reads probability and deviation off the quantiles: by interpolation
    /// between levels, and by the normal's width of the central 90 %.
    pub fn from_quantiles(quantiles: [f64; 7]) -> Self {
        let [low, .., high] = quantiles;
        Self { quantiles, p_up: 1.0 - level_of(0.0, &quantiles), volatility: (high - low) / NORMAL_90 }
    }
}

/// The level whose quantile is `value`, by linear interpolation; the outermost
/// level beyond the outermost quantiles.
fn level_of(value: f64, quantiles: &[f64; 7]) -> f64 {
    let points = quantiles.iter().zip(LEVELS);
    let mut below: Option<(f64, f64)> = None;
    for (&quantile, level) in points {
        if value < quantile {
            return below.map_or(level, |(q, l)| l + (value - q) / (quantile - q) * (level - l));
        }
        below = Some((quantile, level));
    }
    below.map_or(0.5, |(_, level)| level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chance_of_a_rise_is_read_between_levels() {
        let quantiles = [-0.05, -0.03, -0.01, 0.01, 0.02, 0.03, 0.06];
        let p_up = |shift: f64| Distribution::from_quantiles(quantiles.map(|q| q + shift)).p_up;
        assert!((p_up(0.0) - 0.625).abs() < 1e-12);
        assert!((p_up(-0.01) - 0.5).abs() < 1e-12);
        assert!((p_up(1.0) - 0.95).abs() < 1e-12 && (p_up(-1.0) - 0.05).abs() < 1e-12);
    }
}
