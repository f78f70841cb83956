//! Bars and indicators as columns, and columns as CSV or Arrow.

use std::{
    collections::HashMap,
    fmt::Write,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, TimestampMillisecondArray};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Schema};
use serde::Serialize;
use serde_json::{Value, json};
use tickwise_protocol::{
    Quote,
    rest::{Bars, Indicators},
};

/// What has a row for each bar.
pub trait Tabular: Serialize {
    /// Its columns.
    fn table(&self) -> Table;
    /// Symbol and interval, for the name of a file.
    fn file_stem(&self) -> String;
    /// Whether the last bar is forming.
    fn is_forming(&self) -> bool;
    /// The quote that JSON shows beside the columns.
    fn quote(&self) -> Option<&Quote> {
        None
    }
}

/// Columns of equal length, and what is true of all rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Starts of the bars.
    pub times_ms: Vec<i64>,
    /// Names and values.
    pub columns: Vec<(String, Vec<Option<f64>>)>,
    /// What JSON says beside the columns.
    pub about: Value,
}

/// The fields that bars and indicators share.
macro_rules! about {
    ($answer:ident) => {
        json!({
            "symbol": $answer.symbol,
            "interval": $answer.interval,
            "forming": $answer.forming,
            "epoch": $answer.epoch,
            "seq": $answer.seq,
            "split_adjusted": $answer.split_adjusted,
            "simulated": $answer.simulated,
            "origin": $answer.origin,
        })
    };
}

impl Tabular for Bars {
    fn table(&self) -> Table {
        let column = |name: &str, value: fn(&tickwise_market::Bar) -> f64| {
            (name.to_owned(), self.bars.iter().map(|bar| Some(value(bar))).collect())
        };
        Table {
            times_ms: self.bars.iter().map(|bar| bar.time_ms).collect(),
            columns: vec![
                column("open", |bar| bar.open),
                column("high", |bar| bar.high),
                column("low", |bar| bar.low),
                column("close", |bar| bar.close),
                column("volume", |bar| bar.volume),
            ],
            about: about!(self),
        }
    }

    fn file_stem(&self) -> String {
        stem(self.symbol.as_str(), self.interval.as_str(), self.simulated)
    }

    fn is_forming(&self) -> bool {
        self.forming
    }

    fn quote(&self) -> Option<&Quote> {
        self.quote.as_ref()
    }
}

impl Tabular for Indicators {
    fn table(&self) -> Table {
        let outputs = self.indicators.iter().flat_map(|indicator| {
            let alone = indicator.outputs.len() == 1;
            indicator.outputs.iter().map(move |output| {
                let name = if alone {
                    indicator.name.clone()
                } else {
                    format!("{}_{}", indicator.name, output.name)
                };
                (name, output.values.clone())
            })
        });
        Table { times_ms: self.times_ms.clone(), columns: outputs.collect(), about: about!(self) }
    }

    fn file_stem(&self) -> String {
        stem(self.symbol.as_str(), self.interval.as_str(), self.simulated)
    }

    fn is_forming(&self) -> bool {
        self.forming
    }
}

/// A file that leaves its headers behind still says what is simulated.
fn stem(symbol: &str, interval: &str, simulated: bool) -> String {
    format!("{symbol}-{interval}{}", if simulated { "-simulated" } else { "" })
}

impl Table {
    /// A header line, then a line a row; missing values are empty.
    pub fn csv(&self) -> String {
        let mut text = String::from("time_ms");
        for (name, _) in &self.columns {
            let quote = if name.contains(',') { "\"" } else { "" };
            let _ = write!(text, ",{quote}{name}{quote}");
        }
        text.push('\n');
        for (row, time_ms) in self.times_ms.iter().enumerate() {
            let _ = write!(text, "{time_ms}");
            for (_, values) in &self.columns {
                text.push(',');
                if let Some(value) = values.get(row).copied().flatten() {
                    let _ = write!(text, "{value}");
                }
            }
            text.push('\n');
        }
        text
    }

    /// An Arrow IPC stream of one batch: `time` in UTC, then the columns.
    ///
    /// # Errors
    /// When columns differ in length.
    pub fn arrow(&self) -> Result<Vec<u8>, ArrowError> {
        let times = TimestampMillisecondArray::from(self.times_ms.clone()).with_timezone("UTC");
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(times)];
        let mut names = vec!["time"];
        for (name, values) in &self.columns {
            arrays.push(Arc::new(Float64Array::from(values.clone())));
            names.push(name);
        }
        let fields = names
            .into_iter()
            .zip(&arrays)
            .map(|(name, array)| Field::new(name, array.data_type().clone(), name != "time"));
        let about: HashMap<_, _> = [("about".to_owned(), self.about.to_string())].into();
        let schema = Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), about));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
        let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
        writer.write(&batch)?;
        writer.finish()?;
        writer.into_inner()
    }

    /// A number that changes when the rows do.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash_rows(&mut hasher);
        hasher.finish()
    }

    /// A number that changes when the rows, what they mean, or the quote beside
    /// them do; the sequence number alone does not change it. Of the origin of what is
    /// past only the mode counts: a replay goes on to another day, and the rows stay.
    pub fn fingerprint_with_meaning(&self, quote: Option<&Quote>, is_past: bool) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash_rows(&mut hasher);
        for meaning in ["forming", "simulated", "split_adjusted", "epoch"] {
            self.about.get(meaning).map(Value::to_string).hash(&mut hasher);
        }
        let origin = self.about.get("origin");
        let origin = if is_past { origin.and_then(|origin| origin.get("mode")) } else { origin };
        origin.map(Value::to_string).hash(&mut hasher);
        quote.and_then(|quote| serde_json::to_string(quote).ok()).hash(&mut hasher);
        hasher.finish()
    }

    fn hash_rows(&self, hasher: &mut impl Hasher) {
        self.times_ms.hash(hasher);
        for (name, values) in &self.columns {
            name.hash(hasher);
            for value in values {
                value.map(f64::to_bits).hash(hasher);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, reason = "tests may fail loudly")]
mod tests {
    use arrow_array::Array;
    use arrow_ipc::reader::StreamReader;

    use super::*;

    fn table() -> Table {
        Table {
            times_ms: vec![1, 2],
            columns: vec![
                ("rsi(14)".into(), vec![None, Some(0.1)]),
                ("macd(12,26,9)_signal".into(), vec![Some(-1e-7), Some(3.0)]),
            ],
            about: json!({"seq": 7, "forming": false}),
        }
    }

    #[test]
    fn csv_quotes_names_with_commas_and_leaves_missing_values_empty() {
        assert_eq!(table().csv(), "time_ms,rsi(14),\"macd(12,26,9)_signal\"\n1,,-0.0000001\n2,0.1,3\n");
    }

    #[test]
    fn arrow_reads_back_what_was_written() {
        let bytes = table().arrow().unwrap();
        let mut reader = StreamReader::try_new(bytes.as_slice(), None).unwrap();
        assert_eq!(reader.schema().metadata()["about"], "{\"forming\":false,\"seq\":7}");
        let batch = reader.next().unwrap().unwrap();
        let values = batch.column(1).as_any().downcast_ref::<Float64Array>().unwrap().clone();
        assert_eq!((values.is_null(0), values.value(1), batch.num_rows()), (true, 0.1, 2));
        assert_eq!(batch.schema().field(0).data_type().to_string(), "Timestamp(ms, \"UTC\")");
    }

    #[test]
    fn a_fingerprint_follows_rows_and_quote_and_not_the_sequence() {
        let meaning = |table: &Table| table.fingerprint_with_meaning(None, false);
        let (first, mut other) = (meaning(&table()), table());
        other.about["seq"] = json!(8);
        assert_eq!(meaning(&other), first);
        other.about["forming"] = json!(true);
        assert_ne!(meaning(&other), first);
        assert_eq!(other.fingerprint(), table().fingerprint());
        let mut replayed = table();
        replayed.about["origin"] = json!({"mode": "replay"});
        assert_ne!(meaning(&replayed), first);
        let mut changed = table();
        changed.columns[0].1[1] = Some(0.2);
        assert_ne!(meaning(&changed), first);
        assert_ne!(changed.fingerprint(), table().fingerprint());
        let with = |price| table().fingerprint_with_meaning(Some(&quote(price)), false);
        assert_eq!(with(1.0), with(1.0));
        assert!(with(1.0) != first && with(1.0) != with(1.5));
    }

    #[test]
    fn of_what_is_past_the_day_of_a_replay_does_not_count() {
        let on = |origin: Value| {
            let mut table = table();
            table.about["origin"] = origin;
            [true, false].map(|is_past| table.fingerprint_with_meaning(None, is_past))
        };
        let first = on(json!({"mode": "replay", "date": "2012-09-04", "lap": 0}));
        let next = on(json!({"mode": "replay", "date": "2012-09-05", "lap": 0}));
        assert!(first[0] == next[0] && first[1] != next[1]);
        assert_ne!(first[0], on(json!({"mode": "live"}))[0]);
    }

    fn quote(price: f64) -> Quote {
        Quote {
            symbol: "IBM".parse().unwrap(),
            seq: 1,
            from_seq: None,
            price,
            size: 1.0,
            volume: 1.0,
            previous_close: None,
            exchange_time_ms: 0,
            receive_time_ms: 0,
            simulated: true,
            origin: tickwise_protocol::Origin::Replay { date: jiff::civil::date(2012, 9, 4), lap: 0 },
        }
    }
}
