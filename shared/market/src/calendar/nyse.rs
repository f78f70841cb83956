//! Holidays and hours of the New York Stock Exchange since 1988, by its rules (NYSE
//! Rule 7.2) and the exceptions to them.

use jiff::civil::{Date, Time, Weekday, date, time};

/// Before this day rules and hours were others: what is said of earlier days is what
/// today's rules would say.
pub const FIRST: Date = date(1988, 1, 1);

const OPEN: Time = time(9, 30, 0, 0);
const CLOSE: Time = time(16, 0, 0, 0);

/// Closed for reasons outside the rules: attacks of 11 September 2001, days of
/// mourning for presidents Nixon, Reagan, Ford, Bush and Carter, hurricane Sandy.
const CLOSED: [Date; 11] = [
    date(1994, 4, 27),
    date(2001, 9, 11),
    date(2001, 9, 12),
    date(2001, 9, 13),
    date(2001, 9, 14),
    date(2004, 6, 11),
    date(2007, 1, 2),
    date(2012, 10, 29),
    date(2012, 10, 30),
    date(2018, 12, 5),
    date(2025, 1, 9),
];

/// Half days outside the rules.
const HALF_DAYS: [Date; 5] =
    [date(1996, 7, 5), date(1997, 12, 26), date(1999, 12, 31), date(2002, 7, 5), date(2003, 12, 26)];

/// Full days where the rules say half a day.
const FULL_DAYS: [Date; 2] = [date(1996, 7, 3), date(2002, 7, 3)];

/// Hours outside the rules: a fire, snow, a failure of computers, snow again, the halt
/// of 27 October 1997 and the anniversary of the attacks.
const HOURS: [(Date, [Time; 2]); 6] = [
    (date(1989, 11, 10), [time(11, 0, 0, 0), CLOSE]),
    (date(1994, 2, 11), [OPEN, time(14, 30, 0, 0)]),
    (date(1995, 12, 18), [time(10, 30, 0, 0), CLOSE]),
    (date(1996, 1, 8), [time(11, 0, 0, 0), time(14, 0, 0, 0)]),
    (date(1997, 10, 27), [OPEN, time(15, 30, 0, 0)]),
    (date(2002, 9, 11), [time(12, 0, 0, 0), CLOSE]),
];

/// When the regular session of a date begins and ends; `None` when there is none.
pub fn hours(day: Date) -> Option<[Time; 2]> {
    if super::is_weekend(day) || is_holiday(day) || CLOSED.contains(&day) {
        return None;
    }
    let exception = HOURS.iter().find(|(date, _)| *date == day);
    Some(match exception {
        Some((_, hours)) => *hours,
        None if is_half_day(day) => [OPEN, half_day_close(day)],
        None => [OPEN, CLOSE],
    })
}

fn half_day_close(day: Date) -> Time {
    let hour = if day.year() < 1993 { 14 } else { 13 };
    time(hour, 0, 0, 0)
}

/// Whether the rules keep a weekday free.
pub fn is_holiday(day: Date) -> bool {
    let (year, month) = (day.year(), day.month());
    let kept = match month {
        // A New Year's Day on a Saturday is not kept: 31 December ends the year's books.
        1 => is_observed(day, 1, 1) || (year >= 1998 && is_nth(day, 3, Weekday::Monday)),
        2 => is_nth(day, 3, Weekday::Monday),
        5 => day.weekday() == Weekday::Monday && day.day() > 24,
        6 => year >= 2022 && is_observed(day, 6, 19),
        7 => is_observed(day, 7, 4),
        9 => is_nth(day, 1, Weekday::Monday),
        11 => is_nth(day, 4, Weekday::Thursday),
        12 => is_observed(day, 12, 25),
        _ => false,
    };
    kept || is_good_friday(day)
}

fn is_half_day(day: Date) -> bool {
    let year = day.year();
    let before_a_weekday_holiday = !matches!(day.weekday(), Weekday::Friday);
    let by_rule = match (day.month(), day.day()) {
        (7, 3) => year >= 1995 && before_a_weekday_holiday,
        (12, 24) => year >= 1990 && before_a_weekday_holiday,
        (11, _) => year >= 1992 && day.yesterday().is_ok_and(|eve| is_nth(eve, 4, Weekday::Thursday)),
        _ => false,
    };
    (by_rule && !FULL_DAYS.contains(&day)) || HALF_DAYS.contains(&day)
}

/// Whether a fixed holiday falls on this weekday, or is kept on it because it
/// falls on the weekend beside it.
fn is_observed(day: Date, month: i8, day_of_month: i8) -> bool {
    let on = |day: Date| day.month() == month && day.day() == day_of_month;
    on(day)
        || (day.weekday() == Weekday::Monday && day.yesterday().is_ok_and(on))
        || (day.weekday() == Weekday::Friday && day.tomorrow().is_ok_and(on))
}

fn is_nth(day: Date, nth: i8, weekday: Weekday) -> bool {
    day.weekday() == weekday && (day.day() - 1) / 7 + 1 == nth
}

fn is_good_friday(day: Date) -> bool {
    matches!(day.month(), 3 | 4)
        && day.weekday() == Weekday::Friday
        && day
            .tomorrow()
            .and_then(Date::tomorrow)
            .is_ok_and(|sunday| easter_sunday(day.year()) == Some(sunday))
}

/// The anonymous Gregorian computus (Nature, 20 April 1876).
fn easter_sunday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}
