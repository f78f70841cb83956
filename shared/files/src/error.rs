use thiserror::Error;

use crate::{Place, Role};

/// Why bytes are no bars. Displays as one sentence that begins with the place where there is
/// one and lacks only the file's name. Retrying does not help.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum FileError {
    /// One file of a folder of parts.
    #[error("{part}{}{error}", error.lead())]
    Part { part: String, error: Box<Self> },
    #[error("it is empty; expected a row for each bar")]
    Empty,
    #[error("it has no rows; expected one for each bar")]
    NoRows,
    /// Bytes of some other kind.
    #[error("it is {what}; {remedy}")]
    Unsupported { what: &'static str, remedy: &'static str },
    /// A container that does not hold what it promises.
    #[error("it is {what} that is damaged or cut off; write or fetch it again")]
    Damaged { what: &'static str },
    /// A codec that this build lacks, or that nobody reads.
    #[error(
        "it is packed with {codec}, which is not read here; pack it with snappy, lz4 or gzip, or not at all"
    )]
    Codec { codec: String },
    #[error(
        "its first line {line:?} holds no names of columns; add a line such as date,open,high,low,close,volume"
    )]
    NoHeader { line: String },
    #[error("none of its columns {there} is known as {role}; name it with --columns {role}=NAME")]
    MissingColumn { role: Role, there: Names },
    #[error("it has no column {name:?} as --columns {role}={name} says; there are {there}")]
    NoSuchColumn { role: Role, name: String, there: Names },
    #[error(
        "its columns {first:?} and {second:?} are both the {role}; say which with --columns {role}=NAME, or rename one"
    )]
    TwoColumns { role: Role, first: String, second: String },
    #[error("column {column:?} holds {found}, not {expected}; write it as {remedy}")]
    ColumnType { column: String, found: String, expected: &'static str, remedy: &'static str },
    #[error("it holds several symbols, {first} and {second}; write one file for each")]
    SeveralSymbols { first: String, second: String },
    #[error(
        "{place}: it has {found} fields and the header {expected}; quote fields that contain the delimiter, or correct the row"
    )]
    Fields { place: Place, found: usize, expected: usize },
    #[error("{place}: column {column:?} holds {found:?}, no number; correct or remove the row")]
    NoNumber { place: Place, column: String, found: String },
    #[error(
        "{place}: column {column:?} holds {found:?}, of which the comma may be of decimals or of thousands; write numbers with a decimal point and without separators"
    )]
    AmbiguousNumber { place: Place, column: String, found: String },
    #[error("{place}: column {column:?} holds {found:?}, no date; write dates as 2020-12-31")]
    NoDate { place: Place, column: String, found: String },
    #[error("{place}: column {column:?} holds no date; correct or remove the row")]
    MissingDate { place: Place, column: String },
    #[error("{place}: column {column:?} holds {found:?}, a year of two digits; write dates as 2020-12-31")]
    TwoDigitYear { place: Place, column: String, found: String },
    #[error(
        "{place}: column {column:?} holds {found:?}, and no day above 12 tells days from months; say which comes first with --dates dmy or --dates mdy"
    )]
    AmbiguousDate { place: Place, column: String, found: String },
    #[error(
        "{place}: column {column:?} holds {found:?}, which is written in another way than {first:?} before it; write all dates as 2020-12-31"
    )]
    MixedDates { place: Place, column: String, found: String, first: String },
    #[error(
        "column {column:?} holds numbers such as {found}, which are no dates: neither YYYYMMDD nor seconds, milliseconds, microseconds or nanoseconds since 1970; write dates as 2020-12-31"
    )]
    NumbersForDates { column: String, found: String },
    #[error(
        "{place}: column {column:?} has the time zone {zone:?}, which nobody knows; write times in UTC or with their offset"
    )]
    UnknownZone { place: Place, column: String, zone: String },
    #[error(
        "{place}: {found} may be another day's evening or night where these bars come from; name the zone whose days they are, such as --zone Europe/Berlin"
    )]
    WhoseDay { place: Place, found: String },
    #[error("{place}: {problem}")]
    Row { place: Place, problem: Box<RowProblem> },
    #[error("{second}: {when} has other values than at {first}; remove one of the two rows")]
    ToldTwice { first: Place, second: Place, when: String },
    #[error(
        "{place}: column {column:?} has no value, and adjusted bars among raw ones would be wrong; fill the gap or remove the column"
    )]
    AdjustedGap { place: Place, column: String },
    #[error(
        "{place}: column {column:?} holds {found}, which is no adjusted close of {close}; correct or remove the row"
    )]
    AdjustedSign { place: Place, column: String, found: String, close: String },
    #[error("{part} has other columns or types than the parts before it; write all parts alike")]
    PartsDiffer { part: String },
}

impl FileError {
    /// What stands between a file's name and the message: a place follows a comma.
    pub fn lead(&self) -> &'static str {
        let text = self.to_string();
        let has_place = ["line ", "row "].iter().any(|unit| text.starts_with(unit));
        if has_place || matches!(self, Self::Part { .. }) { ", " } else { ": " }
    }
}

/// Why a row is no bar.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum RowProblem {
    #[error("column {column:?} is empty and other prices are not; fill it or remove the row")]
    MissingPrice { column: String },
    #[error("column {column:?} holds an infinite number; correct or remove the row")]
    Infinite { column: String },
    #[error("open {open} or close {close} lies outside low {low} to high {high}; correct or remove the row")]
    OutsideRange { open: String, high: String, low: String, close: String },
    #[error("the volume is negative; correct or remove the row")]
    NegativeVolume,
}

/// Names of columns, of which many are too many to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 12;
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(|name| shown(name)).collect();
        f.write_str(&shown.join(", "))?;
        if self.0.len() > SHOWN { write!(f, " and {} more", self.0.len() - SHOWN) } else { Ok(()) }
    }
}

/// A text of a file, short enough for a sentence.
pub fn shown(text: &str) -> String {
    const LENGTH: usize = 40;
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut short: String = text.chars().take(LENGTH).map(plain).collect();
    if text.chars().nth(LENGTH).is_some() {
        short.push('…');
    }
    short
}
