//! Numbers as people write them: `1234.5`, `1.234,5`, `$1,234.50`, `1.2E7`, `11.77M`.

use crate::{
    FileError, Role,
    table::{Cells, Column, Places, Table, Text},
};

/// What stands for no value.
pub fn is_missing(cell: &[u8]) -> bool {
    const WORDS: [&str; 12] = ["", "-", "--", ".", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nat"];
    cell.len() <= 4 && WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word.as_bytes())) || cell == b"\\N"
}

/// How a file writes decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decimal {
    Point,
    Comma,
}

/// Makes numbers of every column of prices and volumes: one meaning of commas for the whole file.
///
/// # Errors
/// Naming the first cell that is no number, or has two meanings.
pub fn convert(table: &mut Table) -> Result<(), FileError> {
    let is_number = |role: Role| !matches!(role, Role::Date | Role::Time | Role::Symbol);
    // What a program wrote is read as it stands; what is left is written for people.
    let mut needs_words = false;
    let mut plain = Vec::new();
    for (role, column) in table.columns.iter().filter(|(role, _)| is_number(*role)) {
        match &column.cells {
            Cells::Text(text) => match text.iter().map(program).collect::<Option<Vec<f64>>>() {
                Some(numbers) => plain.push((*role, numbers)),
                None => needs_words = true,
            },
            Cells::Numbers(_) => {}
            other => return Err(not_numbers(column, other)),
        }
    }
    if needs_words {
        let decimal = decimal(table)?;
        for (role, column) in table.columns.iter_mut().filter(|(role, _)| is_number(*role)) {
            if let Cells::Text(text) = &column.cells {
                column.cells =
                    Cells::Numbers(human_column(*role, &column.name, text, &table.places, decimal)?);
            }
        }
        return Ok(());
    }
    for (role, numbers) in plain {
        if let Some((_, column)) = table.columns.iter_mut().find(|(of, _)| *of == role) {
            column.cells = Cells::Numbers(numbers);
        }
    }
    Ok(())
}

fn not_numbers(column: &Column, cells: &Cells) -> FileError {
    let found = match cells {
        Cells::Days(_) => "dates",
        Cells::Times { .. } => "times",
        _ => "something else",
    };
    FileError::ColumnType {
        column: column.name.clone(),
        found: found.into(),
        expected: "numbers",
        remedy: "numbers, or name the right column with --columns",
    }
}

/// A number as programs write it; NaN for a missing one.
fn program(cell: &[u8]) -> Option<f64> {
    if let Ok(number) = fast_float2::parse::<f64, _>(cell) {
        return Some(number);
    }
    is_missing(cell).then_some(f64::NAN)
}

/// What the cells of all columns together say about commas.
fn decimal(table: &Table) -> Result<Decimal, FileError> {
    let mut found: Option<Decimal> = None;
    let mut doubtful = None;
    for (role, column) in &table.columns {
        let Cells::Text(text) = &column.cells else { continue };
        if matches!(role, Role::Date | Role::Time | Role::Symbol) {
            continue;
        }
        for (row, cell) in text.iter().enumerate() {
            match (says(cell), found) {
                (Says::Is(decimal), None) => found = Some(decimal),
                (Says::Is(decimal), Some(before)) if before != decimal => {
                    return Err(ambiguous(column, text, row, &table.places));
                }
                // Volumes are whole numbers.
                (Says::Either, _) if *role != Role::Volume => {
                    doubtful.get_or_insert((column, text, row));
                }
                _ => {}
            }
        }
    }
    match (found, doubtful) {
        (Some(decimal), _) => Ok(decimal),
        (None, Some((column, text, row))) => Err(ambiguous(column, text, row, &table.places)),
        (None, None) => Ok(Decimal::Point),
    }
}

fn ambiguous(column: &Column, text: &Text, row: usize, places: &Places) -> FileError {
    FileError::AmbiguousNumber { place: places.of(row), column: column.name.clone(), found: text.lossy(row) }
}

enum Says {
    Is(Decimal),
    Either,
    Nothing,
}

/// What one cell says about the meaning of its comma.
fn says(cell: &[u8]) -> Says {
    let count = |mark: u8| cell.iter().filter(|b| **b == mark).count();
    let last = |mark: u8| cell.iter().rposition(|b| *b == mark);
    let digits_after = |at: usize| cell.iter().skip(at + 1).take_while(|b| b.is_ascii_digit()).count();
    let digits_before = |at: usize| cell.iter().take(at).filter(|b| b.is_ascii_digit()).count();
    let is_zero = |at: usize| cell.iter().take(at).find(|b| b.is_ascii_digit()) == Some(&b'0');
    match (last(b','), last(b'.')) {
        (Some(comma), Some(point)) => Says::Is(if comma > point { Decimal::Comma } else { Decimal::Point }),
        (Some(_), None) if count(b',') > 1 => Says::Is(Decimal::Point),
        (Some(comma), None)
            if digits_after(comma) == 3 && (1..=3).contains(&digits_before(comma)) && !is_zero(comma) =>
        {
            Says::Either
        }
        (Some(_), None) => Says::Is(Decimal::Comma),
        (None, Some(_)) if count(b'.') > 1 => Says::Is(Decimal::Comma),
        // A point before three digits parts thousands only in a file that says so elsewhere.
        (None, Some(point)) if digits_after(point) != 3 => Says::Is(Decimal::Point),
        _ => Says::Nothing,
    }
}

fn human_column(
    role: Role,
    name: &str,
    text: &Text,
    places: &Places,
    decimal: Decimal,
) -> Result<Vec<f64>, FileError> {
    let number = |(row, cell): (usize, &[u8])| {
        human(cell, role, decimal).ok_or_else(|| FileError::NoNumber {
            place: places.of(row),
            column: name.to_owned(),
            found: text.lossy(row),
        })
    };
    text.iter().enumerate().map(number).collect()
}

/// A number as people write it: with a currency's sign, thousands, and K, M or B for volumes.
fn human(cell: &[u8], role: Role, decimal: Decimal) -> Option<f64> {
    if is_missing(cell) {
        return Some(f64::NAN);
    }
    let text = str::from_utf8(cell).ok()?;
    let text = text.trim().trim_end_matches(['€', '$', '£', '¥']).trim();
    let (text, scale) = match text.as_bytes().last() {
        Some(b'K' | b'k') if role == Role::Volume => (text.get(..text.len() - 1)?, 1e3),
        Some(b'M' | b'm') if role == Role::Volume => (text.get(..text.len() - 1)?, 1e6),
        Some(b'B' | b'b') if role == Role::Volume => (text.get(..text.len() - 1)?, 1e9),
        _ => (text, 1.0),
    };
    let (is_negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.trim_start_matches(['$', '€', '£', '¥']).trim_start();
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) if !is_negative => (true, rest),
        _ => (is_negative, text),
    };
    let plain = without_thousands(text, decimal)?;
    let magnitude = fast_float2::parse::<f64, _>(plain.as_bytes()).ok()? * scale;
    Some(if is_negative { -magnitude } else { magnitude })
}

/// The number with a decimal point and without what parts thousands.
fn without_thousands(text: &str, decimal: Decimal) -> Option<String> {
    let (mark, point) = if decimal == Decimal::Comma { ('.', ',') } else { (',', '.') };
    let (whole, rest) = match text.find([point, 'e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let is_apart = |c: char| c == mark || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '\u{2019}');
    let groups: Vec<&str> = whole.split(is_apart).collect();
    let (first, others) = groups.split_first()?;
    let are_digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let are_thousands =
        others.is_empty() || (1..=3).contains(&first.len()) && others.iter().all(|group| group.len() == 3);
    // India parts lakhs and crores: 1,23,45,678.
    let are_lakhs = !others.is_empty()
        && (1..=2).contains(&first.len())
        && others
            .split_last()
            .is_some_and(|(last, before)| last.len() == 3 && before.iter().all(|group| group.len() == 2));
    let is_whole = groups.iter().all(|group| are_digits(group)) && (are_thousands || are_lakhs);
    is_whole.then(|| groups.concat() + &rest.replacen(point, ".", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people() {
        for (text, decimal, number) in [
            ("$680.44", Decimal::Point, 680.44),
            ("-$37.63", Decimal::Point, -37.63),
            ("13,139,000", Decimal::Point, 13_139_000.0),
            ("1,23,45,678.5", Decimal::Point, 12_345_678.5),
            ("1.31390E7", Decimal::Point, 13_139_000.0),
            ("665,76", Decimal::Comma, 665.76),
            ("1.234.567,8", Decimal::Comma, 1_234_567.8),
            ("1 234,5 €", Decimal::Comma, 1_234.5),
            ("11.77M", Decimal::Point, 11_770_000.0),
        ] {
            assert_eq!(human(text.as_bytes(), Role::Volume, decimal), Some(number), "{text}");
        }
        for text in ["1,2,3", "12,34", "1..2", "abc", "1,234,56", "$", "1e", "--1"] {
            assert_eq!(human(text.as_bytes(), Role::Close, Decimal::Point), None, "{text}");
        }
        assert_eq!(human(b"11.77M", Role::Close, Decimal::Point), None, "a price in millions");
        assert!(human(b"null", Role::Close, Decimal::Point).is_some_and(f64::is_nan));
    }
}
