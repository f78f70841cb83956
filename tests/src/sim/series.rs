//! Bars as the provider writes them.

use jiff::civil::Date;
use tickwise_market::{Calendar, Tick};
use tickwise_replay::RecordedDay;

use super::{doc::Doc, fault::Fault, market::Stock};

/// A series before it is JSON or CSV; newest rows first.
pub struct Rows {
    /// `Meta Data`.
    pub meta: Vec<(&'static str, String)>,
    /// Name of the rows' object.
    pub container: String,
    /// Names in JSON and CSV.
    pub columns: &'static [(&'static str, &'static str)],
    /// Time and values.
    pub rows: Vec<(String, Vec<String>)>,
}

/// `open` to `volume`.
pub const BARS: &[(&str, &str)] = &[
    ("1. open", "open"),
    ("2. high", "high"),
    ("3. low", "low"),
    ("4. close", "close"),
    ("5. volume", "volume"),
];
/// Without volume.
pub const RATES: &[(&str, &str)] =
    &[("1. open", "open"), ("2. high", "high"), ("3. low", "low"), ("4. close", "close")];
/// Of the daily adjusted series.
pub const DAILY_ADJUSTED: &[(&str, &str)] = &[
    ("1. open", "open"),
    ("2. high", "high"),
    ("3. low", "low"),
    ("4. close", "close"),
    ("5. adjusted close", "adjusted_close"),
    ("6. volume", "volume"),
    ("7. dividend amount", "dividend_amount"),
    ("8. split coefficient", "split_coefficient"),
];
/// Of weekly and monthly adjusted series: blanks in CSV names.
pub const PERIOD_ADJUSTED: &[(&str, &str)] = &[
    ("1. open", "open"),
    ("2. high", "high"),
    ("3. low", "low"),
    ("4. close", "close"),
    ("5. adjusted close", "adjusted close"),
    ("6. volume", "volume"),
    ("7. dividend amount", "dividend amount"),
];

impl Rows {
    /// Changes rows as a fault says.
    pub fn spoil(&mut self, fault: &Fault) {
        match fault {
            Fault::DuplicateRows => {
                self.rows = self.rows.iter().flat_map(|row| [row.clone(), row.clone()]).collect()
            }
            Fault::MissingNewest if !self.rows.is_empty() => drop(self.rows.remove(0)),
            Fault::StaleDay => {
                if let [newest, before, ..] = self.rows.as_mut_slice() {
                    newest.1.clone_from(&before.1);
                }
            }
            Fault::Contradiction => {
                if let Some((_, values)) = self.rows.first_mut() {
                    values.swap(1, 2);
                }
            }
            _ => {}
        }
    }

    /// JSON.
    pub fn doc(self) -> Doc {
        let row = |values: Vec<String>| Doc::texts(self.columns.iter().map(|(name, _)| *name).zip(values));
        let rows = self.rows.into_iter().map(|(time, values)| (time, row(values))).collect();
        Doc::Object(vec![("Meta Data".into(), Doc::texts(self.meta)), (self.container, Doc::Object(rows))])
    }

    /// CSV.
    pub fn csv(&self) -> Vec<Vec<String>> {
        let header = std::iter::once("timestamp").chain(self.columns.iter().map(|(_, name)| *name));
        let rows =
            self.rows.iter().map(|(time, values)| std::iter::once(time).chain(values).cloned().collect());
        std::iter::once(header.map(str::to_owned).collect()).chain(rows).collect()
    }
}

/// Four decimals and whole shares.
pub fn padded(day: &RecordedDay) -> Vec<String> {
    let mut values: Vec<String> =
        [day.open, day.high, day.low, day.close].iter().map(|price| format!("{price:.4}")).collect();
    values.push(format!("{:.0}", day.volume));
    values
}

/// As few decimals as there are, but one.
pub fn unpadded(value: f64) -> String {
    format!("{value:?}")
}

/// The row of the daily adjusted series.
pub fn adjusted(stock: &Stock, day: &RecordedDay) -> Vec<String> {
    let mut values: Vec<String> = [day.open, day.high, day.low, day.close].map(unpadded).into();
    values.push(unpadded(day.adj_close));
    values.push(format!("{:.0}", day.volume));
    values.push(format!("{:.4}", stock.dividend(day.date)));
    values.push(unpadded(stock.split(day.date)));
    values
}

/// Days to weeks or months, each with the date of its last day.
pub fn periods(days: &[RecordedDay], is_same: impl Fn(Date, Date) -> bool) -> Vec<RecordedDay> {
    let mut periods: Vec<RecordedDay> = Vec::new();
    for day in days {
        match periods.last_mut() {
            Some(period) if is_same(period.date, day.date) => {
                *period = RecordedDay {
                    date: day.date,
                    open: period.open,
                    high: period.high.max(day.high),
                    low: period.low.min(day.low),
                    close: day.close,
                    volume: period.volume + day.volume,
                    adj_close: day.adj_close,
                };
            }
            _ => periods.push(*day),
        }
    }
    periods
}

/// Ticks to bars of so many minutes, labelled by their start in New York.
pub fn intraday(ticks: &[Tick], minutes: i64) -> Vec<(i64, RecordedDay)> {
    let step_ms = minutes * 60_000;
    let mut bars: Vec<(i64, RecordedDay)> = Vec::new();
    for tick in ticks {
        let start_ms = tick.time_ms.div_euclid(step_ms) * step_ms;
        let (price, size) = (tick.price, tick.size);
        match bars.last_mut() {
            Some((at, bar)) if *at == start_ms => {
                bar.high = bar.high.max(price);
                bar.low = bar.low.min(price);
                bar.close = price;
                bar.volume += size;
            }
            _ => bars.push((
                start_ms,
                RecordedDay {
                    date: Calendar::Nyse.date_at(tick.time_ms).unwrap_or_default(),
                    open: price,
                    high: price,
                    low: price,
                    close: price,
                    volume: size,
                    adj_close: price,
                },
            )),
        }
    }
    bars
}
