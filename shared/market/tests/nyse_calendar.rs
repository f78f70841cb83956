//! The NYSE calendar against a list made by `nyse/make.py`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use std::collections::BTreeMap;

use jiff::{
    Span,
    civil::{Date, date},
};
use tickwise_market::Calendar;

const EXCEPTIONS: &str = include_str!("nyse/exceptions.csv");

/// Trading was halted four minutes before the close; the session was whole.
const HALTED: Date = date(2005, 6, 1);

fn expected() -> BTreeMap<Date, &'static str> {
    let rows = EXCEPTIONS.lines().skip(1).map(|line| line.split_once(',').unwrap());
    rows.map(|(day, close)| (day.parse().unwrap(), close)).filter(|(day, _)| *day != HALTED).collect()
}

#[test]
fn every_weekday_from_1998_to_2030_agrees() {
    let expected = expected();
    let days = date(1998, 1, 1).series(Span::new().days(1)).take_while(|day| *day < date(2031, 1, 1));
    for day in days.filter(|day| day.weekday().to_monday_zero_offset() < 5) {
        let close = Calendar::Nyse.session(day).map(|session| {
            let local = Calendar::Nyse.local(session.close_ms).unwrap();
            format!("{:02}:{:02}", local.hour(), local.minute())
        });
        let expected = expected.get(&day).copied().unwrap_or("16:00");
        assert_eq!(close.as_deref().unwrap_or("closed"), expected, "{day}");
    }
}
