use libm::log;
use tickwise_market::Bar;

/// What one bar says of its day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Day {
    /// Log return from close to close.
    pub change: f64,
    /// Log return from the close before to the open.
    pub overnight: f64,
    /// Squared overnight return plus the variance of the session by Garman and
    /// Klass (1980); at least a twentieth of its usual value, since a thinly
    /// traded day has no range.
    pub range_variance: f64,
    /// Units traded; 0 where unknown.
    pub volume: f64,
}

/// Decay of the usual range variance.
const USUAL_DECAY: f64 = 0.99;
/// Share of the usual variance below which no day falls.
const FLOOR: f64 = 0.05;
/// Daily variance of a price that never moves: it is not certain to stay.
pub const MIN_VARIANCE: f64 = 1e-10;

/// The days of bars with positive prices, oldest first: one fewer than bars.
pub fn days(bars: &[Bar]) -> Vec<Day> {
    let (mut usual, mut weight) = (0.0, 0.0);
    let day = |(before, bar): (&Bar, &Bar)| {
        let overnight = log(bar.open / before.close);
        let (range, body) = (log(bar.high / bar.low), log(bar.close / bar.open));
        let session = 0.5 * range * range - (2.0 * std::f64::consts::LN_2 - 1.0) * body * body;
        let variance = overnight * overnight + session.max(0.0);
        usual = USUAL_DECAY * usual + (1.0 - USUAL_DECAY) * variance;
        weight = USUAL_DECAY * weight + (1.0 - USUAL_DECAY);
        let range_variance = variance.max(FLOOR * usual / weight + MIN_VARIANCE);
        Day { change: overnight + body, overnight, range_variance, volume: bar.volume }
    };
    bars.iter().zip(bars.iter().skip(1)).map(day).collect()
}
