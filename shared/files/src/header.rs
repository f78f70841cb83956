//! Where the names of a text's columns are, and what parts them.

use crate::{FileError, Options, error::shown, names};

/// What parts fields, in the order in which they are tried.
const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', b' '];

/// Lines that may come before the names.
const PREAMBLE: u64 = 30;

/// The head of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Names of the columns.
    pub names: Vec<String>,
    /// What parts fields.
    pub delimiter: u8,
    /// Where the first row begins.
    pub body: usize,
    /// Lines before it.
    pub lines: u64,
}

/// Finds the names.
///
/// # Errors
/// When no line has the names of columns of bars, naming what is missing.
pub fn find(text: &[u8], options: &Options) -> Result<Header, FileError> {
    let mut at = 0;
    let mut delimiters = DELIMITERS.to_vec();
    let mut best: Option<Header> = None;
    let mut first_line = None;
    for lines in 1..=PREAMBLE {
        let Some(line) = line(text, at) else { break };
        let body = at + line.len();
        at = body;
        let plain = without_end(line);
        if let Some(delimiter) = plain.strip_prefix(b"sep=").filter(|rest| rest.len() <= 1) {
            delimiters.insert(0, delimiter.first().copied().unwrap_or(b'\t'));
            continue;
        }
        let is_comment = plain.starts_with(b"#");
        let plain = plain.strip_prefix(b"#").unwrap_or(plain);
        if plain.trim_ascii().is_empty() {
            continue;
        }
        for delimiter in &delimiters {
            let names = fields(plain, *delimiter);
            let header = Header { names, delimiter: *delimiter, body, lines };
            let header = with_row_names(text, below(text, header));
            if names::are_known(&header.names, options) {
                return Ok(header);
            }
            let known = |header: &Header| names::known(&header.names, options);
            if best.as_ref().is_none_or(|best| known(&header) > known(best)) && known(&header) > 0 {
                best = Some(header);
            }
        }
        if !is_comment {
            first_line.get_or_insert_with(|| shown(&String::from_utf8_lossy(plain)));
            if first_line.is_some() && !is_preamble(plain) {
                break;
            }
        }
    }
    let Some(first_line) = first_line else { return Err(FileError::Empty) };
    match best {
        Some(best) if names::known(&best.names, options) > 1 => {
            Err(names::roles(&best.names, options).err().unwrap_or(FileError::NoHeader { line: first_line }))
        }
        _ => match options_name_columns(text, options) {
            Some(error) => Err(error),
            None => Err(FileError::NoHeader { line: first_line }),
        },
    }
}

/// What the user's names of columns have to say about the first line.
fn options_name_columns(text: &[u8], options: &Options) -> Option<FileError> {
    let first = without_end(line(text, 0)?);
    let widest = DELIMITERS.into_iter().max_by_key(|delimiter| fields(first, *delimiter).len())?;
    match names::roles(&fields(first, widest), options) {
        Err(error @ FileError::NoSuchColumn { .. }) => Some(error),
        _ => None,
    }
}

/// A title before the names has no numbers in it.
fn is_preamble(line: &[u8]) -> bool {
    let numbers = line
        .split(|b| DELIMITERS.contains(b))
        .filter(|field| !field.is_empty() && field.iter().all(|b| b.is_ascii_digit() || b".-/".contains(b)));
    numbers.count() < 2
}

fn line(text: &[u8], at: usize) -> Option<&[u8]> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let end = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |end| end + 1);
    rest.get(..end)
}

fn without_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |last| last + 1);
    line.get(..end).unwrap_or_default()
}

/// R writes the names of rows without a name of their own.
fn with_row_names(text: &[u8], mut header: Header) -> Header {
    let row = line(text, header.body).map(|line| fields(without_end(line), header.delimiter));
    let is_wider = row.is_some_and(|row| {
        row.len() == header.names.len() + 1 && row.last().is_some_and(|last| !last.is_empty())
    });
    if is_wider {
        header.names.insert(0, String::new());
    }
    header
}

/// The fields of a line, without their quotes.
fn fields(line: &[u8], delimiter: u8) -> Vec<String> {
    let mut fields = vec![Vec::new()];
    let mut is_quoted = false;
    let mut before = delimiter;
    let line = if delimiter == b' ' { line.trim_ascii() } else { line };
    for b in line.iter().copied() {
        match b {
            b'"' => is_quoted = !is_quoted,
            _ if b == delimiter && !is_quoted => {
                // Of several blanks each does not end a field.
                if delimiter != b' ' || before != b' ' {
                    fields.push(Vec::new());
                }
            }
            _ => {
                if let Some(field) = fields.last_mut() {
                    field.push(b);
                }
            }
        }
        before = b;
    }
    fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect()
}

/// pandas writes two or three lines for columns of two levels: `Price,Close,High`,
/// `Ticker,AAPL,AAPL` and `Date,,`, of which the last names the first column. What is below
/// the names belongs to them, too.
fn below(text: &[u8], mut header: Header) -> Header {
    while let Some(line) = line(text, header.body) {
        let fields = fields(without_end(line), header.delimiter);
        let Some((first, others)) = fields.split_first() else { break };
        let is_empty = others.iter().all(String::is_empty);
        let is_name = first.chars().any(char::is_alphabetic) && !first.chars().any(|c| c.is_ascii_digit());
        let ticker = others.first().filter(|ticker| ticker.chars().any(char::is_alphabetic));
        let is_ticker =
            ticker.is_some_and(|ticker| others.len() > 2 && others.iter().all(|other| other == ticker));
        if header.names.len() == fields.len()
            && (is_ticker && !first.bytes().any(|b| b.is_ascii_digit()) || is_name && is_empty)
        {
            if is_empty && let Some(name) = header.names.first_mut() {
                name.clone_from(first);
            }
            header.body += line.len();
            header.lines += 1;
        } else {
            break;
        }
    }
    header
}
