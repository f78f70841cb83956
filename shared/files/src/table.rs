//! What containers give: the columns that matter, not yet understood.

use std::fmt;

use crate::{FileError, Role};

/// Columns of equal length.
#[derive(Clone, Debug)]
pub struct Table {
    /// Those that matter, each with what it is.
    pub columns: Vec<(Role, Column)>,
    /// Number of rows.
    pub len: usize,
    /// Where the rows are.
    pub places: Places,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// As the file calls it.
    pub name: String,
    /// Its values.
    pub cells: Cells,
}

impl Column {
    /// A column of that name, or of none.
    pub fn new(name: &str, cells: Cells) -> Self {
        let name = if name.trim().is_empty() { "(unnamed)" } else { name };
        Self { name: name.to_owned(), cells }
    }
}

/// Values as the container has them.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Text.
    Text(Text),
    /// Numbers, NaN where there is none.
    Numbers(Vec<f64>),
    /// Whole numbers in a column of dates.
    Integers(Vec<Option<i64>>),
    /// Days since 1970-01-01.
    Days(Vec<Option<i32>>),
    /// Times in milliseconds since 1970-01-01T00:00.
    Times {
        /// Milliseconds.
        ms: Vec<Option<i64>>,
        /// Whose clock.
        clock: Clock,
    },
}

/// Whose clock a column of times follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Some wall's: the milliseconds are of its own date and time.
    Unsaid,
    /// The zone of that name: the milliseconds are UTC.
    Zone(String),
}

/// Texts, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Text {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Text {
    pub fn push(&mut self, cell: &[u8]) {
        self.bytes.extend_from_slice(cell);
        self.ends.push(self.bytes.len());
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// A cell without the blanks around it.
    pub fn get(&self, row: usize) -> &[u8] {
        let start = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(row).copied().unwrap_or(start);
        self.bytes.get(start..end).unwrap_or_default().trim_ascii()
    }

    /// A cell to be shown.
    pub fn lossy(&self, row: usize) -> String {
        crate::error::shown(&String::from_utf8_lossy(self.get(row)))
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|row| self.get(row))
    }

    fn append(&mut self, other: &Self) {
        let offset = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.ends.extend(other.ends.iter().map(|end| end + offset));
    }
}

impl Cells {
    fn append(&mut self, other: Self) -> bool {
        match (self, other) {
            (Self::Text(all), Self::Text(more)) => all.append(&more),
            (Self::Numbers(all), Self::Numbers(more)) => all.extend(more),
            (Self::Integers(all), Self::Integers(more)) => all.extend(more),
            (Self::Days(all), Self::Days(more)) => all.extend(more),
            (Self::Times { ms, clock }, Self::Times { ms: more, clock: other }) if *clock == other => {
                ms.extend(more);
            }
            _ => return false,
        }
        true
    }
}

impl Table {
    /// The column of a role.
    pub fn column(&self, role: Role) -> Option<&Column> {
        self.columns.iter().find(|(of, _)| *of == role).map(|(_, column)| column)
    }

    /// The table as a part of that name.
    pub fn named(mut self, name: &str) -> Self {
        self.places.0.iter_mut().for_each(|part| part.name = Some(name.into()));
        self
    }

    /// Adds the rows of another part.
    pub fn append(mut self, other: Self) -> Result<Self, FileError> {
        let differ = || FileError::PartsDiffer {
            part: other.places.0.first().and_then(|part| part.name.as_deref()).unwrap_or_default().into(),
        };
        if other.len == 0 {
            return Ok(self);
        }
        if self.len == 0 {
            return Ok(other);
        }
        if self.columns.len() != other.columns.len() {
            return Err(differ());
        }
        let error = differ();
        for ((role, column), (other_role, more)) in self.columns.iter_mut().zip(other.columns) {
            if *role != other_role || !column.cells.append(more.cells) {
                return Err(error);
            }
        }
        let first = self.len;
        self.places
            .0
            .extend(other.places.0.into_iter().map(|part| Part { first: part.first + first, ..part }));
        self.len += other.len;
        Ok(self)
    }
}

/// Where the rows of a table are in the file.
#[derive(Clone, Debug)]
pub struct Places(Vec<Part>);

#[derive(Clone, Debug)]
struct Part {
    name: Option<Box<str>>,
    /// Its first row.
    first: usize,
    /// The line of each row; none where rows are counted.
    lines: Option<Vec<u64>>,
}

impl Places {
    /// Of a text: the line of each row.
    pub fn lines(lines: Vec<u64>) -> Self {
        Self(vec![Part { name: None, first: 0, lines: Some(lines) }])
    }

    /// Of a table, whose first row is row 1.
    pub fn rows() -> Self {
        Self(vec![Part { name: None, first: 0, lines: None }])
    }

    /// Where a row is.
    pub fn of(&self, row: usize) -> Place {
        let part = self.0.iter().rev().find(|part| part.first <= row);
        let within = row - part.map_or(0, |part| part.first);
        let line = part.and_then(|part| part.lines.as_ref()?.get(within).copied());
        Place {
            part: part.and_then(|part| part.name.clone()),
            is_line: line.is_some(),
            number: line.unwrap_or(within as u64 + 1),
        }
    }
}

/// A row's place in a file: `line` of a text, the first being 1, or `row` of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    part: Option<Box<str>>,
    is_line: bool,
    number: u64,
}

impl Place {
    /// A line of a text.
    #[cfg(feature = "csv")]
    pub(crate) fn line(number: u64) -> Self {
        Self { part: None, is_line: true, number }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = &self.part {
            write!(f, "{part}, ")?;
        }
        write!(f, "{} {}", if self.is_line { "line" } else { "row" }, self.number)
    }
}
