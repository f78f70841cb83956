//! The NYSE calendar against two independent ones (`nyse/make.py`).
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

/// The calendars, by their columns.
const XC: usize = 0;
const PMC: usize = 1;

const WHOLE: &str = "09:30-16:00";

/// Where one of the two is wrong, or means something else by a session.
const DIFFERENCES: [(usize, Date, &str); 15] = [
    // exchange_calendars knows neither late openings nor closes in the middle of a day.
    (XC, date(1989, 11, 10), "-"),
    (XC, date(1994, 2, 11), "-"),
    (XC, date(1995, 12, 18), "-"),
    (XC, date(1996, 1, 8), "-"),
    (XC, date(1997, 10, 27), "-"),
    (XC, date(2002, 9, 11), "-"),
    // pandas_market_calendars has no half day before the year 2000.
    (PMC, date(1999, 12, 31), "-"),
    // It lets sessions begin after minutes of silence; orders came in from 09:30 on.
    (PMC, date(1990, 12, 27), "09:31-16:00"),
    (PMC, date(1991, 1, 17), "09:31-16:00"),
    (PMC, date(1991, 2, 25), "09:31-16:00"),
    (PMC, date(2001, 9, 17), "09:33-16:00"),
    (PMC, date(2001, 10, 8), "09:31-16:00"),
    (PMC, date(2003, 3, 20), "09:32-16:00"),
    (PMC, date(2004, 6, 7), "09:32-16:00"),
    (PMC, date(2006, 12, 27), "09:32-16:00"),
];

/// Trading was halted four minutes before the close; the session was whole.
const HALTED: (usize, Date, &str) = (PMC, date(2005, 6, 1), "09:30-15:56");

fn expected() -> BTreeMap<Date, [&'static str; 2]> {
    let row = |line: &'static str| {
        let (day, hours) = line.split_once(',').unwrap();
        let (xc, pmc) = hours.split_once(',').unwrap();
        (day.parse().unwrap(), [xc, pmc])
    };
    EXCEPTIONS.lines().skip(1).map(row).collect()
}

fn hours(day: Date) -> String {
    let Some(session) = Calendar::Nyse.session(day) else { return "closed".into() };
    let at = |time_ms| {
        let local = Calendar::Nyse.local(time_ms).unwrap();
        format!("{:02}:{:02}", local.hour(), local.minute())
    };
    format!("{}-{}", at(session.open_ms), at(session.close_ms))
}

#[test]
fn every_weekday_from_1988_to_2030_agrees() {
    let expected = expected();
    let differences: Vec<_> = DIFFERENCES.into_iter().chain([HALTED]).collect();
    let days = date(1988, 1, 1).series(Span::new().days(1)).take_while(|day| *day < date(2031, 1, 1));
    for day in days.filter(|day| day.weekday().to_monday_zero_offset() < 5) {
        let ours = hours(day);
        let ours = if ours == WHOLE { "-" } else { ours.as_str() };
        for (calendar, theirs) in expected.get(&day).copied().unwrap_or(["-"; 2]).into_iter().enumerate() {
            match differences.iter().find(|difference| (difference.0, difference.1) == (calendar, day)) {
                Some((.., known)) => assert!(theirs == *known && ours != theirs, "{day}: {ours} {theirs}"),
                None => assert_eq!(ours, theirs, "{day}"),
            }
        }
    }
}

#[test]
fn days_outside_the_rules_are_as_they_were() {
    for (day, right) in [
        (date(1994, 4, 27), "closed"),
        (date(1997, 1, 20), WHOLE),
        (date(1998, 1, 19), "closed"),
        (date(1999, 12, 31), "09:30-13:00"),
        (date(2002, 9, 11), "12:00-16:00"),
    ] {
        assert_eq!(hours(day), right, "{day}");
    }
}

#[test]
fn it_says_how_far_it_reaches() {
    assert!(Calendar::Nyse.reaches(date(1988, 1, 4)) && !Calendar::Nyse.reaches(date(1987, 12, 31)));
    assert!(Calendar::Fx.reaches(date(1987, 12, 31)) && Calendar::AlwaysOpen.reaches(date(1987, 12, 31)));
}
