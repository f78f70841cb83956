use tickwise_market::Bar;

/// Number of bars that a forecast reads.
pub const LOOKBACK_BARS: usize = 65;

/// Names of the features, in order.
pub const FEATURES: [&str; 11] = [
    "log_volatility",
    "rms_5_to_volatility",
    "rms_22_to_volatility",
    "rms_64_to_volatility",
    "garman_klass_5_to_volatility",
    "garman_klass_22_to_volatility",
    "return_1",
    "return_5",
    "return_22",
    "return_64",
    "volume_5_to_64",
];

/// Decay of the exponentially weighted variance (RiskMetrics 1996).
const DECAY: f64 = 0.94;

/// Volatilities below this are taken for it: a stale price is not certainty.
const MIN_VOLATILITY: f64 = 1e-4;

/// Features are cut off here, in units of about one standard deviation.
const LIMIT: f64 = 5.0;

/// What the network sees of the last [`LOOKBACK_BARS`] bars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features {
    /// Dimensionless, in the order of [`FEATURES`].
    pub values: [f64; FEATURES.len()],
    /// Standard deviation of the daily log return: the unit of the network's outputs.
    pub volatility: f64,
}

impl Features {
    /// Computes the features of closed daily bars, oldest first. `None` when
    /// there are too few, or a price is not positive and finite.
    pub fn of(bars: &[Bar]) -> Option<Self> {
        let bars = bars.get(bars.len().checked_sub(LOOKBACK_BARS)?..)?;
        let positive = |price: f64| price.is_finite() && price > 0.0;
        if !bars.iter().all(|bar| [bar.open, bar.high, bar.low, bar.close].into_iter().all(positive)) {
            return None;
        }
        let returns: Vec<f64> = pairs(bars).map(|(before, bar)| (bar.close / before.close).ln()).collect();
        let ranges: Vec<f64> = pairs(bars).map(|(before, bar)| garman_klass(before, bar)).collect();
        let volumes: Vec<f64> = bars.iter().map(|bar| bar.volume).collect();
        let volatility = ewma_volatility(&returns).max(MIN_VOLATILITY);
        let relative = |other: f64| (other.max(MIN_VOLATILITY) / volatility).ln();
        let rms = |n| relative(mean(tail(&returns, n), |r| r * r).sqrt());
        let range = |n| relative(mean(tail(&ranges, n), |v| v).max(0.0).sqrt());
        let change = |n: usize| tail(&returns, n).iter().sum::<f64>() / (volatility * (n as f64).sqrt());
        let values = [
            (volatility.ln() + 4.2) * 2.0,
            rms(5),
            rms(22),
            rms(64),
            range(5),
            range(22),
            change(1),
            change(5),
            change(22),
            change(64),
            volume_ratio(&volumes),
        ];
        let values = values.map(|value| value.clamp(-LIMIT, LIMIT));
        Some(Self { values, volatility })
    }
}

fn pairs(bars: &[Bar]) -> impl Iterator<Item = (&Bar, &Bar)> {
    bars.iter().zip(bars.iter().skip(1))
}

fn tail(values: &[f64], n: usize) -> &[f64] {
    values.get(values.len().saturating_sub(n)..).unwrap_or(values)
}

fn mean(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|value| of(*value)).sum::<f64>() / values.len().max(1) as f64
}

/// Root of the exponentially weighted mean square, newest last.
fn ewma_volatility(returns: &[f64]) -> f64 {
    let mut weight = 1.0;
    let (mut sum, mut weights) = (0.0, 0.0);
    for r in returns.iter().rev() {
        sum += weight * r * r;
        weights += weight;
        weight *= DECAY;
    }
    (sum / weights).sqrt()
}

/// Variance of one day by Garman and Klass (1980) plus the squared overnight return.
fn garman_klass(before: &Bar, bar: &Bar) -> f64 {
    let overnight = (bar.open / before.close).ln();
    let range = (bar.high / bar.low).ln();
    let body = (bar.close / bar.open).ln();
    overnight * overnight + 0.5 * range * range - (2.0 * std::f64::consts::LN_2 - 1.0) * body * body
}

/// Log of recent to usual volume; 0 where the volume is unknown.
fn volume_ratio(volumes: &[f64]) -> f64 {
    let (recent, usual) = (mean(tail(volumes, 5), |v| v), mean(tail(volumes, 64), |v| v));
    if recent > 0.0 && usual > 0.0 { (recent / usual).ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn walk(steps: &[(f64, f64)]) -> Vec<Bar> {
        let mut close = 100.0;
        let mut bars = Vec::new();
        for (i, (step, range)) in steps.iter().enumerate() {
            let open = close;
            close *= step.exp();
            let (low, high) = (open.min(close) * (1.0 - range), open.max(close) * (1.0 + range));
            bars.push(Bar { time_ms: i as i64, open, high, low, close, volume: 1e6 + i as f64 });
        }
        bars
    }

    fn steps(count: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((-0.1..0.1_f64, 0.0..0.02_f64), count)
    }

    proptest! {
        #[test]
        fn only_the_last_bars_count(steps in steps(120)) {
            let bars = walk(&steps);
            prop_assert_eq!(Features::of(&bars), Features::of(&bars[bars.len() - LOOKBACK_BARS..]));
        }

        #[test]
        fn the_price_level_does_not_matter(steps in steps(70), factor in 0.001..1000.0_f64) {
            let bars = walk(&steps);
            let scaled: Vec<Bar> = bars.iter().map(|bar| Bar { volume: bar.volume, ..bar.rescaled(factor) }).collect();
            let (a, b) = (Features::of(&bars).unwrap(), Features::of(&scaled).unwrap());
            for (a, b) in a.values.iter().zip(b.values) {
                prop_assert!((a - b).abs() < 1e-6, "{} {}", a, b);
            }
        }
    }

    #[test]
    fn too_few_bars_or_a_price_without_logarithm_give_nothing() {
        let mut bars = walk(&[(0.01, 0.01); LOOKBACK_BARS]);
        assert!(Features::of(&bars).is_some());
        assert!(Features::of(&bars[1..]).is_none());
        for bad in [0.0, -1.0, f64::NAN] {
            bars[30].low = bad;
            assert!(Features::of(&bars).is_none());
        }
    }

    #[test]
    fn a_price_that_never_moves_is_finite() {
        let features = Features::of(&walk(&[(0.0, 0.0); LOOKBACK_BARS])).unwrap();
        assert!(features.values.iter().all(|value| value.is_finite()));
        assert_eq!(features.volatility, MIN_VOLATILITY);
    }
}
