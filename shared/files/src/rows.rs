//! Bars of the columns: checked, in order, each once.

use std::cmp::Ordering;

use tickwise_market::{Bar, Calendar};

use crate::{
    Adjusted, Bars, FileError, Note, Options, Role, Row, RowProblem, When, dates,
    error::shown,
    numbers,
    table::{Cells, Column, Table},
};

/// Makes bars of a table.
///
/// # Errors
/// What is wrong, where, and what to do.
pub fn bars(mut table: Table, options: &Options) -> Result<Bars, FileError> {
    if table.len == 0 {
        return Err(FileError::NoRows);
    }
    is_of_one_symbol(&table)?;
    numbers::convert(&mut table)?;
    let mut notes = Vec::new();
    let kept = kept(&table, &mut notes)?;
    let dated = dates::read(&table, &kept, options)?;
    notes.extend(dated.note.clone());
    let mut rows = rows(&table, &kept, &dated, &mut notes)?;
    let adjusted = adjusted(&table, &kept, &mut rows);
    let rows = in_order(&table, &kept, rows, &mut notes)?;
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    Ok(Bars { rows, spacing: dated.spacing, adjusted, notes })
}

fn is_of_one_symbol(table: &Table) -> Result<(), FileError> {
    let Some(Column { cells: Cells::Text(text), .. }) = table.column(Role::Symbol) else { return Ok(()) };
    let first = text.get(0);
    match text.iter().position(|cell| !cell.eq_ignore_ascii_case(first)) {
        Some(other) => Err(FileError::SeveralSymbols { first: text.lossy(0), second: text.lossy(other) }),
        None => Ok(()),
    }
}

fn numbers_of(table: &Table, role: Role) -> Option<(&str, &[f64])> {
    match table.column(role) {
        Some(Column { name, cells: Cells::Numbers(numbers) }) => Some((name, numbers)),
        _ => None,
    }
}

type Prices<'a> = [(&'a str, &'a [f64]); 4];

fn prices(table: &Table) -> Prices<'_> {
    [Role::Open, Role::High, Role::Low, Role::Close].map(|role| numbers_of(table, role).unwrap_or_default())
}

fn at(numbers: &[f64], row: usize) -> f64 {
    numbers.get(row).copied().unwrap_or(f64::NAN)
}

/// The rows that have prices.
fn kept(table: &Table, notes: &mut Vec<Note>) -> Result<Vec<usize>, FileError> {
    let prices = prices(table);
    let mut kept = Vec::with_capacity(table.len);
    for row in 0..table.len {
        let missing = prices.iter().find(|(_, numbers)| at(numbers, row).is_nan());
        match missing {
            None => kept.push(row),
            Some(_) if prices.iter().all(|(_, numbers)| at(numbers, row).is_nan()) => {}
            Some((column, _)) => {
                let problem = Box::new(RowProblem::MissingPrice { column: (*column).to_owned() });
                return Err(FileError::Row { place: table.places.of(row), problem });
            }
        }
    }
    if kept.is_empty() {
        return Err(FileError::NoRows);
    }
    if kept.len() < table.len {
        notes.push(Note::WithoutPrices(table.len - kept.len()));
    }
    Ok(kept)
}

fn rows(
    table: &Table,
    kept: &[usize],
    dated: &dates::Dated,
    notes: &mut Vec<Note>,
) -> Result<Vec<Row>, FileError> {
    let prices = prices(table);
    let volumes = numbers_of(table, Role::Volume);
    if volumes.is_none() {
        notes.push(Note::NoVolume);
    }
    let (mut widened, mut without_volume) = (0, 0);
    let mut rows = Vec::with_capacity(kept.len());
    for ((row, when), time_ms) in kept.iter().zip(&dated.whens).zip(&dated.times_ms) {
        let [open, high, low, close] = prices.map(|(_, numbers)| at(numbers, *row));
        let volume = volumes.map_or(0.0, |(_, numbers)| at(numbers, *row));
        if volumes.is_some() && volume.is_nan() {
            without_volume += 1;
        }
        let volume = if volume.is_nan() { 0.0 } else { volume };
        let time_ms = match when {
            When::Day(day) => Calendar::Nyse
                .session(*day)
                .map(|session| session.open_ms)
                .or_else(|| Calendar::Nyse.midnight_ms(*day))
                .unwrap_or_default(),
            When::Time { .. } => *time_ms,
        };
        let bar = Bar { time_ms, open, high, low, close, volume };
        let problem = |problem| FileError::Row { place: table.places.of(*row), problem: Box::new(problem) };
        let bar = if bar.validated().is_ok() {
            bar
        } else {
            widened += 1;
            mended(bar, &prices, volumes.map(|(name, _)| name)).map_err(problem)?
        };
        rows.push(Row { when: *when, bar, adjusted_close: None });
    }
    if widened > 0 {
        notes.push(Note::Widened(widened));
    }
    if without_volume > 0 {
        notes.push(Note::WithoutVolume(without_volume));
    }
    Ok(rows)
}

/// A bar whose range includes what misses it by rounding.
fn mended(bar: Bar, prices: &Prices<'_>, volume: Option<&str>) -> Result<Bar, RowProblem> {
    let Bar { open, high, low, close, .. } = bar;
    let values = [open, high, low, close];
    let named = prices.iter().map(|(name, _)| *name).zip(values).chain(volume.map(|name| (name, bar.volume)));
    if let Some((column, _)) = named.into_iter().find(|(_, value)| value.is_infinite()) {
        return Err(RowProblem::Infinite { column: column.to_owned() });
    }
    if bar.volume < 0.0 {
        return Err(RowProblem::NegativeVolume);
    }
    let size = values.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
    let (above, below) = (open.max(close), open.min(close));
    if misses_by_rounding(high, above, above - high, size)
        && misses_by_rounding(low, below, low - below, size)
    {
        return Ok(Bar { high: high.max(above), low: low.min(below), ..bar });
    }
    let [open, high, low, close] = values.map(|value| value.to_string());
    Err(RowProblem::OutsideRange { open, high, low, close })
}

/// Whether `limit` misses `price` by no more than rounding explains: that of binary fractions
/// and of a few decimals, or that of `limit` to fewer decimals than `price` has.
fn misses_by_rounding(limit: f64, price: f64, miss: f64, size: f64) -> bool {
    /// No error in a price is as small.
    const ROUNDING: f64 = 1e-5;
    /// Nor is a price rounded as coarsely.
    const COARSE: f64 = 1e-3;
    if miss <= ROUNDING * size {
        return true;
    }
    let decimals = limit.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let is_rounded = format!("{price:.decimals$}").parse() == Ok(limit);
    miss <= COARSE * size && is_rounded
}

/// Adds the adjusted closes, to all rows or to none.
fn adjusted(table: &Table, kept: &[usize], rows: &mut [Row]) -> Adjusted {
    let Some((column, closes)) = numbers_of(table, Role::AdjClose) else { return Adjusted::Absent };
    if kept.iter().all(|row| at(closes, *row).is_nan()) {
        return Adjusted::Absent;
    }
    for (row, of) in kept.iter().zip(rows.iter()) {
        let (adjusted, close) = (at(closes, *row), of.bar.close);
        if adjusted.is_nan() {
            return Adjusted::Gap(FileError::AdjustedGap {
                place: table.places.of(*row),
                column: column.to_owned(),
            });
        }
        let is_adjusted =
            adjusted.is_finite() && (adjusted == 0.0) == (close == 0.0) && adjusted * close >= 0.0;
        if !is_adjusted {
            return Adjusted::Gap(FileError::AdjustedSign {
                place: table.places.of(*row),
                column: column.to_owned(),
                found: shown(&adjusted.to_string()),
                close: close.to_string(),
            });
        }
    }
    for (row, of) in kept.iter().zip(rows.iter_mut()) {
        of.adjusted_close = Some(at(closes, *row));
    }
    Adjusted::Whole
}

/// Oldest first, and each time once.
fn in_order(
    table: &Table,
    kept: &[usize],
    rows: Vec<Row>,
    notes: &mut Vec<Note>,
) -> Result<Vec<(usize, Row)>, FileError> {
    let mut rows: Vec<(usize, Row)> = kept.iter().copied().zip(rows).collect();
    let key = |(_, row): &(usize, Row)| match row.when {
        When::Day(date) => (Some(date), 0),
        When::Time { .. } => (None, row.bar.time_ms),
    };
    let order = |a: &(usize, Row), b: &(usize, Row)| key(a).cmp(&key(b));
    if rows.is_sorted_by(|a, b| order(a, b) == Ordering::Less) {
        return Ok(rows);
    }
    if rows.is_sorted_by(|a, b| order(a, b) != Ordering::Less) {
        rows.reverse();
    } else if !rows.is_sorted_by(|a, b| order(a, b) != Ordering::Greater) {
        rows.sort_by(order);
        notes.push(Note::Sorted);
    }
    let mut once: Vec<(usize, Row)> = Vec::with_capacity(rows.len());
    let mut repeated = 0;
    for row in rows {
        match once.last() {
            Some(last) if order(last, &row) == Ordering::Equal => {
                if last.1.bar != row.1.bar || last.1.adjusted_close != row.1.adjusted_close {
                    let (first, second) = (last.0.min(row.0), last.0.max(row.0));
                    return Err(FileError::ToldTwice {
                        first: table.places.of(first),
                        second: table.places.of(second),
                        when: row.1.when.to_string(),
                    });
                }
                repeated += 1;
            }
            _ => once.push(row),
        }
    }
    if repeated > 0 {
        notes.push(Note::Repeated(repeated));
    }
    Ok(once)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(open: f64, high: f64, low: f64, close: f64) -> Bar {
        Bar { time_ms: 0, open, high, low, close, volume: 0.0 }
    }

    #[test]
    fn rounding_is_widened_and_an_error_is_not() {
        let mend = |bar| mended(bar, &[("open", &[]), ("high", &[]), ("low", &[]), ("close", &[])], None);
        let close = 10.12_f64.next_up();
        assert_eq!(mend(bar(10.0, 10.12, 9.0, close)).unwrap().high, close);
        assert_eq!(mend(bar(10.0, 10.12, 9.0, 10.1234)).unwrap().high, 10.1234);
        assert_eq!(mend(bar(-10.0, -9.0, -10.0, -10.00001)).unwrap().low, -10.00001);
        for wrong in [bar(10.0, 10.12, 9.0, 10.13), bar(10.0, 12.0, 11.0, 11.0), bar(2.0, 3.0, 1.0, 3.4)] {
            assert!(matches!(mend(wrong), Err(RowProblem::OutsideRange { .. })), "{wrong:?}");
        }
    }
}
