//! Texts of the provider to values, where a missing one is none.

use jiff::civil::{Date, DateTime, Time};
use tickwise_market::iso_date;

use crate::Failure;

/// Spellings of a value that is not there.
pub fn is_missing(text: &str) -> bool {
    matches!(text, "" | "-" | "--" | "None" | "none" | "null" | "N/A")
}

/// Text, unless it is missing.
pub fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!is_missing(text)).then(|| text.to_owned())
}

/// A decimal number; a percent sign after it is left out.
pub fn number(text: &str) -> Result<Option<f64>, Failure> {
    let text = text.trim();
    let digits = text.strip_suffix('%').unwrap_or(text).trim_end();
    if is_missing(digits) {
        return Ok(None);
    }
    // Rust would also read "inf" and "nan".
    let is_decimal = digits.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    match digits.parse::<f64>() {
        Ok(value) if is_decimal && value.is_finite() => Ok(Some(value)),
        _ => Err(not_a("number", text)),
    }
}

/// Nothing is sold for nothing: a price of zero, or less, is none.
pub fn price(number: Option<f64>) -> Option<f64> {
    number.filter(|price| *price > 0.0)
}

/// `YYYY-MM-DD`.
pub fn date(text: &str) -> Result<Option<Date>, Failure> {
    let text = text.trim();
    // Dates that are unknown are also spelt so.
    if is_missing(text) || text == "0000-00-00" {
        return Ok(None);
    }
    iso_date::parse(text).map(Some).ok_or_else(|| not_a("date", text))
}

/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM`, `YYYY-MM-DD HH:MM:SS` or with a fraction.
pub fn date_time(text: &str) -> Result<DateTime, Failure> {
    let parse = || {
        let text = text.trim();
        let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
        Some(iso_date::parse(date)?.to_datetime(clock_time(time)?))
    };
    parse().ok_or_else(|| not_a("time", text))
}

/// `HH:MM`, `HH:MM:SS` or with a fraction.
pub fn clock_time(text: &str) -> Option<Time> {
    let mut parts = text.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Time::new(digits(hour)?, digits(minute)?, digits(second)?, digits(&nanos)?).ok()
}

/// `YYYYMMDDTHHMMSS` or `YYYYMMDDTHHMM`.
pub fn compact_date_time(text: &str) -> Result<DateTime, Failure> {
    let parse = || {
        let (day, time) = text.split_once('T')?;
        if day.len() != 8 || !(time.len() == 4 || time.len() == 6) {
            return None;
        }
        let second = if time.len() == 6 { digits(time.get(4..6)?)? } else { 0 };
        let time = Time::new(digits(time.get(..2)?)?, digits(time.get(2..4)?)?, second, 0).ok()?;
        let date = Date::new(digits(day.get(..4)?)?, digits(day.get(4..6)?)?, digits(day.get(6..)?)?).ok()?;
        Some(date.to_datetime(time))
    };
    parse().ok_or_else(|| not_a("time", text))
}

fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The beginning of what should have been something else.
pub fn not_a(what: &str, text: &str) -> Failure {
    let shown: String = text.chars().take(32).collect();
    Failure::malformed(format!("{:?} is no {what}", crate::redact::redacted(&shown)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn missing_is_never_zero() {
        for text in ["", " ", "-", "--", "None", "null", "%"] {
            assert_eq!(number(text), Ok(None), "{text:?}");
        }
        assert_eq!(number("0"), Ok(Some(0.0)));
        for text in ["inf", "NaN", "infinity", "1,000", "1.2.3", "0x10", "1e999", "12a"] {
            assert!(matches!(number(text), Err(Failure::Malformed(_))), "{text:?}");
        }
    }

    #[test]
    fn prices_keep_every_digit() {
        assert_eq!(number("100.20011223344556"), Ok(Some(100.20011223344556)));
        assert_eq!(number("17900.0%"), Ok(Some(17900.0)));
        assert_eq!(number("5000000001"), Ok(Some(5_000_000_001.0)));
        assert_eq!(number(" -1.2500% "), Ok(Some(-1.25)));
    }

    #[test]
    fn times_come_in_every_documented_form() {
        let at = |h, m, s, ns| day(2030, 1, 2).at(h, m, s, ns);
        assert_eq!(date_time("2030-01-02"), Ok(at(0, 0, 0, 0)));
        assert_eq!(date_time("2030-01-02 14:00"), Ok(at(14, 0, 0, 0)));
        assert_eq!(date_time("2030-01-02 19:59:55.291"), Ok(at(19, 59, 55, 291_000_000)));
        assert_eq!(compact_date_time("20300102T110100"), Ok(at(11, 1, 0, 0)));
        assert_eq!(compact_date_time("20300102T1101"), Ok(at(11, 1, 0, 0)));
        assert_eq!(date("0000-00-00"), Ok(None));
        for text in ["2030-01-02 25:00", "2030-13-02", "2030-01-02 +1:00", "", "T", "2030-01-02 14"] {
            assert!(date_time(text).is_err(), "{text:?}");
        }
        for text in ["", "T", "20300102", "2030010éT1101", "20300102T11é1"] {
            assert!(compact_date_time(text).is_err(), "{text:?}");
        }
    }
}
