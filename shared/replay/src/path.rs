use jiff::civil::Date;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tickwise_market::{Bar, Session, Symbol, Tick};

/// Ticks simulated for each minute of a session.
pub const TICKS_PER_MINUTE: i64 = 4;

/// Simulated prices move in cents.
const TICK_SIZE: f64 = 0.01;

/// Simulates the ticks of a recorded day, in time order.
///
/// The first tick is the open, the last the close, the extremes are the high
/// and the low, and the sizes are whole shares that add up to the volume:
/// folding the ticks gives the bar back exactly.
///
/// Between these points log prices follow Brownian bridges whose variance per
/// minute is U-shaped over the session, high after the opening and before the
/// close, as are the sizes (Admati and Pfleiderer, "A Theory of Intraday
/// Patterns", 1988). A bridge that would leave the day's range is reflected
/// back into it. The generator is seeded by symbol and date: the same day is
/// always played the same way.
pub fn day_path(symbol: &Symbol, session: &Session, bar: &Bar) -> Vec<Tick> {
    let minutes = (session.close_ms - session.open_ms) / 60_000;
    let count = usize::try_from(minutes * TICKS_PER_MINUTE).unwrap_or(0).max(4);
    let mut rng = ChaCha8Rng::seed_from_u64(seed(symbol, session.date));
    let activity: Vec<f64> = (0..count).map(|i| activity((i as f64 + 0.5) / count as f64)).collect();
    let prices = prices(bar, &activity, &mut rng);
    let sizes = sizes(bar.volume, &activity, &mut rng);
    let times = times(session, count, &mut rng);
    let ticks = times.into_iter().zip(prices).zip(sizes);
    ticks.map(|((time_ms, price), size)| Tick { time_ms, price, size }).collect()
}

/// FNV-1a over the symbol and the date.
fn seed(symbol: &Symbol, date: Date) -> u64 {
    let text = format!("{symbol} {date}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Relative trading activity at a fraction of the session: about three times
/// as high at both ends as in the middle.
fn activity(fraction: f64) -> f64 {
    let from_middle = 2.0 * fraction - 1.0;
    0.6 + 1.2 * from_middle * from_middle
}

/// Increasing times: the first at the opening, each later one somewhere in its
/// own slot.
fn times(session: &Session, count: usize, rng: &mut impl Rng) -> Vec<i64> {
    let slot_ms = (session.close_ms - session.open_ms) as f64 / count as f64;
    let jittered = |i: usize, within: f64| session.open_ms + ((i as f64 + within) * slot_ms) as i64;
    (0..count)
        .map(|i| if i == 0 { session.open_ms } else { jittered(i, rng.random_range(0.05..0.95)) })
        .collect()
}

/// Whole sizes that add up to `volume` (itself whole), by rounding the running total.
fn sizes(volume: f64, activity: &[f64], rng: &mut impl Rng) -> Vec<f64> {
    let weights: Vec<f64> = activity.iter().map(|a| -a * rng.random_range(1e-12_f64..1.0).ln()).collect();
    let total: f64 = weights.iter().sum();
    let last = weights.len().saturating_sub(1);
    let mut running = 0.0;
    let mut given = 0.0;
    let size_at = |(i, weight): (usize, &f64)| {
        running += weight;
        let target = if i == last { volume } else { (volume * running / total).round().min(volume) };
        let size = target - given;
        given = target;
        size
    };
    weights.iter().enumerate().map(size_at).collect()
}

/// Prices through open, both extremes and close.
fn prices(bar: &Bar, activity: &[f64], rng: &mut impl Rng) -> Vec<f64> {
    let last = activity.len() - 1;
    let mut waypoints = vec![(0, bar.open), (last, bar.close)];
    for extreme in [bar.high, bar.low] {
        if extreme != bar.open && extreme != bar.close {
            waypoints.push((free_index(&waypoints, last, rng), extreme));
        }
    }
    waypoints.sort_by_key(|(index, _)| *index);
    let mut prices = vec![bar.open; activity.len()];
    let deviation = volatility(bar, activity);
    for pair in waypoints.windows(2) {
        if let [from, to] = pair {
            bridge(&mut prices, *from, *to, bar, deviation, activity, rng);
        }
    }
    prices
}

/// An index strictly inside the day that no waypoint holds yet.
fn free_index(waypoints: &[(usize, f64)], last: usize, rng: &mut impl Rng) -> usize {
    loop {
        let index = rng.random_range(1..last);
        if waypoints.iter().all(|(taken, _)| *taken != index) {
            return index;
        }
    }
}

/// Standard deviation of the log price per unit of activity: Parkinson's
/// estimate of the day's volatility spread over the session.
fn volatility(bar: &Bar, activity: &[f64]) -> f64 {
    let range = if bar.low > 0.0 { (bar.high / bar.low).ln() } else { 0.0 };
    let total: f64 = activity.iter().sum();
    range / (4.0 * std::f64::consts::LN_2).sqrt() / total.sqrt()
}

/// Fills the prices between two waypoints (inclusive) with a Brownian bridge.
fn bridge(
    prices: &mut [f64],
    (from, start): (usize, f64),
    (to, end): (usize, f64),
    bar: &Bar,
    deviation: f64,
    activity: &[f64],
    rng: &mut impl Rng,
) {
    let clock = |until: usize| -> f64 { activity.iter().skip(from + 1).take(until - from).sum() };
    let total = clock(to);
    let mut walk = vec![0.0];
    for weight in activity.iter().skip(from + 1).take(to - from) {
        let previous = walk.last().copied().unwrap_or_default();
        walk.push(previous + deviation * weight.sqrt() * standard_normal(rng));
    }
    let drift = walk.last().copied().unwrap_or_default();
    let mut elapsed = 0.0;
    for (offset, (price, noise)) in prices.iter_mut().skip(from).zip(&walk).enumerate() {
        if offset > 0 {
            elapsed += activity.get(from + offset).copied().unwrap_or_default();
        }
        let fraction = if total > 0.0 { elapsed / total } else { 1.0 };
        let line = start + (end - start) * fraction;
        *price = match offset {
            0 => start,
            _ if from + offset == to => end,
            _ => into_range(round_to_tick(line * (noise - fraction * drift).exp()), bar.low, bar.high),
        };
    }
}

fn round_to_tick(price: f64) -> f64 {
    let ticks = (price / TICK_SIZE).round();
    // Dividing by 100 gives the double nearest to the decimal price.
    ticks / (1.0 / TICK_SIZE)
}

/// Reflects a price at the range's ends until it lies inside.
fn into_range(price: f64, low: f64, high: f64) -> f64 {
    let width = high - low;
    if width <= 0.0 {
        return low;
    }
    let folded = (price - low).rem_euclid(2.0 * width);
    let reflected = round_to_tick(low + if folded > width { 2.0 * width - folded } else { folded });
    reflected.clamp(low, high)
}

/// A standard normal by the Box–Muller transform.
fn standard_normal(rng: &mut impl Rng) -> f64 {
    let radius = (-2.0 * rng.random_range(f64::MIN_POSITIVE..1.0).ln()).sqrt();
    radius * (std::f64::consts::TAU * rng.random_range(0.0..1.0)).cos()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use tickwise_market::{BarBuilder, Calendar, Interval};

    use super::*;

    fn session() -> Session {
        Calendar::Nyse.session(date(2012, 9, 4)).unwrap()
    }

    fn rebuilt(ticks: &[Tick]) -> Bar {
        let mut builder = BarBuilder::new(Calendar::Nyse, Interval::Day);
        for tick in ticks {
            assert_eq!(builder.push(tick), None, "one session is one bar");
        }
        builder.finish().unwrap()
    }

    fn any_bar() -> impl Strategy<Value = Bar> {
        (1_i64..500_000, 0_i64..20_000, 0.0..=1.0_f64, 0.0..=1.0_f64, 0_u32..u32::MAX).prop_map(
            |(low, range, open, close, volume)| {
                let cents = |fraction: f64| (low + (range as f64 * fraction) as i64) as f64 / 100.0;
                Bar {
                    time_ms: session().open_ms,
                    open: cents(open),
                    high: cents(1.0),
                    low: cents(0.0),
                    close: cents(close),
                    volume: f64::from(volume),
                }
            },
        )
    }

    proptest! {
        #[test]
        fn ticks_rebuild_the_bar_exactly(bar in any_bar()) {
            let ticks = day_path(&"TEST".parse().unwrap(), &session(), &bar);
            prop_assert_eq!(rebuilt(&ticks), bar);
            prop_assert_eq!(ticks[0].price, bar.open);
            prop_assert!(ticks.iter().all(|t| t.size >= 0.0 && t.size.fract() == 0.0));
            prop_assert!(ticks.windows(2).all(|w| w[0].time_ms < w[1].time_ms));
            prop_assert!(ticks.last().unwrap().time_ms < session().close_ms);
        }
    }

    #[test]
    fn the_same_day_is_played_the_same_way_and_another_differently() {
        let bar = Bar { time_ms: 0, open: 10.0, high: 11.0, low: 9.0, close: 10.5, volume: 1e6 };
        let play = |symbol: &str| day_path(&symbol.parse().unwrap(), &session(), &bar);
        assert_eq!(play("AAPL"), play("AAPL"));
        assert_ne!(play("AAPL"), play("MSFT"));
    }

    #[test]
    fn activity_is_u_shaped() {
        let bar = Bar { time_ms: 0, open: 10.0, high: 11.0, low: 9.0, close: 10.5, volume: 1e9 };
        let ticks = day_path(&"AAPL".parse().unwrap(), &session(), &bar);
        let volume = |part: &[Tick]| part.iter().map(|t| t.size).sum::<f64>();
        let third = ticks.len() / 3;
        assert!(volume(&ticks[..third]) > 1.2 * volume(&ticks[third..2 * third]));
        assert!(volume(&ticks[2 * third..]) > 1.2 * volume(&ticks[third..2 * third]));
    }
}
