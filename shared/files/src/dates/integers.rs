//! Whole numbers that are dates: YYYYMMDD, or a time since 1970.

use jiff::civil::{Date, Time};

use super::{Moment, Moments};
use crate::FileError;

/// Seconds that mean a date of 1900 to 2100.
const SECONDS: std::ops::Range<i64> = -2_208_988_800..4_133_980_800;

/// Fewer seconds than that are of 1970 to 1973, and as likely row numbers, serial days of a
/// spreadsheet, or milliseconds.
const LEAST: i64 = 100_000_000;

/// Reads a column of whole numbers.
///
/// # Errors
/// When they have no one meaning.
pub fn read(column: &str, numbers: &[Option<i64>]) -> Result<Moments, FileError> {
    let there = || numbers.iter().copied().flatten();
    let Some(first) = there().next() else {
        return Ok(Moments { all: vec![None; numbers.len()], is_utc: false });
    };
    for of in [ymd, ymd_hm] {
        if there().all(|number| of(number).is_some()) {
            let all = numbers.iter().map(|number| number.and_then(of)).collect();
            return Ok(Moments { all, is_utc: false });
        }
    }
    let largest = there().map(i64::unsigned_abs).max().unwrap_or_default();
    let unit = [1_i64, 1_000, 1_000_000, 1_000_000_000]
        .into_iter()
        .find(|unit| there().all(|number| SECONDS.contains(&number.div_euclid(*unit))));
    match unit {
        Some(unit) if largest >= (LEAST * unit).unsigned_abs() => {
            let ms = |number: i64| {
                if unit == 1 { number.checked_mul(1_000) } else { Some(number.div_euclid(unit / 1_000)) }
            };
            let moment = |number: &Option<i64>| number.and_then(ms).and_then(Moment::utc);
            Ok(Moments { all: numbers.iter().map(moment).collect(), is_utc: true })
        }
        _ => Err(no_dates(column, first.to_string())),
    }
}

pub fn no_dates(column: &str, found: String) -> FileError {
    FileError::NumbersForDates { column: column.to_owned(), found }
}

/// 20121231
fn ymd(number: i64) -> Option<Moment> {
    day(number).map(|date| Moment::civil(date.to_datetime(Time::midnight())))
}

/// 201212311600
fn ymd_hm(number: i64) -> Option<Moment> {
    let date = day(number / 10_000)?;
    let (hour, minute) = (number / 100 % 100, number % 100);
    let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
    Some(Moment::civil(date.to_datetime(time)))
}

fn day(number: i64) -> Option<Date> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    if !(1900..=2100).contains(&year) {
        return None;
    }
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(numbers: &[i64]) -> Result<String, FileError> {
        let numbers: Vec<Option<i64>> = numbers.iter().copied().map(Some).collect();
        Ok(read("date", &numbers)?.all[0].unwrap().local.to_string())
    }

    #[test]
    fn the_magnitude_decides_or_nothing_does() {
        for numbers in [
            vec![20_120_904, 20_121_231],
            vec![1_346_716_800],
            vec![1_346_716_800_000],
            vec![1_346_716_800_000_000],
            vec![1_346_716_800_000_000_000],
        ] {
            assert_eq!(first(&numbers).unwrap(), "2012-09-04T00:00:00");
        }
        assert_eq!(first(&[201_209_041_600]).unwrap(), "2012-09-04T16:00:00");
        assert_eq!(first(&[-631_152_000, -631_065_600]).unwrap(), "1950-01-01T00:00:00");
        // Row numbers, a spreadsheet's days, fractions of nothing.
        for numbers in [vec![1, 2, 3], vec![41_156, 41_157], vec![0], vec![i64::MAX], vec![i64::MIN]] {
            assert!(first(&numbers).is_err(), "{numbers:?}");
        }
    }
}
