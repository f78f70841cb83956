//! Instants in queries, in every spelling that means one thing.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, date},
};
use tickwise_market::Calendar;

const DAY_MS: i64 = 86_400_000;

/// New York, far beyond the last rule that a zone's database has.
const LATE_OFFSET_MS: i64 = -5 * 3_600_000;

/// Milliseconds since 1970.
///
/// Dates and times without a zone are New York's. Whole numbers are years, dates as
/// `20120904`, or counts since 1970 whose magnitude says of what. `None` is what is no
/// instant, or could be two.
pub fn parse(text: &str) -> Option<i64> {
    match text.strip_prefix('-').unwrap_or(text) {
        "" => None,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => number(text, digits.len()),
        _ => zoned(text).or_else(|| local(text)),
    }
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    match (number, digits) {
        // The one number that is the same instant in every unit.
        (0, _) => Some(0),
        (1_000..=9_999, 4) => midnight_ms(Date::new(i16::try_from(number).ok()?, 1, 1).ok()?),
        (10_000_000..=99_999_999, 8) => midnight_ms(text.parse().ok()?),
        _ => since_1970(number),
    }
}

/// Seconds to nanoseconds are 1000 apart, and so are their ranges, which begin with
/// 1973 (before 1970 they end with 1966). Nothing is taken for a moment of the seventies
/// that somebody has meant otherwise; milliseconds after the year 5138 could be
/// microseconds of them.
fn since_1970(number: i64) -> Option<i64> {
    const MILLISECONDS_OR_MICROSECONDS: u64 = 253_402_300_800_000;
    match number.unsigned_abs() {
        100_000_000..100_000_000_000 => Some(number * 1_000),
        100_000_000_000..100_000_000_000_000 => Some(number),
        MILLISECONDS_OR_MICROSECONDS..100_000_000_000_000_000 => Some(number.div_euclid(1_000)),
        100_000_000_000_000_000.. => Some(number.div_euclid(1_000_000)),
        _ => None,
    }
}

/// RFC 3339, with an offset.
fn zoned(text: &str) -> Option<i64> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_millisecond());
    }
    // Timestamps end some hours before civil dates do.
    let utc = text.strip_suffix(['Z', 'z'])?.parse::<DateTime>().ok()?;
    is_late(utc.date()).then(|| utc_ms(utc))
}

fn local(text: &str) -> Option<i64> {
    // A zone's name without an offset would be passed over.
    let is_named = text.contains(['[', 'Z', 'z']);
    let local: DateTime = if is_named { None } else { text.parse().ok() }?;
    if is_late(local.date()) {
        return Some(utc_ms(local) - LATE_OFFSET_MS);
    }
    Calendar::Nyse.instant_ms(local)
}

fn midnight_ms(date: Date) -> Option<i64> {
    if is_late(date) {
        return Some(utc_ms(date.at(0, 0, 0, 0)) - LATE_OFFSET_MS);
    }
    Calendar::Nyse.midnight_ms(date)
}

/// Where instants come to an end, and civil dates do not.
fn is_late(date: Date) -> bool {
    date.year() >= 9_999
}

fn utc_ms(utc: DateTime) -> i64 {
    let days = (utc.date() - date(1970, 1, 1)).get_days();
    let time = utc.time();
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    i64::from(days) * DAY_MS + seconds * 1_000 + i64::from(time.millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2012-12-04 15:00 in New York.
    const AFTERNOON_MS: i64 = 1_354_651_200_000;

    #[test]
    fn an_instant_in_every_spelling() {
        for (texts, instant_ms) in [
            (
                &[
                    "2012-12-04T15:00:00",
                    "2012-12-04T15:00",
                    "2012-12-04 15:00:00",
                    "2012-12-04T15:00:00.000",
                    "2012-12-04T15:00:00-05:00",
                    "2012-12-04T20:00:00Z",
                    "2012-12-04t20:00:00z",
                    "2012-12-04T21:00:00+01:00[Europe/Berlin]",
                    "1354651200",
                    "1354651200000",
                    "1354651200000000",
                    "1354651200000000000",
                ][..],
                AFTERNOON_MS,
            ),
            (&["2012-09-04", "20120904", "2012-09-04T00:00:00-04:00", "1346731200"], 1_346_731_200_000),
            (&["2012", "2012-01-01"], 1_325_394_000_000),
            (&["0", "1970-01-01T00:00:00Z"], 0),
            (&["-1000000000", "-1000000000000"], -1_000_000_000_000),
            (&["9998-12-31", "99981231"], 253_370_696_400_000),
            (&["9999", "9999-01-01", "99990101"], 253_370_782_800_000),
            (&["9999-12-31T23:59:59Z"], 253_402_300_799_000),
            (&["9999-12-31"], 253_402_232_400_000),
        ] {
            for text in texts {
                assert_eq!(parse(text), Some(instant_ms), "{text}");
            }
        }
    }

    #[test]
    fn what_could_be_two_instants_is_none() {
        for text in [
            "",
            "-",
            "+5",
            "5",
            "999",
            "-2012",
            "12345",
            "201209",
            "20121332",
            "99999999",
            "253402214400000",
            "1354651200.5",
            "9223372036854775808",
            "yesterday",
            "2012-13-01",
            "2012-12-04T25:00:00",
            "2012-12-04T15:00:00 01:00",
            "2012-12-04T15:00:00[Europe/Berlin]",
            "12/04/2012",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_number_means_a_moment_within_a_year_of_1970_but_0() {
        let year_ms = 365 * DAY_MS;
        for exponent in 0..19 {
            for factor in [1, 2, 5, 9] {
                for number in [factor * 10_i64.pow(exponent), -factor * 10_i64.pow(exponent)] {
                    let meant = parse(&number.to_string());
                    assert!(meant.is_none_or(|ms| ms.abs() > year_ms), "{number}: {meant:?}");
                }
            }
        }
    }
}
