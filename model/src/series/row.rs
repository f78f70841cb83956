use jiff::civil::Date;
use tickwise_files::Row;
use tickwise_market::Bar;

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

impl DailyRow {
    /// The bar with prices in proportion to the adjusted close, where there is one, and
    /// volume as traded, which is what the forecaster has learned from.
    pub fn adjusted(&self) -> Bar {
        self.adjusted_close.map_or(self.bar, |close| self.bar.with_close(close))
    }
}

impl From<&Row> for DailyRow {
    fn from(row: &Row) -> Self {
        Self { date: row.when.date(), bar: row.bar, adjusted_close: row.adjusted_close }
    }
}
