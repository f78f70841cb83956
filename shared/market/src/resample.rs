use serde::{Deserialize, Serialize};

use crate::{Bar, Calendar, Interval, Tick};

/// Builds the bars of one interval from ticks or shorter bars.
///
/// Gaps stay gaps: an interval without a trade has no bar. What arrives late but
/// still belongs to the forming bar widens its range and adds its volume without
/// becoming its close; what belongs to an earlier bar, or to a closed market, is
/// dropped and counted. Building hours from minutes gives the same bars as
/// building them from ticks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BarBuilder {
    calendar: Calendar,
    interval: Interval,
    forming: Option<Bar>,
    /// Time of the latest tick or bar in the forming bar.
    latest_ms: i64,
    /// End (exclusive) of the range that maps to the forming bar without asking the calendar.
    known_until_ms: i64,
    dropped: u64,
}

impl BarBuilder {
    /// A builder without a forming bar.
    pub fn new(calendar: Calendar, interval: Interval) -> Self {
        Self { calendar, interval, forming: None, latest_ms: i64::MIN, known_until_ms: i64::MIN, dropped: 0 }
    }

    /// The bar that is still open.
    pub fn forming(&self) -> Option<&Bar> {
        self.forming.as_ref()
    }

    /// How many ticks and bars were too late, or outside trading hours.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Adds a tick; returns the bar that it closes, if any.
    pub fn push(&mut self, tick: &Tick) -> Option<Bar> {
        self.push_bar(&Bar::from_trade(tick.time_ms, tick.price, tick.size))
    }

    /// Adds a shorter bar; returns the bar that it closes, if any.
    pub fn push_bar(&mut self, bar: &Bar) -> Option<Bar> {
        let Some(start_ms) = self.bucket_start_ms(bar.time_ms) else {
            self.dropped += 1;
            return None;
        };
        match &mut self.forming {
            Some(forming) if forming.time_ms == start_ms => {
                let close = if bar.time_ms < self.latest_ms { forming.close } else { bar.close };
                forming.absorb(bar);
                forming.close = close;
                self.latest_ms = self.latest_ms.max(bar.time_ms);
                None
            }
            Some(forming) if start_ms < forming.time_ms => {
                self.dropped += 1;
                None
            }
            forming => {
                self.latest_ms = bar.time_ms;
                let close_ms =
                    self.calendar.session_at(bar.time_ms).map_or(start_ms, |session| session.close_ms);
                self.known_until_ms = close_ms.min(start_ms + self.interval.intraday_ms().unwrap_or(0));
                forming.replace(Bar { time_ms: start_ms, ..*bar })
            }
        }
    }

    /// Closes and returns the forming bar, as at the end of a session. The builder begins
    /// anew: it no longer knows what is late.
    pub fn finish(&mut self) -> Option<Bar> {
        self.known_until_ms = i64::MIN;
        self.latest_ms = i64::MIN;
        self.forming.take()
    }

    /// The calendar is asked only when the time leaves the forming intraday bar.
    fn bucket_start_ms(&self, time_ms: i64) -> Option<i64> {
        match &self.forming {
            Some(forming) if (forming.time_ms..self.known_until_ms).contains(&time_ms) => {
                Some(forming.time_ms)
            }
            _ => self.calendar.bucket_start_ms(self.interval, time_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tuesday 2012-09-04, 09:30 in New York.
    const OPEN_MS: i64 = 1_346_765_400_000;

    fn tick(offset_ms: i64, price: f64) -> Tick {
        Tick { time_ms: OPEN_MS + offset_ms, price, size: 10.0 }
    }

    fn build(interval: Interval, bars: impl IntoIterator<Item = Bar>) -> Vec<Bar> {
        let mut builder = BarBuilder::new(Calendar::Nyse, interval);
        let mut built: Vec<Bar> = bars.into_iter().filter_map(|bar| builder.push_bar(&bar)).collect();
        built.extend(builder.finish());
        built
    }

    #[test]
    fn a_late_tick_widens_the_bar_but_is_not_its_close() {
        let mut builder = BarBuilder::new(Calendar::Nyse, Interval::Minute);
        for tick in [tick(0, 10.0), tick(20_000, 11.0), tick(10_000, 9.0)] {
            assert_eq!(builder.push(&tick), None);
        }
        let forming = builder.forming().unwrap();
        assert_eq!((forming.low, forming.close, forming.volume), (9.0, 11.0, 30.0));
    }

    #[test]
    fn ticks_of_closed_bars_and_closed_markets_are_dropped_and_counted() {
        let mut builder = BarBuilder::new(Calendar::Nyse, Interval::Minute);
        builder.push(&tick(60_000, 10.0));
        assert_eq!(builder.push(&tick(59_999, 99.0)), None);
        assert_eq!(builder.push(&tick(-1, 99.0)), None);
        assert_eq!(builder.dropped(), 2);
        assert_eq!(builder.finish().unwrap().high, 10.0);
    }

    #[test]
    fn a_minute_without_a_trade_has_no_bar() {
        let bars = build(
            Interval::Minute,
            [tick(0, 1.0), tick(180_000, 2.0)].map(|t| Bar::from_trade(t.time_ms, t.price, t.size)),
        );
        assert_eq!(bars.iter().map(|bar| bar.time_ms - OPEN_MS).collect::<Vec<_>>(), [0, 180_000]);
    }

    proptest! {
        #[test]
        fn resampling_is_associative(steps in prop::collection::vec((0_i64..900_000, 1_u32..1000, 1_u32..100), 1..300)) {
            let mut time_ms = OPEN_MS;
            let ticks: Vec<Bar> = steps.into_iter().map(|(step_ms, cents, size)| {
                time_ms += step_ms;
                Bar::from_trade(time_ms, f64::from(cents) / 100.0, f64::from(size))
            }).collect();
            for (short, long) in [
                (Interval::Second, Interval::Minute),
                (Interval::Minute, Interval::Hour),
                (Interval::FiveMinutes, Interval::Day),
                (Interval::Hour, Interval::Week),
                (Interval::Day, Interval::Month),
            ] {
                let direct = build(long, ticks.iter().copied());
                prop_assert_eq!(build(long, build(short, ticks.iter().copied())), direct, "{} to {}", short, long);
            }
        }
    }
}
