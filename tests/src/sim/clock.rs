use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::DateTime;

/// Wall time, which quotas go by, and the time of the market, which prices go by.
#[derive(Clone, Debug)]
pub struct SimClock {
    /// Added to the machine's clock.
    advanced_ms: i64,
    /// Wall time at which the market's time was `market_start_ms`.
    wall_start_ms: i64,
    market_start_ms: i64,
    /// Market time per wall time; 0 stands still.
    speed: f64,
}

impl SimClock {
    /// The market's time is `new_york` now, and goes at `speed` times the wall's.
    pub fn starting_at(new_york: DateTime, speed: f64) -> Self {
        let zone = jiff::tz::get!("America/New_York");
        let market_start_ms = zone.to_timestamp(new_york).map_or(0, |at| at.as_millisecond());
        Self { advanced_ms: 0, wall_start_ms: machine_ms(), market_start_ms, speed }
    }

    /// Wall time, plus what it has been moved ahead.
    pub fn wall_ms(&self) -> i64 {
        machine_ms() + self.advanced_ms
    }

    /// The market's time.
    pub fn market_ms(&self) -> i64 {
        let passed_ms = (self.wall_ms() - self.advanced_ms - self.wall_start_ms) as f64 * self.speed;
        self.market_start_ms + self.advanced_ms + passed_ms as i64
    }

    /// Moves both ahead.
    pub fn advance_ms(&mut self, ms: i64) {
        self.advanced_ms += ms;
    }

    /// Sets the market's time and speed.
    pub fn set_market(&mut self, new_york: DateTime, speed: f64) {
        let advanced_ms = self.advanced_ms;
        *self = Self::starting_at(new_york, speed);
        self.advanced_ms = advanced_ms;
        self.market_start_ms -= advanced_ms;
    }
}

impl Default for SimClock {
    fn default() -> Self {
        Self::starting_at(jiff::civil::date(2012, 12, 4).at(12, 0, 0, 0), 1.0)
    }
}

fn machine_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
