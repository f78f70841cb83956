//! Bars within days.

use jiff::civil::Date;
use tickwise_market::{Calendar, Tick};
use tickwise_replay::RecordedDay;

use super::{
    answers::Question,
    market::{Hours, Stock},
    series::{self, Rows},
};

const INTERVALS: [(&str, i64); 5] = [("1min", 1), ("5min", 5), ("15min", 15), ("30min", 30), ("60min", 60)];

/// Days of a full series without a month: thirty of the calendar.
const FULL_DAYS: usize = 21;
/// Days that hold the bars of any compact series.
const COMPACT_DAYS: usize = 16;
const COMPACT_BARS: usize = 100;

impl Question<'_> {
    pub(super) fn intraday(&self, stock: &Stock) -> Option<Rows> {
        let (interval, minutes) =
            INTERVALS.into_iter().find(|(name, _)| *name == self.parameter("interval"))?;
        let is_full = self.parameter("outputsize") == "full";
        let mut bars = series::intraday(&self.trades(stock, is_full)?, minutes);
        bars.reverse();
        bars.truncate(if is_full { usize::MAX } else { COMPACT_BARS });
        let label_ms = if self.settings.end_labels { minutes * 60_000 } else { 0 };
        let row = |(at, bar): &(i64, RecordedDay)| {
            Some((self.time(*at + label_ms)?.strftime("%Y-%m-%d %H:%M:%S").to_string(), series::padded(bar)))
        };
        let rows: Vec<_> = bars.iter().filter_map(row).collect();
        let information = format!("Intraday ({interval}) open, high, low, close prices and volume");
        let size = if is_full { "Full size" } else { "Compact" };
        Some(Rows {
            meta: vec![
                ("1. Information", self.decorated(&information)),
                ("2. Symbol", stock.symbol.to_string()),
                ("3. Last Refreshed", rows.first()?.0.clone()),
                ("4. Interval", interval.into()),
                ("5. Output Size", size.into()),
                ("6. Time Zone", "US/Eastern".into()),
            ],
            container: format!("Time Series ({interval})"),
            columns: series::BARS,
            rows,
        })
    }

    /// What is shown of the days asked for: without an entitlement, days that have closed.
    fn trades(&self, stock: &Stock, is_full: bool) -> Option<Vec<Tick>> {
        let hours =
            if self.parameter("extended_hours") == "false" { Hours::Regular } else { Hours::Extended };
        let lag_ms = self.settings.close_lag_minutes * 60_000;
        let seen_ms = self.seen_ms().unwrap_or(self.now_ms - lag_ms);
        let days = match self.seen_ms() {
            Some(_) => stock.days_to(Calendar::Nyse.date_at(seen_ms)?),
            None => stock.closed_days(seen_ms),
        };
        let month = self.parameter("month");
        let is_asked = |date: Date| self.date(date).starts_with(month);
        let from = match month {
            "" => days.len().saturating_sub(if is_full { FULL_DAYS } else { COMPACT_DAYS }),
            _ => 0,
        };
        let asked = days.get(from..)?.iter().filter(|day| is_asked(day.date));
        let mut trades: Vec<Tick> = asked.flat_map(|day| stock.trades(day, hours)).collect();
        trades.retain(|trade| trade.time_ms <= seen_ms);
        Some(trades)
    }
}
