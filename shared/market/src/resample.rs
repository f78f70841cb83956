use crate::{Bar, Calendar, Interval, Tick};

/// Builds the bars of one interval from ticks or shorter bars, in time order.
#[derive(Clone, Debug)]
pub struct BarBuilder {
    calendar: Calendar,
    interval: Interval,
    forming: Option<Bar>,
}

impl BarBuilder {
    /// A builder without a forming bar.
    pub fn new(calendar: Calendar, interval: Interval) -> Self {
        Self { calendar, interval, forming: None }
    }

    /// The bar that is still open.
    pub fn forming(&self) -> Option<&Bar> {
        self.forming.as_ref()
    }

    /// Adds a tick; returns the bar that it closes, if any.
    pub fn push(&mut self, tick: &Tick) -> Option<Bar> {
        self.push_bar(&Bar::from_trade(tick.time_ms, tick.price, tick.size))
    }

    /// Adds a shorter bar; returns the bar that it closes, if any.
    pub fn push_bar(&mut self, bar: &Bar) -> Option<Bar> {
        let start_ms = self.calendar.bucket_start_ms(self.interval, bar.time_ms)?;
        match &mut self.forming {
            Some(forming) if forming.time_ms == start_ms => {
                forming.absorb(bar);
                None
            }
            forming => forming.replace(Bar { time_ms: start_ms, ..*bar }),
        }
    }

    /// Closes and returns the forming bar, as at the end of a session.
    pub fn finish(&mut self) -> Option<Bar> {
        self.forming.take()
    }
}
