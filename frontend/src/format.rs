//! Numbers and instants for people.

pub use tickwise_market::decimals::price;
use tickwise_market::{Calendar, Interval, decimals, iso_date};
use tickwise_protocol::Origin;

/// A number with its sign; a real minus, which is as wide as the plus.
pub fn signed(value: f64, decimals: usize) -> String {
    let sign = if value < 0.0 { "−" } else { "+" };
    format!("{sign}{:.decimals$}", value.abs())
}

/// A change of a price with its sign, in decimals in which it is seen.
pub fn change(change: f64, price: f64) -> String {
    signed(change, decimals::of_change(change, price))
}

/// Shares in thousands, millions or billions.
pub fn volume(value: f64) -> String {
    let (unit, name) = volume_unit(value);
    let places = match name {
        "" => 0,
        " k" => 1,
        _ => 2,
    };
    format!("{:.places$}{name}", value / unit)
}

/// The same on an axis, where neighbours a step apart differ.
pub fn volume_by(value: f64, step: f64) -> String {
    let (unit, name) = volume_unit(value);
    let places = decimals::of_step(step / unit);
    format!("{:.places$}{name}", value / unit)
}

fn volume_unit(value: f64) -> (f64, &'static str) {
    match value.abs() {
        1e9.. => (1e9, " B"),
        1e6.. => (1e6, " M"),
        1e3.. => (1e3, " k"),
        _ => (1.0, ""),
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
        assert_eq!(price(0.0273), "0.0273");
        assert_eq!(change(-0.0009, 0.0273), "−0.0009");
        assert_eq!(signed(-1.5, 2), "−1.50");
        assert_eq!(signed(0.0, 1), "+0.0");
        assert_eq!(volume(1_355_197.0), "1.36 M");
        assert_eq!(volume(12_345.0), "12.3 k");
        assert_eq!(volume_by(1_235e6, 1e6), "1.235 B");
        assert_eq!(volume_by(0.0, 2e6), "0");
    }

    #[test]
    fn times_are_the_exchanges() {
        assert_eq!(bar_time(1_346_765_400_000, Interval::Minute), "2012-09-04 09:30");
        assert_eq!(bar_time(1_346_765_400_000, Interval::Day), "2012-09-04");
    }
}
