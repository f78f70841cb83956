use jiff::civil::Date;
use tickwise_market::{Bar, Calendar};

use super::RowProblem;

/// One trading day as a file has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DailyRow {
    /// Trading day.
    pub date: Date,
    /// Prices and volume as traded.
    pub bar: Bar,
    /// The close adjusted for later splits and dividends, where the file has it.
    pub adjusted_close: Option<f64>,
}

/// The columns of a row before they are checked.
#[derive(Clone, Copy, Debug)]
pub struct RawRow {
    /// Trading day.
    pub date: Date,
    /// Open, high, low and close.
    pub prices: [f64; 4],
    /// Units traded; 0 where the source does not know.
    pub volume: f64,
    /// The close adjusted for later splits and dividends.
    pub adjusted_close: Option<f64>,
}

impl DailyRow {
    /// The bar with prices in proportion to the adjusted close, where there is one, and
    /// volume as traded, which is what the forecaster has learned from.
    pub fn adjusted(&self) -> Bar {
        self.adjusted_close.map_or(self.bar, |close| self.bar.with_close(close))
    }
}

impl RawRow {
    /// Checks the row, and that it comes after the one before.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn checked(self, before: Option<&DailyRow>) -> Result<DailyRow, RowProblem> {
        let Self { date, prices: [open, high, low, close], volume, adjusted_close } = self;
        let session = Calendar::Nyse.session(date).map(|session| session.open_ms);
        let time_ms = session.or_else(|| Calendar::Nyse.midnight_ms(date)).unwrap_or_default();
        let bar = Bar { time_ms, open, high, low, close, volume }.validated()?;
        if low <= 0.0 || adjusted_close.is_some_and(|close| !(close > 0.0 && close.is_finite())) {
            return Err(RowProblem::NotPositive);
        }
        match before {
            Some(before) if before.date >= date => {
                Err(RowProblem::NotAscending { date, before: before.date })
            }
            _ => Ok(DailyRow { date, bar, adjusted_close }),
        }
    }
}
