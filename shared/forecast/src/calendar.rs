//! What is known of a trading day long before it comes.

use jiff::civil::{Date, Weekday};
use tickwise_market::{
    Calendar,
    events::{is_fomc_decision, is_payrolls},
};

use crate::HORIZONS;

/// Names of the indicators of a day, in order. Tuesday is the day without any.
pub const INDICATORS: [&str; 9] = [
    "monday",
    "wednesday",
    "thursday",
    "friday",
    "after_holiday",
    "payrolls",
    "fomc_decision",
    "turn_of_year",
    "before_holiday",
];

/// 1 for what a trading day is, 0 for what it is not; `before` is the trading day before.
pub fn indicators(day: Date, before: Date) -> [f64; INDICATORS.len()] {
    let weekday = day.weekday();
    let next = Calendar::Nyse.planned_after(day).next().unwrap_or(day);
    [
        weekday == Weekday::Monday,
        weekday == Weekday::Wednesday,
        weekday == Weekday::Thursday,
        weekday == Weekday::Friday,
        is_gap(before, day),
        is_payrolls(day),
        // Where nobody knows yet, as on any other day.
        is_fomc_decision(day).unwrap_or(false),
        matches!((day.month(), day.day()), (12, 24..) | (1, 1)),
        is_gap(day, next),
    ]
    .map(|is| f64::from(u8::from(is)))
}

/// Whether the dates of the Federal Reserve's decisions are known for all days that are
/// forecast after one.
pub fn knows_decisions(day: Date) -> bool {
    Calendar::Nyse.planned_after(day).take(HORIZONS).all(|day| is_fomc_decision(day).is_some())
}

/// Whether more than a weekend lies between two trading days.
fn is_gap(from: Date, to: Date) -> bool {
    let days = day_number(to) - day_number(from);
    days > 1 && !(days == 3 && to.weekday() == Weekday::Monday)
}

/// Days since the Unix epoch.
pub fn day_number(day: Date) -> i64 {
    day.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn of(day: Date, before: Date) -> Vec<&'static str> {
        let values = indicators(day, before);
        INDICATORS.into_iter().zip(values).filter(|(_, value)| *value == 1.0).map(|(name, _)| name).collect()
    }

    #[test]
    fn what_is_not_announced_is_not_known() {
        assert!(knows_decisions(date(2027, 12, 2)));
        assert!(!knows_decisions(date(2027, 12, 3)) && !knows_decisions(date(2030, 1, 2)));
    }

    #[test]
    fn days_are_what_the_almanac_says() {
        assert_eq!(of(date(2012, 12, 31), date(2012, 12, 28)), ["monday", "turn_of_year", "before_holiday"]);
        assert_eq!(of(date(2013, 1, 2), date(2012, 12, 31)), ["wednesday", "after_holiday"]);
        assert_eq!(of(date(2013, 1, 4), date(2013, 1, 3)), ["friday", "payrolls"]);
        assert_eq!(of(date(2013, 1, 30), date(2013, 1, 29)), ["wednesday", "fomc_decision"]);
        assert_eq!(of(date(2013, 2, 5), date(2013, 2, 4)), [""; 0]);
        assert_eq!(of(date(2013, 1, 14), date(2013, 1, 11)), ["monday"]);
    }
}
