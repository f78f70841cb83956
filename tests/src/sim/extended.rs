//! Trades outside the regular session. They are thin and made up, and the same
//! for the same share and day.

use jiff::civil::time;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tickwise_market::{Session, Symbol, Tick};

use super::exchange::Exchange;

/// Minutes between two trades, on average.
const MEAN_GAP_MS: f64 = 4.0 * 60_000.0;

/// From 04:00 in New York to the opening: from the close before to the open.
pub fn before_open(symbol: &Symbol, session: &Session, previous_close: f64, open: f64) -> Vec<Tick> {
    let start_ms = start_ms(session);
    thin_path(&mut rng(symbol, start_ms), [start_ms, session.open_ms], [previous_close, open])
}

/// From the close to 20:00 in New York, or for four hours after an early one.
pub fn after_close(symbol: &Symbol, session: &Session, close: f64) -> Vec<Tick> {
    let end_ms = session.close_ms + 4 * 3_600_000;
    let mut rng = rng(symbol, session.close_ms);
    let last = close * rng.random_range(0.995..1.005);
    thin_path(&mut rng, [session.close_ms, end_ms], [close, last])
}

/// 04:00 in New York.
pub fn start_ms(session: &Session) -> i64 {
    Exchange::UnitedStates.ms(session.date, time(4, 0, 0, 0)).unwrap_or(session.open_ms)
}

fn thin_path(rng: &mut impl Rng, [start_ms, end_ms]: [i64; 2], [from, to]: [f64; 2]) -> Vec<Tick> {
    let mut gap_ms = || -rng.random_range(1e-9_f64..1.0).ln() * MEAN_GAP_MS;
    let mut at_ms = start_ms as f64 + gap_ms();
    let mut times = Vec::new();
    while at_ms < end_ms as f64 {
        times.push(at_ms as i64);
        at_ms += gap_ms().max(1.0);
    }
    let tick = |time_ms: i64| {
        let part = (time_ms - start_ms) as f64 / (end_ms - start_ms) as f64;
        let price = (from + (to - from) * part) * rng.random_range(0.9995..1.0005);
        Tick {
            time_ms,
            price: (price * 100.0).round().max(1.0) / 100.0,
            size: f64::from(rng.random_range(1_u32..=900)),
        }
    };
    times.into_iter().map(tick).collect()
}

fn rng(symbol: &Symbol, start_ms: i64) -> ChaCha8Rng {
    let name =
        symbol.as_str().bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    ChaCha8Rng::seed_from_u64(name ^ start_ms.cast_unsigned())
}
