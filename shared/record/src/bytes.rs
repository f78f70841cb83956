//! The byte layout of an entry, which is what its hash is of and what is stored.
//!
//! Numbers have nine decimals at most ([`crate::rounded`]). Everything is little-endian; `f64` is IEEE 754; `text` is `u16` bytes of
//! UTF-8 after their number; `date` is `i16` year, `u8` month, `u8` day;
//! `list of X` is a `u16` number, then so many X.
//!
//! | field | type |
//! |---|---|
//! | mark | the four bytes `TWR1` |
//! | previous | 32 bytes: SHA-256 of the entry before, zeros for the first |
//! | number | `u64`, from 1 |
//! | issued_ms | `i64` |
//! | symbol | text |
//! | origin | `u8`: 0 live; 1 delayed, then `u32` minutes; 2 end of day, then date; 3 replay, then date and `u64` lap |
//! | origin_date | date |
//! | origin_close | `f64` |
//! | model | text |
//! | in_sample | `u8`: 0 or 1 |
//! | levels | list of `f64` |
//! | quantiles | list of (list of `f64`) |
//! | naive | list of (list of `f64`) |
//! | closes | list of (date, `f64` log return) |

use jiff::civil::Date;
use thiserror::Error;
use tickwise_market::Symbol;
use tickwise_protocol::Origin;

use crate::{DayReturn, Entry, Hash};

const MARK: &[u8; 4] = b"TWR1";

/// Bytes that are no entry. Reading them again does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the bytes are no entry of a forecast record")]
pub struct Damaged;

impl Entry {
    /// The entry as its hash and storage have it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(4_096);
        out.extend(MARK);
        out.extend(self.previous.as_bytes());
        out.extend(self.number.to_le_bytes());
        out.extend(self.issued_ms.to_le_bytes());
        text(&mut out, self.symbol.as_str());
        origin(&mut out, &self.origin);
        date(&mut out, self.origin_date);
        out.extend(self.origin_close.to_le_bytes());
        text(&mut out, &self.model);
        out.push(u8::from(self.in_sample));
        list(&mut out, &self.levels, |out, level| out.extend(level.to_le_bytes()));
        rows(&mut out, &self.quantiles);
        rows(&mut out, &self.naive);
        list(&mut out, &self.closes, |out, close| {
            date(out, close.date);
            out.extend(close.log_return.to_le_bytes());
        });
        out
    }

    /// Reads what [`Self::to_bytes`] wrote.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Damaged> {
        let mut reader = Reader(bytes);
        if reader.array::<4>()? != *MARK {
            return Err(Damaged);
        }
        let entry = Self {
            previous: Hash::from(reader.array::<32>()?),
            number: u64::from_le_bytes(reader.array()?),
            issued_ms: i64::from_le_bytes(reader.array()?),
            symbol: reader.symbol()?,
            origin: reader.origin()?,
            origin_date: reader.date()?,
            origin_close: reader.f64()?,
            model: reader.text()?.into(),
            in_sample: reader.flag()?,
            levels: reader.list(Reader::f64)?,
            quantiles: reader.rows()?,
            naive: reader.rows()?,
            closes: reader.list(|r| Ok(DayReturn { date: r.date()?, log_return: r.f64()? }))?,
        };
        if reader.0.is_empty() { Ok(entry) } else { Err(Damaged) }
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    list(out, text.as_bytes(), |out, byte| out.push(*byte));
}

fn date(out: &mut Vec<u8>, date: Date) {
    out.extend(date.year().to_le_bytes());
    out.extend(date.month().to_le_bytes());
    out.extend(date.day().to_le_bytes());
}

fn origin(out: &mut Vec<u8>, origin: &Origin) {
    match origin {
        Origin::Live => out.push(0),
        Origin::Delayed { minutes } => {
            out.push(1);
            out.extend(minutes.to_le_bytes());
        }
        Origin::EndOfDay { date: day } => {
            out.push(2);
            date(out, *day);
        }
        Origin::Replay { date: day, lap } => {
            out.push(3);
            date(out, *day);
            out.extend(lap.to_le_bytes());
        }
    }
}

fn rows(out: &mut Vec<u8>, rows: &[Vec<f64>]) {
    list(out, rows, |out, row| list(out, row, |out, value| out.extend(value.to_le_bytes())));
}

/// Longer lists than an entry ever has are cut, and their entry is then another.
fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    let count = u16::try_from(items.len()).unwrap_or(u16::MAX);
    out.extend(count.to_le_bytes());
    items.iter().take(count.into()).for_each(|item| write(out, item));
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        self.take(N)?.try_into().map_err(|_| Damaged)
    }

    fn byte(&mut self) -> Result<u8, Damaged> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    fn flag(&mut self) -> Result<bool, Damaged> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damaged),
        }
    }

    fn f64(&mut self) -> Result<f64, Damaged> {
        Ok(f64::from_le_bytes(self.array()?))
    }

    fn count(&mut self) -> Result<usize, Damaged> {
        Ok(u16::from_le_bytes(self.array()?).into())
    }

    fn text(&mut self) -> Result<&'a str, Damaged> {
        let count = self.count()?;
        std::str::from_utf8(self.take(count)?).map_err(|_| Damaged)
    }

    fn symbol(&mut self) -> Result<Symbol, Damaged> {
        let text = self.text()?;
        let symbol: Symbol = text.parse().map_err(|_| Damaged)?;
        if symbol.as_str() == text { Ok(symbol) } else { Err(Damaged) }
    }

    fn date(&mut self) -> Result<Date, Damaged> {
        let year = i16::from_le_bytes(self.array()?);
        let [month, day] = self.array()?.map(u8::cast_signed);
        Date::new(year, month, day).map_err(|_| Damaged)
    }

    fn origin(&mut self) -> Result<Origin, Damaged> {
        Ok(match self.byte()? {
            0 => Origin::Live,
            1 => Origin::Delayed { minutes: u32::from_le_bytes(self.array()?) },
            2 => Origin::EndOfDay { date: self.date()? },
            3 => Origin::Replay { date: self.date()?, lap: u64::from_le_bytes(self.array()?) },
            _ => return Err(Damaged),
        })
    }

    fn rows(&mut self) -> Result<Vec<Vec<f64>>, Damaged> {
        self.list(|reader| reader.list(Self::f64))
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Result<T, Damaged>) -> Result<Vec<T>, Damaged> {
        let count = self.count()?;
        (0..count).map(|_| read(self)).collect()
    }
}
