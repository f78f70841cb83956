//! Numbers and instants for people.

use tickwise_market::{Calendar, Interval, iso_date};
use tickwise_protocol::Origin;

/// A price: two decimals, four below ten dollars when they matter.
pub fn price(value: f64) -> String {
    if value.abs() < 1.0 { format!("{value:.4}") } else { format!("{value:.2}") }
}

/// A number with its sign; a real minus, which is as wide as the plus.
pub fn signed(value: f64, decimals: usize) -> String {
    let sign = if value < 0.0 { "−" } else { "+" };
    format!("{sign}{:.decimals$}", value.abs())
}

/// Shares in thousands, millions or billions.
pub fn volume(value: f64) -> String {
    match value {
        v if v.abs() >= 1e9 => format!("{:.2} B", v / 1e9),
        v if v.abs() >= 1e6 => format!("{:.2} M", v / 1e6),
        v if v.abs() >= 1e3 => format!("{:.1} k", v / 1e3),
        v => format!("{v:.0}"),
    }
}

/// A bar's start in the exchange's own time.
pub fn bar_time(time_ms: i64, interval: Interval) -> String {
    let Some(local) = Calendar::Nyse.local(time_ms) else { return String::new() };
    let date = iso_date::format(local.date());
    if interval.is_intraday() { format!("{date} {:02}:{:02}", local.hour(), local.minute()) } else { date }
}

/// An instant in the exchange's own time.
pub fn instant(time_ms: i64) -> String {
    let Some(local) = Calendar::Nyse.local(time_ms) else { return String::new() };
    format!("{}:{:02}", bar_time(time_ms, Interval::Minute), local.second())
}

/// A length of time, in its largest unit.
pub fn duration(ms: i64) -> String {
    match ms / 1_000 {
        s @ ..120 => format!("{s} s"),
        s @ ..7_200 => format!("{} min", s / 60),
        s @ ..172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// Where prices come from, in a few words.
pub fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Live => "Live".into(),
        Origin::Delayed { minutes } => format!("Delayed by {minutes} minutes"),
        Origin::EndOfDay { date } => format!("Close of {}", iso_date::format(*date)),
        Origin::Replay { date, .. } => format!("Replay of {}", iso_date::format(*date)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(price(534.314), "534.31");
        assert_eq!(price(0.12345), "0.1235");
        assert_eq!(signed(-1.5, 2), "−1.50");
        assert_eq!(signed(0.0, 1), "+0.0");
        assert_eq!(volume(1_355_197.0), "1.36 M");
    }

    #[test]
    fn times_are_the_exchanges() {
        assert_eq!(bar_time(1_346_765_400_000, Interval::Minute), "2012-09-04 09:30");
        assert_eq!(bar_time(1_346_765_400_000, Interval::Day), "2012-09-04");
    }
}
