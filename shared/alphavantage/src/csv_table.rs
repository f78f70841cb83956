//! CSV answers.

use csv::{ReaderBuilder, StringRecord};

use crate::Failure;

/// More rows than any answer has.
const MAX_ROWS: usize = 200_000;

/// A header and its rows, fields without the blanks around them.
pub struct Table {
    header: StringRecord,
    /// Rows of as many fields as the header.
    pub rows: Vec<StringRecord>,
}

impl Table {
    /// Reads a body.
    ///
    /// # Errors
    /// A throttle notice pushed through the provider's CSV writer, which leaves
    /// one letter in a field; text that is no CSV; too much of it.
    pub fn parse(body: &[u8]) -> Result<Self, Failure> {
        let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(body);
        let malformed = |error: csv::Error| match error.position() {
            Some(at) => Failure::malformed(format!("no CSV at line {}", at.line())),
            None => Failure::malformed("no CSV"),
        };
        let header = reader.headers().map_err(malformed)?.clone();
        if header.len() < 2 {
            return Err(Failure::malformed("neither JSON nor CSV"));
        }
        let mut rows = Vec::new();
        for row in reader.records() {
            rows.push(row.map_err(malformed)?);
            if rows.len() > MAX_ROWS {
                return Err(Failure::TooLarge);
            }
        }
        let is_letters = |row: &StringRecord| row.iter().all(|field| field.chars().count() <= 1);
        if !rows.is_empty() && rows.iter().all(is_letters) {
            return Err(Failure::UnspecifiedLimit);
        }
        Ok(Self { header, rows })
    }

    /// Where a column is.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn column(&self, name: &str) -> Result<usize, Failure> {
        let found = self.header.iter().position(|column| column == name);
        found.ok_or_else(|| Failure::malformed(format!("no column {name}")))
    }

    /// The columns' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }
}
