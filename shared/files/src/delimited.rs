//! Text with fields: CSV and its kin.

use csv::{ByteRecord, Position, ReaderBuilder};

use crate::{
    FileError, Options, Place, Role,
    header::{self, Header},
    names,
    table::{Cells, Column, Places, Table, Text},
};

/// Takes the columns that matter out of a text in UTF-8.
///
/// # Errors
/// When it has no names of columns, or a row has other fields than the header.
pub fn table(text: &[u8], options: &Options) -> Result<Table, FileError> {
    let header = header::find(text, options)?;
    let body = text.get(header.body..).unwrap_or_default();
    if header.delimiter == b' ' {
        return fields(&single_blanks(body), &header, options);
    }
    fields(body, &header, options)
}

fn fields(body: &[u8], header: &Header, options: &Options) -> Result<Table, FileError> {
    let roles = names::roles(&header.names, options)?;
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(header.delimiter).from_reader(body);
    let mut record = ByteRecord::new();
    let mut texts: Vec<Text> = roles.iter().map(|_| Text::default()).collect();
    let mut lines = Vec::new();
    let width = header.names.len();
    // Reading bytes from memory cannot fail.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let line = header.lines + record.position().map_or(0, |position| line_of(body, position));
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        if record.get(0).is_some_and(|field| field.starts_with(b"#")) {
            continue;
        }
        let is_longer = || record.iter().skip(width).any(|field| !field.trim_ascii().is_empty());
        if record.len() < width || record.len() > width && is_longer() {
            return Err(FileError::Fields { place: Place::line(line), found: record.len(), expected: width });
        }
        for ((_, index), text) in roles.iter().zip(&mut texts) {
            text.push(record.get(*index).unwrap_or_default());
        }
        lines.push(line);
    }
    let column = |((role, index), text): ((Role, usize), Text)| {
        let name = header.names.get(index).cloned().unwrap_or_default();
        (role, Column::new(&name, Cells::Text(text)))
    };
    let len = lines.len();
    Ok(Table {
        columns: roles.into_iter().zip(texts).map(column).collect(),
        len,
        places: Places::lines(lines),
    })
}

/// The line of a record, which begins after the blank lines before it.
fn line_of(body: &[u8], position: &Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ends = body.get(start..).unwrap_or_default().iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    position.line() + ends.filter(|b| **b == b'\n').count() as u64
}

/// The text with one blank where there are several, and none at the ends of lines.
fn single_blanks(text: &[u8]) -> Vec<u8> {
    let mut single = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|b| *b == b'\n') {
        let mut before = b' ';
        for b in line.trim_ascii().iter().copied() {
            if b != b' ' || before != b' ' {
                single.push(b);
            }
            before = b;
        }
        single.push(b'\n');
    }
    single
}
