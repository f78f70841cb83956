//! Bars of every length, of shares, currencies and digital currencies.

use std::collections::BTreeMap;

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
};
use tickwise_market::{Bar, Calendar, Symbol};

use crate::{
    ExchangeTime, Failure, Function, Zone,
    csv_table::Table,
    json::{Json, label},
    parse::check_symbol,
    value,
};

/// Bars, oldest first, one a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Bars.
    pub rows: Vec<SeriesRow>,
    /// When the provider last changed the series; a date stands for its
    /// midnight. CSV does not say.
    pub last_refreshed: Option<ExchangeTime>,
    /// The zone of its times. CSV does not say; then the one documented.
    pub zone: Zone,
    /// How many minutes late it is, where the answer says so.
    pub delay_minutes: Option<u32>,
    /// Rows left out because a price was missing or the prices contradict each other.
    pub dropped: usize,
}

/// One bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesRow {
    /// The time in the answer: of intraday bars their start; of longer ones
    /// midnight of their last trading day, which for a running week or month
    /// moves from day to day.
    pub local: DateTime,
    /// The bar as traded; its `time_ms` as `tickwise_market::Bar` has it.
    /// Volume is 0 for currency pairs, whose volume nobody knows.
    pub bar: Bar,
    /// Close adjusted for later splits and dividends.
    pub adjusted_close: Option<f64>,
    /// Dividend whose ex-date it is, or that fell into the period; in the quote currency.
    pub dividend: Option<f64>,
    /// New shares per old one from this day on; 1 on other days.
    pub split: Option<f64>,
}

impl SeriesRow {
    /// The day, or the last day of the period.
    pub fn date(&self) -> Date {
        self.local.date()
    }
}

impl Series {
    /// The last row and the close of the one before: a quote, from a daily series.
    pub fn last(&self) -> Option<(&SeriesRow, Option<f64>)> {
        let (last, before) = self.rows.split_last()?;
        Some((last, before.last().map(|row| row.bar.close)))
    }
}

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    Intraday,
    Day,
    Week,
    Month,
}

/// What differs between the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    length: Length,
    zone: Zone,
    /// What the container's name begins with.
    container: &'static str,
}

impl Kind {
    pub fn of(function: &Function) -> Option<Self> {
        use Length::{Day, Intraday, Month, Week};
        let share = |length, container| Kind { length, zone: Zone::UsEastern, container };
        let utc = |container| Kind { length: Day, zone: Zone::UTC, container };
        Some(match function {
            Function::Intraday { .. } => share(Intraday, "Time Series ("),
            Function::Daily { .. } | Function::DailyAdjusted { .. } => share(Day, "Time Series (Daily)"),
            Function::Weekly { .. } => share(Week, "Weekly Time Series"),
            Function::WeeklyAdjusted { .. } => share(Week, "Weekly Adjusted Time Series"),
            Function::Monthly { .. } => share(Month, "Monthly Time Series"),
            Function::MonthlyAdjusted { .. } => share(Month, "Monthly Adjusted Time Series"),
            Function::FxDaily { .. } => utc("Time Series FX (Daily)"),
            Function::CryptoDaily { .. } => utc("Time Series (Digital Currency Daily)"),
            _ => return None,
        })
    }

    fn bar_start_ms(self, zone: Zone, local: DateTime) -> Option<i64> {
        let midnight_or = |session: Option<i64>, date: Date| {
            session.or_else(|| Some(zone.at(date.to_datetime(jiff::civil::Time::midnight()))?.ms))
        };
        let first_session = |date: Date| Calendar::Nyse.first_session(date).map(|session| session.open_ms);
        let date = local.date();
        match self.length {
            Length::Intraday => Some(zone.at(local)?.ms),
            Length::Day if zone == Zone::UsEastern => {
                midnight_or(Calendar::Nyse.session(date).map(|session| session.open_ms), date)
            }
            Length::Day => midnight_or(None, date),
            Length::Week => {
                let after_monday = date.weekday().to_monday_zero_offset();
                let monday = date.checked_sub(i64::from(after_monday).days()).ok()?;
                midnight_or(first_session(monday), monday)
            }
            Length::Month => midnight_or(first_session(date.first_of_month()), date.first_of_month()),
        }
    }

    /// Two rows of one period are one: the later takes the place of the earlier.
    fn period(self, local: DateTime) -> DateTime {
        let date = local.date();
        let start = match self.length {
            Length::Intraday | Length::Day => return local,
            Length::Week => {
                date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).unwrap_or(date)
            }
            Length::Month => date.first_of_month(),
        };
        start.to_datetime(jiff::civil::Time::midnight())
    }
}

/// Columns of a row, by name in JSON and CSV.
#[derive(Clone, Copy)]
enum Column {
    Open,
    High,
    Low,
    Close,
    AdjustedClose,
    Volume,
    Dividend,
    Split,
}

impl Column {
    const COUNT: usize = 8;

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "open" => Self::Open,
            "high" => Self::High,
            "low" => Self::Low,
            "close" => Self::Close,
            "adjusted close" | "adjusted_close" => Self::AdjustedClose,
            "volume" => Self::Volume,
            "dividend amount" | "dividend_amount" => Self::Dividend,
            "split coefficient" | "split_coefficient" => Self::Split,
            _ => return None,
        })
    }
}

type Values = [Option<f64>; Column::COUNT];

fn set(values: &mut Values, column: Column, value: Option<f64>) {
    if let Some(slot) = values.get_mut(column as usize) {
        *slot = value;
    }
}

/// Rows by period, in order.
struct Rows {
    kind: Kind,
    zone: Zone,
    by_period: BTreeMap<DateTime, SeriesRow>,
    dropped: usize,
}

impl Rows {
    fn new(kind: Kind, zone: Zone) -> Self {
        Self { kind, zone, by_period: BTreeMap::new(), dropped: 0 }
    }

    fn push(&mut self, time: &str, values: &Values) -> Result<(), Failure> {
        let local = value::date_time(time)?;
        let time_ms = self.kind.bar_start_ms(self.zone, local).ok_or_else(|| value::not_a("time", time))?;
        let [open, high, low, close, adjusted_close, volume, dividend, split] = *values;
        let adjusted_close = value::price(adjusted_close);
        // Of a bar that is one, the low is the least.
        let bar =
            open.zip(high).zip(value::price(low).zip(close)).and_then(|((open, high), (low, close))| {
                Bar { time_ms, open, high, low, close, volume: volume.unwrap_or(0.0) }.validated().ok()
            });
        let Some(bar) = bar else {
            self.dropped += 1;
            return Ok(());
        };
        let row = SeriesRow { local, bar, adjusted_close, dividend, split };
        let slot = self.by_period.entry(self.kind.period(local)).or_insert(row);
        if slot.local <= local {
            *slot = row;
        }
        Ok(())
    }

    fn finish(self) -> Result<Series, Failure> {
        match (self.by_period.is_empty(), self.dropped) {
            (true, 0) => Err(Failure::UnknownSymbol),
            (true, _) => Err(Failure::malformed("no row is a bar")),
            (false, dropped) => Ok(Series {
                rows: self.by_period.into_values().collect(),
                last_refreshed: None,
                zone: self.zone,
                delay_minutes: None,
                dropped,
            }),
        }
    }
}

impl Series {
    pub(crate) fn from_json(json: &Json<'_>, kind: Kind, symbol: Option<&Symbol>) -> Result<Self, Failure> {
        let no_series = || Failure::malformed(format!("no {}", kind.container));
        let container = json.entries().iter().find(|(key, _)| key.starts_with(kind.container));
        let (_, container) = container.ok_or_else(no_series)?;
        let Json::Object(entries) = container else { return Err(no_series()) };
        let no_meta = Json::Null;
        let meta = json.get("Meta Data").unwrap_or(&no_meta);
        let text = |name: &str| meta.labelled(name).and_then(Json::as_text);
        if let Some(symbol) = symbol {
            check_symbol(text("Symbol").or_else(|| text("Digital Currency Code")), symbol)?;
        }
        let zone = text("Time Zone").map_or(Ok(kind.zone), Zone::parse)?;
        let mut rows = Rows::new(kind, zone);
        for (time, fields) in entries {
            let Json::Object(fields) = fields else { return Err(Failure::malformed("a row is no object")) };
            let mut values = Values::default();
            for (key, field) in fields {
                if let Some(column) = Column::of(label(key)) {
                    set(&mut values, column, field.number()?);
                }
            }
            rows.push(time, &values)?;
        }
        let last_refreshed = text("Last Refreshed").map(|time| zone.time(time)).transpose()?;
        let delay_minutes = text("Information").and_then(delay_minutes);
        Ok(Self { last_refreshed, delay_minutes, ..rows.finish()? })
    }

    pub(crate) fn from_csv(table: &Table, kind: Kind) -> Result<Self, Failure> {
        let time = table.column("timestamp").or_else(|_| table.column("time"))?;
        for name in ["open", "high", "low", "close"] {
            table.column(name)?;
        }
        let columns: Vec<Option<Column>> = table.names().map(Column::of).collect();
        let mut rows = Rows::new(kind, kind.zone);
        for row in &table.rows {
            let mut values = Values::default();
            for (field, column) in row.iter().zip(&columns) {
                if let Some(column) = column {
                    set(&mut values, *column, value::number(field)?);
                }
            }
            rows.push(row.get(time).unwrap_or_default(), &values)?;
        }
        rows.finish()
    }
}

/// 15 of `… - DATA DELAYED BY 15 MINUTES`.
pub fn delay_minutes(decorated: &str) -> Option<u32> {
    let (_, after) = decorated.split_once("DELAYED BY ")?;
    after.split_whitespace().next()?.parse().ok()
}
