//! Dates in words: ISO and what else people write.

use jiff::{
    civil::{Date, DateTime, Time},
    tz::Offset,
};

use super::{Moment, Moments, Zone, integers, zone};
use crate::{
    DayOrder, FileError, Options, Role,
    error::shown,
    numbers::is_missing,
    table::{Cells, Column, Table, Text},
};

/// A date as it is written, before it is known which number is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Day {
    Known(Date),
    /// Two numbers and a year.
    Either {
        first: i8,
        second: i8,
        year: i16,
    },
    /// A number alone.
    Number(i64),
    TwoDigitYear,
}

/// A cell as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Written<'a> {
    day: Day,
    time: Time,
    zone: Option<Whose<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose<'a> {
    Offset(Offset),
    /// An offset, and a zone's name after it, so that +00:00 is more than UTC.
    Named(&'a str, Option<Offset>),
}

/// Reads a column of text, and that of times of the day beside it.
///
/// # Errors
/// When a cell is no date, or the column has more than one meaning.
pub fn read(
    table: &Table,
    column: &Column,
    text: &Text,
    kept: &[usize],
    options: &Options,
) -> Result<Moments, FileError> {
    let cell = |row: usize| (table.places.of(row), column.name.clone(), text.lossy(row));
    let mut written: Vec<Option<Written<'_>>> = vec![None; text.len()];
    for row in kept {
        let bytes = text.get(*row);
        if is_missing(bytes) {
            continue;
        }
        let parsed = iso_day(bytes).or_else(|| parse(str::from_utf8(bytes).ok()?));
        let Some(parsed) = parsed else {
            let (place, column, found) = cell(*row);
            return Err(FileError::NoDate { place, column, found });
        };
        if parsed.day == Day::TwoDigitYear {
            let (place, column, found) = cell(*row);
            return Err(FileError::TwoDigitYear { place, column, found });
        }
        if let Some(slot) = written.get_mut(*row) {
            *slot = Some(parsed);
        }
    }
    let Some((first_row, first)) = (0..).zip(&written).find_map(|(row, one)| Some((row, (*one)?))) else {
        return Ok(Moments { all: vec![None; text.len()], is_utc: false });
    };
    // All alike: a way of writing the day, and with a zone or without.
    let kind = |one: &Written<'_>| (std::mem::discriminant(&one.day), one.zone.is_some());
    if let Some(row) = written.iter().position(|one| one.is_some_and(|one| kind(&one) != kind(&first))) {
        let (place, column, found) = cell(row);
        return Err(FileError::MixedDates { place, column, found, first: text.lossy(first_row) });
    }
    if matches!(first.day, Day::Number(_)) {
        let number = |one: &Option<Written<'_>>| match one.as_ref()?.day {
            Day::Number(number) => Some(number),
            _ => None,
        };
        let moments = integers::read(&column.name, &written.iter().map(number).collect::<Vec<_>>())?;
        return at_times(table, moments);
    }
    let order = order(&written, options.day_order, by_vendor(table)).map_err(|row| {
        let (place, column, found) = cell(row);
        FileError::AmbiguousDate { place, column, found }
    })?;
    let is_utc = written.iter().flatten().all(|one| match one.zone {
        Some(Whose::Offset(offset)) => offset == Offset::UTC,
        Some(Whose::Named(name, _)) => name.parse::<Zone>().is_ok_and(|zone| zone.is_utc()),
        None => false,
    });
    let mut all = Vec::with_capacity(written.len());
    for (row, one) in written.iter().enumerate() {
        let Some(one) = one else {
            all.push(None);
            continue;
        };
        let Some(date) = date(one.day, order) else {
            let (place, column, found) = cell(row);
            return Err(FileError::NoDate { place, column, found });
        };
        let local = date.to_datetime(one.time);
        let offset = match one.zone {
            None => None,
            Some(whose) => Some(offset(whose, local).ok_or_else(|| {
                let (place, column, _) = cell(row);
                let zone = if let Whose::Named(name, _) = whose { shown(name) } else { String::new() };
                FileError::UnknownZone { place, column, zone }
            })?),
        };
        all.push(Some(Moment { local, offset }));
    }
    at_times(table, Moments { all, is_utc })
}

fn offset(whose: Whose<'_>, local: DateTime) -> Option<Offset> {
    let name = match whose {
        Whose::Offset(offset) | Whose::Named(_, Some(offset)) => return Some(offset),
        Whose::Named(name, None) => name,
    };
    let hours = match name {
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "CST" | "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        "CET" | "BST" => 1,
        "CEST" => 2,
        "JST" => 9,
        _ => {
            let zone: Zone = name.parse().ok()?;
            return Some(zone.zone().to_offset(zone.zone().to_timestamp(local).ok()?));
        }
    };
    Offset::from_hours(hours).ok()
}

/// Adds the times of a column of times of the day.
fn at_times(table: &Table, mut moments: Moments) -> Result<Moments, FileError> {
    let Some(column) = table.column(Role::Time) else { return Ok(moments) };
    let midnight = Time::midnight();
    for (row, moment) in moments.all.iter_mut().enumerate() {
        let Some(moment) = moment else { continue };
        let time = match &column.cells {
            Cells::Text(text) if is_missing(text.get(row)) => Some(midnight),
            Cells::Text(text) => time_of_day(text.get(row)),
            Cells::Numbers(numbers) => {
                numbers.get(row).and_then(|number| time_of_day(number.to_string().as_bytes()))
            }
            _ => None,
        };
        match time {
            Some(time) if moment.local.time() == midnight => {
                moment.local = moment.local.date().to_datetime(time)
            }
            Some(time) if time == midnight => {}
            _ => {
                let first = table.column(Role::Date).map(|column| column.name.clone()).unwrap_or_default();
                return Err(FileError::TwoColumns { role: Role::Date, first, second: column.name.clone() });
            }
        }
    }
    Ok(moments)
}

/// `09:30`, `09:30:00.5`, `93000`, `0930`.
fn time_of_day(cell: &[u8]) -> Option<Time> {
    let text = str::from_utf8(cell).ok()?;
    let mut scan = Scan(text);
    let time = if text.bytes().all(|b| b.is_ascii_digit()) {
        scan = Scan("");
        let digits = if text.len() <= 4 { format!("{text:0>4}00") } else { format!("{text:0>6}") };
        compact_time(&digits)?
    } else {
        scan.time()?
    };
    scan.0.trim().is_empty().then_some(time)
}

/// Nasdaq's site, which nobody else's `Close/Last` is of, puts the month first.
fn by_vendor(table: &Table) -> Option<DayOrder> {
    let close = table.column(Role::Close)?;
    close.name.eq_ignore_ascii_case("Close/Last").then_some(DayOrder::MonthFirst)
}

/// Which of two numbers is the day, or the first row that does not say.
fn order(
    written: &[Option<Written<'_>>],
    said: Option<DayOrder>,
    by_vendor: Option<DayOrder>,
) -> Result<DayOrder, usize> {
    let mut doubtful = None;
    let mut found = None;
    for (row, one) in written.iter().enumerate() {
        let Some(Written { day: Day::Either { first, second, .. }, .. }) = one else { continue };
        let says = match (*first > 12, *second > 12) {
            (true, _) => DayOrder::DayFirst,
            (_, true) => DayOrder::MonthFirst,
            _ => {
                if first != second {
                    doubtful.get_or_insert(row);
                }
                continue;
            }
        };
        if *found.get_or_insert(says) != says {
            return Err(row);
        }
    }
    match (said.or(found).or(by_vendor), doubtful) {
        (Some(order), _) => Ok(order),
        (None, Some(row)) => Err(row),
        (None, None) => Ok(DayOrder::DayFirst),
    }
}

fn date(day: Day, order: DayOrder) -> Option<Date> {
    match (day, order) {
        (Day::Known(date), _) => Some(date),
        (Day::Either { first, second, year }, DayOrder::DayFirst) => Date::new(year, second, first).ok(),
        (Day::Either { first, second, year }, DayOrder::MonthFirst) => Date::new(year, first, second).ok(),
        _ => None,
    }
}

/// `2012-09-04`, as most files have it.
fn iso_day(cell: &[u8]) -> Option<Written<'static>> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = cell else { return None };
    let digit = |b: u8| if b.is_ascii_digit() { Some(i16::from(b - b'0')) } else { None };
    let two = |a: u8, b: u8| Some(digit(a)? * 10 + digit(b)?);
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let date = Date::new(year, two(m1, m2)?.try_into().ok()?, two(d1, d2)?.try_into().ok()?).ok()?;
    Some(Written { day: Day::Known(date), time: Time::midnight(), zone: None })
}

fn parse(text: &str) -> Option<Written<'_>> {
    let mut scan = Scan(text);
    let (day, is_compact) = scan.day()?;
    let mut time = Time::midnight();
    let mut zone = None;
    if let Day::Number(_) = day {
        return scan.0.is_empty().then_some(Written { day, time, zone });
    }
    let is_glued = is_compact && scan.0.starts_with(|c: char| c.is_ascii_digit());
    let has_time = is_glued || scan.skip(&['T', 't']) || scan.blanks() || scan.skip(&[',', ';', ':', '-']);
    if has_time && !scan.0.is_empty() {
        scan.blanks();
        if is_compact && scan.0.bytes().take_while(u8::is_ascii_digit).count() > 2 {
            let digits = scan.digits()?;
            let padded = if digits.len() <= 4 { format!("{digits:0>4}00") } else { format!("{digits:0>6}") };
            time = compact_time(&padded)?;
        } else if scan.0.starts_with(|c: char| c.is_ascii_digit()) {
            time = scan.time()?;
        }
    }
    scan.blanks();
    if !scan.0.is_empty() {
        zone = Some(scan.zone()?);
    }
    scan.0.is_empty().then_some(Written { day, time, zone })
}

/// `093000`
fn compact_time(digits: &str) -> Option<Time> {
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i8>().ok();
    if digits.len() != 6 {
        return None;
    }
    Time::new(part(0..2)?, part(2..4)?, part(4..6)?, 0).ok()
}

/// What is left of a text.
struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    fn skip(&mut self, any: &[char]) -> bool {
        let rest = self.0.strip_prefix(any);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn blanks(&mut self) -> bool {
        let rest = self.0.trim_start();
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found
    }

    fn run(&mut self, is_of: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !is_of(c)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        run
    }

    fn digits(&mut self) -> Option<&'a str> {
        let digits = self.run(|c| c.is_ascii_digit());
        (!digits.is_empty()).then_some(digits)
    }

    fn small(&mut self) -> Option<i8> {
        let digits = self.digits()?;
        if digits.len() <= 2 { digits.parse().ok() } else { None }
    }

    fn separator(&mut self) -> Option<char> {
        let c = self.0.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | ' ' | ',' | '\u{2011}'))?;
        self.0 = self.0.get(c.len_utf8()..)?;
        self.blanks();
        Some(c)
    }

    /// A month's English name, in whole or its first three letters.
    fn month(&mut self) -> Option<i8> {
        const MONTHS: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let word = self.run(char::is_alphabetic).to_ascii_lowercase();
        self.skip(&['.']);
        let is = |month: &&str| month.starts_with(&word) && (word.len() >= 3);
        let word_is = |month: &str| is(&month) || word == "sept" && month == "september";
        let index = MONTHS.iter().position(|month| word_is(month))?;
        i8::try_from(index + 1).ok()
    }

    fn year(&mut self) -> Option<Option<i16>> {
        let digits = self.digits()?;
        match digits.len() {
            4 => Some(Some(digits.parse().ok()?)),
            2 => Some(None),
            _ => None,
        }
    }

    fn day(&mut self) -> Option<(Day, bool)> {
        const WEEKDAYS: [&str; 7] =
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let known = |year: Option<i16>, month: i8, day: i8| match year {
            Some(year) => Some((Day::Known(Date::new(year, month, day).ok()?), false)),
            None => Some((Day::TwoDigitYear, false)),
        };
        if self.0.starts_with(char::is_alphabetic) {
            let before = self.0;
            let word = self.run(char::is_alphabetic).to_ascii_lowercase();
            if word.len() >= 3 && WEEKDAYS.iter().any(|day| day.starts_with(&word)) {
                self.skip(&['.']);
                self.skip(&[',']);
                self.blanks();
            } else {
                self.0 = before;
            }
        }
        if self.0.starts_with(char::is_alphabetic) {
            let month = self.month()?;
            self.separator();
            let day = self.small()?;
            for ordinal in ["st", "nd", "rd", "th"] {
                self.0 = self.0.strip_prefix(ordinal).unwrap_or(self.0);
            }
            self.separator()?;
            return known(self.year()?, month, day);
        }
        let whole = self.0;
        let digits = self.run(|c| c.is_ascii_digit());
        let next_is = |scan: &Self, test: fn(char) -> bool| scan.0.starts_with(test);
        match digits.len() {
            8 if digits.parse::<i64>().is_ok()
                && !self.0.is_empty()
                && next_is(self, |c| matches!(c, 'T' | 't' | ' ' | '-')) =>
            {
                let number: i32 = digits.parse().ok()?;
                let date = Date::new(
                    (number / 10_000).try_into().ok()?,
                    (number / 100 % 100).try_into().ok()?,
                    (number % 100).try_into().ok()?,
                );
                Some((Day::Known(date.ok()?), true))
            }
            14 if self.0.is_empty() => self.fourteen(digits),
            4 => {
                if !next_is(self, |c| matches!(c, '-' | '/' | '.' | ' ')) || self.0.len() < 4 {
                    return number(whole, self);
                }
                let before = self.0;
                let separator = self.separator()?;
                if !next_is(self, |c| c.is_alphanumeric()) {
                    self.0 = before;
                    return number(whole, self);
                }
                let month = if next_is(self, char::is_alphabetic) { self.month()? } else { self.small()? };
                (self.separator()? == separator).then_some(())?;
                let day = self.small()?;
                known(Some(digits.parse().ok()?), month, day)
            }
            1 | 2 if next_is(self, |c| matches!(c, '-' | '/' | '.' | ' ')) => {
                let first: i8 = digits.parse().ok()?;
                let separator = self.separator()?;
                if next_is(self, char::is_alphabetic) {
                    let month = self.month()?;
                    self.separator()?;
                    return known(self.year()?, month, first);
                }
                let before_second = self.0;
                let Some(second) = self.small() else {
                    self.0 = before_second;
                    return number(whole, self);
                };
                if self.separator() != Some(separator) {
                    return number(whole, self);
                }
                match self.year()? {
                    Some(year) => Some((Day::Either { first, second, year }, false)),
                    None => Some((Day::TwoDigitYear, false)),
                }
            }
            _ => number(whole, self),
        }
    }

    /// 20120904093000: its time is left to be read.
    fn fourteen(&mut self, digits: &'a str) -> Option<(Day, bool)> {
        let number: i32 = digits.get(..8)?.parse().ok()?;
        let date = Date::new(
            (number / 10_000).try_into().ok()?,
            (number / 100 % 100).try_into().ok()?,
            (number % 100).try_into().ok()?,
        );
        let Ok(date) = date else {
            return Some((Day::Number(digits.parse().ok()?), false));
        };
        compact_time(digits.get(8..)?)?;
        self.0 = digits.get(8..)?;
        Some((Day::Known(date), true))
    }

    fn time(&mut self) -> Option<Time> {
        let mut hour = self.small()?;
        let (mut minute, mut second, mut nanosecond) = (0, 0, 0);
        if self.skip(&[':']) {
            minute = self.small()?;
            if self.skip(&[':']) {
                second = self.small()?;
                if self.skip(&['.', ',']) {
                    let digits = self.digits()?;
                    let padded = format!("{:0<9}", digits.get(..9).unwrap_or(digits));
                    nanosecond = padded.parse().ok()?;
                }
            }
        } else if self.half_of_day().is_none() {
            return None;
        }
        if let Some((is_afternoon, rest)) = self.half_of_day() {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if is_afternoon { 12 } else { 0 };
            self.0 = rest;
        }
        Time::new(hour, minute, second, nanosecond).ok()
    }

    /// Whether `PM` comes next instead of `AM`, and what follows; `America/…` is neither.
    fn half_of_day(&self) -> Option<(bool, &'a str)> {
        let (half, rest) = self.0.trim_start().split_at_checked(2)?;
        let is_whole = !rest.starts_with(char::is_alphanumeric);
        let is_afternoon = half.eq_ignore_ascii_case("pm");
        (is_whole && (is_afternoon || half.eq_ignore_ascii_case("am"))).then_some((is_afternoon, rest))
    }

    fn zone(&mut self) -> Option<Whose<'a>> {
        let text = self.0.trim();
        self.0 = "";
        let (text, name) = match text.split_once('[') {
            Some((text, name)) => (text.trim(), Some(name.strip_suffix(']')?)),
            None => (text, None),
        };
        let offset = zone::offset(text).or_else(|| matches!(text, "Z" | "z").then_some(Offset::UTC));
        match (name, offset) {
            (Some(name), _) => Some(Whose::Named(name, offset)),
            (None, Some(offset)) => Some(Whose::Offset(offset)),
            (None, None) => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '+' | '-' | ':');
                let is_whole = !text.is_empty()
                    && text.chars().all(is_name)
                    && text.starts_with(|c: char| c.is_ascii_alphabetic());
                is_whole.then_some(Whose::Named(text, None))
            }
        }
    }
}

/// The whole cell as a whole number.
fn number(whole: &str, scan: &mut Scan<'_>) -> Option<(Day, bool)> {
    scan.0 = "";
    let number = whole.parse::<i64>().ok().or_else(|| {
        let number = whole.parse::<f64>().ok()?;
        #[allow(clippy::cast_possible_truncation, reason = "it is whole and in range")]
        (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
    });
    Some((Day::Number(number?), false))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_as(text: &str) -> Option<String> {
        let Written { day, time, zone } = parse(text)?;
        let date = date(day, DayOrder::DayFirst)?;
        let local = date.to_datetime(time);
        let offset = zone.map(|whose| offset(whose, local)).unwrap_or_default();
        Some(format!("{local}{}", offset.map(|offset| format!(" {offset}")).unwrap_or_default()))
    }

    #[test]
    fn dates_of_people_and_programs() {
        for text in [
            "2012-09-04",
            "2012/09/04",
            "2012-9-4",
            "2012.09.04",
            "04.09.2012",
            "4/9/2012",
            "04-09-2012",
            "4-Sep-2012",
            "04 September 2012",
            "Sep 4, 2012",
            "September 4th, 2012",
            "Tue, 04 Sep 2012",
            "Tuesday, September 4, 2012",
            "2012-Sep-04",
            "2012-09-04T00:00",
            "2012-09-04 00:00:00.000000000",
            "4. September 2012",
            "2012-09-04 12:00 AM",
            "20120904T000000",
            "20120904000000",
            "20120904 0000",
        ] {
            assert_eq!(read_as(text).as_deref(), Some("2012-09-04T00:00:00"), "{text}");
        }
        for text in [
            "2012-09-04T20:00:00-05:00",
            "2012-09-04 20:00:00-0500",
            "2012-09-04 20:00:00-05",
            "2012-09-04T20:00:00-05:00[America/Chicago]",
            "2012-09-04 20:00:00 EST",
            "2012-09-04 8:00 PM EST",
            "20120904T200000-0500",
            "2012-09-04 20:00:00 America/Chicago",
            "2012-09-04T20:00:00 UTC-05:00",
        ] {
            assert_eq!(read_as(text).as_deref(), Some("2012-09-04T20:00:00 -05"), "{text}");
        }
        for text in [
            "",
            "soon",
            "2012-13-04",
            "2012-02-30",
            "04.09.2012.",
            "12:00",
            "2012-09",
            "4 9",
            "2012-09/04",
            "1/2/3/4",
        ] {
            assert_eq!(read_as(text), None, "{text}");
        }
        assert_eq!(parse("04.09.12").unwrap().day, Day::TwoDigitYear);
        assert_eq!(parse("12-09-04").unwrap().day, Day::TwoDigitYear);
        assert_eq!(parse("-86400").unwrap().day, Day::Number(-86_400));
        assert_eq!(parse("1346716800.0").unwrap().day, Day::Number(1_346_716_800));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            parse(&text);
            time_of_day(text.as_bytes());
            let _ = text.parse::<Zone>();
        }

        #[test]
        fn whatever_is_printed_is_read(days in -25_000_i64..47_000, seconds in 0_i64..86_400, minutes in -840_i32..840) {
            let offset = Offset::from_seconds(minutes * 60).unwrap();
            let local = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0) + jiff::SignedDuration::from_secs(days * 86_400 + seconds);
            for text in [
                format!("{local}"),
                local.strftime("%Y%m%dT%H%M%S").to_string(),
                local.strftime("%d %B %Y %H:%M:%S").to_string(),
                local.strftime("%b %-d, %Y, %I:%M:%S %p").to_string(),
                local.strftime("%d.%m.%Y %H:%M:%S").to_string(),
            ] {
                prop_assert_eq!(read_as(&text), Some(local.to_string()), "{}", text);
            }
            let sign = if minutes < 0 { '-' } else { '+' };
            let text = format!("{local}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
            prop_assert_eq!(read_as(&text), Some(format!("{local} {offset}")), "{}", text);
        }
    }
}
