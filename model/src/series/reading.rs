use clap::Args;
use tickwise_files::{ColumnNames, DayOrder, Options, Zone};

/// What a user says about files that they do not say themselves.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What files do not say")]
pub struct Reading {
    /// Columns whose names are not known, such as date=Tag,close=Kurs (date, time, open, high, low, close, adj_close, volume, symbol)
    #[arg(long, value_name = "NAMES")]
    columns: Option<ColumnNames>,
    /// Whose days times in UTC are, and times without a zone, such as Europe/Berlin or +01:00
    #[arg(long, value_name = "ZONE")]
    zone: Option<Zone>,
    /// What comes first in dates such as 01/02/2020: dmy or mdy
    #[arg(long, value_name = "ORDER")]
    dates: Option<DayOrder>,
}

impl Reading {
    /// As the reader takes them.
    pub fn options(&self) -> Options {
        Options {
            columns: self.columns.clone().unwrap_or_default(),
            zone: self.zone.clone(),
            day_order: self.dates,
        }
    }
}
