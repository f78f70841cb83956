use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, Calendar};

/// Notices where the trading day changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TradingDay {
    calendar: Calendar,
    /// The local midnight of the day of the last bar.
    midnight_ms: Option<i64>,
}

impl TradingDay {
    pub fn new(calendar: Calendar) -> Self {
        Self { calendar, midnight_ms: None }
    }

    /// Whether a bar begins another day than that of the bar before; `None` for
    /// times beyond the calendar.
    pub fn begins(&mut self, bar: &Bar) -> Option<bool> {
        let date = match self.calendar.session_at(bar.time_ms) {
            Some(session) => session.date,
            None => self.calendar.date_at(bar.time_ms)?,
        };
        let midnight_ms = self.calendar.midnight_ms(date)?;
        Some(self.midnight_ms.replace(midnight_ms) != Some(midnight_ms))
    }

    pub fn reset(&mut self) {
        self.midnight_ms = None;
    }
}
