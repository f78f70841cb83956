//! Bars from text: what is read, what is said of it, and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use proptest::prelude::*;
use tickwise_files::{Adjusted, Bars, FileError, Options, Spacing, read, read_parts};

fn bars(text: &str) -> Result<Bars, FileError> {
    read(text.as_bytes().to_vec(), "X.csv", &Options::default())
}

fn days(text: &str) -> Vec<String> {
    bars(text).unwrap().rows.iter().map(|row| row.when.to_string()).collect()
}

fn notes(text: &str) -> Vec<String> {
    bars(text).unwrap().notes.iter().map(ToString::to_string).collect()
}

/// Rows of `dates` under `date,open,high,low,close,volume`.
fn of_dates(dates: &[&str]) -> String {
    let rows =
        dates.iter().zip(1..).map(|(date, price)| format!("{date},{price},{price},{price},{price},7\n"));
    "date,open,high,low,close,volume\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn what_was_done_is_said() {
    let head = "date,open,high,low,close,volume\n";
    for (rows, said) in [
        ("2012-09-04,1,1,1,1,7\n2012-09-05,,,,,\n", "1 row without prices left out"),
        ("2012-09-04,1,1,1,1,7\n2012-09-04,1,1,1,1,7\n2012-09-05,1,1,1,1,7\n", "1 repeated row left out"),
        ("2012-09-04,1,1,1,1,NA\n2012-09-05,1,1,1,1,7\n", "1 row without volume, taken for 0"),
        (
            "2012-09-04,1,0.9999999,0.9,1,7\n",
            "1 row whose high or low misses open or close by rounding widened",
        ),
        ("2012-09-05,1,1,1,1,7\n2012-09-04,1,1,1,1,7\n2012-09-06,1,1,1,1,7\n", "sorted"),
        ("2012-09-04T09:30,1,1,1,1,7\n2012-09-04T09:31,1,1,1,1,7\n", "taken for New York's"),
    ] {
        let notes = notes(&format!("{head}{rows}"));
        assert!(notes.len() == 1 && notes[0].contains(said), "{notes:?}");
    }
    assert_eq!(
        notes(&of_dates(&["2012-09-05", "2012-09-04"])),
        [""; 0],
        "newest first is nothing to speak of"
    );
}

#[test]
fn refusals_name_place_and_remedy() {
    let head = "date,open,high,low,close,volume\n";
    for (text, place, remedy) in [
        ("".into(), "", "expected a row"),
        ("2012-09-04,1,1,1,1,7\n".into(), "\"2012-09-04,1,1,1,1,7\"", "add a line such as date,open"),
        ("datum,open,high,low,close\n1,1,1,1,1\n".into(), "datum, open", "--columns date=NAME"),
        ("date,open,high,low,close,close\n".into(), "\"close\" and \"close\"", "--columns close=NAME"),
        (
            "symbol,date,open,high,low,close\nA,2012-09-04,1,1,1,1\nB,2012-09-04,1,1,1,1\n".into(),
            "A and B",
            "one file for each",
        ),
        (format!("{head}\n\n2012-09-04,1,1,1,1,7,8\n"), "line 4: it has 7 fields", "quote fields"),
        (format!("{head}2012-09-04,1,1,x,1,7\n"), "line 2: column \"low\" holds \"x\"", "correct or remove"),
        (format!("{head}2012-09-04,1,1,,1,7\n"), "line 2: column \"low\" is empty", "fill it"),
        (format!("{head},1,1,1,1,7\n"), "line 2: column \"date\" holds no date", "correct or remove"),
        (
            of_dates(&["01/02/2020", "02/03/2020"]),
            "line 2: column \"date\" holds \"01/02/2020\"",
            "--dates dmy or --dates mdy",
        ),
        (of_dates(&["13/02/2020", "02/13/2020"]), "line 3", "--dates"),
        (of_dates(&["20-02-13"]), "a year of two digits", "2020-12-31"),
        (of_dates(&["2020-02-13", "13.02.2020"]), "line 3", "another way than \"2020-02-13\""),
        (of_dates(&["43874", "43875"]), "numbers such as 43874", "2020-12-31"),
        (
            of_dates(&["2012-09-03T22:00:00Z", "2012-09-04T22:00:00Z"]),
            "line 2: 2012-09-03T22:00:00Z",
            "--zone Europe/Berlin",
        ),
        (of_dates(&["2012-09-04 00:00 Mars/Olympus"]), "\"Mars/Olympus\"", "in UTC or with their offset"),
        (
            "date;open;high;low;close\n2012-09-04;1,234;1,234;1,234;1,234\n".into(),
            "line 2: column \"open\" holds \"1,234\"",
            "decimal point",
        ),
        ("{\"Information\": \"rate limit\"}".into(), "JSON", "its reason stands in it"),
        ("<!DOCTYPE html>".into(), "a page of the web", "read what it says"),
        ("PK\u{3}\u{4}".into(), "a spreadsheet", "save the bars as CSV"),
    ] {
        let error = bars(&text).unwrap_err().to_string();
        assert!(error.contains(place) && error.contains(remedy), "{text:?}: {error}");
        assert!(error.len() < 400 && !error.contains('\n'), "{error}");
    }
}

#[test]
fn what_the_file_does_not_say_the_user_does() {
    let text = of_dates(&["01/02/2020", "02/03/2020"]);
    for (order, first) in [("dmy", "2020-02-01"), ("mdy", "2020-01-02")] {
        let options = Options { day_order: Some(order.parse().unwrap()), ..Options::default() };
        let read = read(text.clone().into_bytes(), "X.csv", &options).unwrap();
        assert_eq!(read.rows[0].when.to_string(), first);
    }
    let text = of_dates(&["2012-09-03T22:00:00Z", "2012-09-04T22:00:00Z"]);
    let options = Options { zone: Some("Europe/Berlin".parse().unwrap()), ..Options::default() };
    assert_eq!(read(text.into_bytes(), "X.csv", &options).unwrap().rows[0].when.to_string(), "2012-09-04");
    // The vendor that puts the month first is known by its names.
    let nasdaq = "Date,Close/Last,Volume,Open,High,Low\n09/07/2012,$1,1,$1,$1,$1\n09/06/2012,$1,1,$1,$1,$1\n";
    assert_eq!(days(nasdaq), ["2012-09-06", "2012-09-07"]);
}

#[test]
fn an_instant_in_utc_is_a_day_only_where_nobody_could_think_otherwise() {
    // Midnight in UTC, midnight in New York, and a session's hours, over a change of the clocks.
    for times in [
        ["2012-11-02T00:00:00Z", "2012-11-05T00:00:00Z"],
        ["2012-11-02T04:00:00Z", "2012-11-05T05:00:00Z"],
        ["2012-11-02T20:00:00Z", "2012-11-05T21:00:00Z"],
        ["1351814400", "1352073600"],
    ] {
        assert_eq!(days(&of_dates(&times)), ["2012-11-02", "2012-11-05"], "{times:?}");
    }
    // Midnight in Tokyo, in Berlin, in Chicago; and New York's hours on a Saturday.
    for times in [
        ["2012-11-01T15:00:00Z", "2012-11-04T15:00:00Z"],
        ["2012-11-01T23:00:00Z", "2012-11-04T23:00:00Z"],
        ["2012-11-02T05:00:00Z", "2012-11-05T06:00:00Z"],
        ["2012-11-02T20:00:00Z", "2012-11-03T20:00:00Z"],
    ] {
        assert!(matches!(bars(&of_dates(&times)), Err(FileError::WhoseDay { .. })), "{times:?}");
    }
    // With an offset or a zone of its own, the date is what stands there.
    assert_eq!(days(&of_dates(&["2020-01-23T20:00:00-05:00"])), ["2020-01-23"]);
    assert_eq!(
        days(&of_dates(&["2012-01-04 00:00:00+00:00", "2012-07-04 00:00:00+01:00"])),
        ["2012-01-04", "2012-07-04"]
    );
}

#[test]
fn bars_of_parts_of_a_day_have_times() {
    let of = |text: &str| {
        let bars = bars(text).unwrap();
        assert_eq!(bars.spacing, Spacing::Intraday);
        (bars.rows[1].when.to_string(), bars.rows[1].bar.time_ms)
    };
    let at_9_31 = 1_346_765_460_000;
    for (times, label) in [
        (["2012-09-04 09:30", "2012-09-04 09:31"], "2012-09-04T09:31:00"),
        (["2012-09-04T13:30:00Z", "2012-09-04T13:31:00Z"], "2012-09-04T13:31:00Z"),
        (["2012-09-04 09:30-04:00", "2012-09-04 09:31-04:00"], "2012-09-04T09:31:00-04:00"),
        (["20120904093000", "20120904093100"], "2012-09-04T09:31:00"),
        (["201209040930", "201209040931"], "2012-09-04T09:31:00"),
    ] {
        assert_eq!(of(&of_dates(&times)), (label.into(), at_9_31), "{times:?}");
    }
    let two = "date,time,open,high,low,close\n20120904,93000,1,1,1,1\n20120904,93100,1,1,1,1\n20120905,93100,1,1,1,1\n";
    assert_eq!(of(two), ("2012-09-04T09:31:00".into(), at_9_31));
    // The present day, told again by a feed, is no interval.
    let again = of_dates(&["2012-09-04 00:00", "2012-09-05 00:00", "2012-09-06 00:00", "2012-09-06 16:00"]);
    assert!(matches!(bars(&again), Err(FileError::ToldTwice { .. })));
}

#[test]
fn adjusted_closes_are_whole_or_none() {
    let of = |second: &str| {
        bars(&format!(
            "date,open,high,low,close,Adj Close\n2012-09-04,2,2,2,2,1\n2012-09-05,2,2,2,2,{second}\n"
        ))
        .unwrap()
    };
    assert_eq!((of("1.5").adjusted, of("1.5").rows[1].adjusted_close), (Adjusted::Whole, Some(1.5)));
    for gap in ["", "0", "-1", "inf"] {
        let bars = of(gap);
        assert!(matches!(bars.adjusted, Adjusted::Gap(_)) && bars.rows[0].adjusted_close.is_none(), "{gap}");
    }
}

#[test]
fn parts_are_one_table_whose_places_name_them() {
    let part = |name: &str, dates: &[&str]| (name.to_owned(), of_dates(dates).into_bytes());
    let read = |parts: Vec<(String, Vec<u8>)>| read_parts(parts, &Options::default());
    // The second decides what the first means.
    let both = vec![part("0.csv", &["01/02/2020"]), part("1.csv", &["31/01/2020"])];
    assert_eq!(read(both).unwrap().rows[0].when.to_string(), "2020-01-31");
    let error = read(vec![part("0.csv", &["2020-01-31"]), part("1.csv", &["soon"])]).unwrap_err();
    assert!(error.to_string().starts_with("1.csv, line 2: column \"date\" holds \"soon\""), "{error}");
    assert!(read(Vec::new()).is_err());
}

#[derive(Clone, Debug)]
struct Day {
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: u32,
}

fn day() -> impl Strategy<Value = Day> {
    let price = || (1_i32..10_000_000).prop_map(|cents| f64::from(cents) / 100.0);
    (price(), price(), price(), price(), any::<u32>()).prop_map(|(a, b, c, d, volume)| {
        let mut sorted = [a, b, c, d];
        sorted.sort_by(f64::total_cmp);
        let [low, open, close, high] = sorted;
        Day { open, high, low, close, volume }
    })
}

/// 1234567.5 as `1,234,567.50`, by the marks of a language.
fn for_people(number: f64, thousands: &str, point: &str) -> String {
    let text = format!("{number:.2}");
    let (whole, decimals) = text.split_once('.').unwrap();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped += thousands;
        }
        grouped.push(digit);
    }
    format!("{grouped}{point}{decimals}")
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,60}") {
        for bytes in [bytes.clone(), text.clone().into_bytes(), [of_dates(&["2012-09-04"]).as_bytes(), &bytes].concat(), of_dates(&[&text]).into_bytes()] {
            if let Err(error) = read(bytes, "X.csv", &Options::default()) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    /// However numbers and dates are written, the bars are the same.
    #[test]
    fn whatever_is_written_is_read_exactly(days in prop::collection::vec(day(), 1..40)) {
        let first = jiff::civil::date(2012, 1, 16);
        let dates: Vec<jiff::civil::Date> = first.series(jiff::ToSpan::days(1)).take(days.len()).collect();
        let write = |delimiter: &str, date: &str, number: &dyn Fn(f64) -> String| {
            let mut text = ["Date", "Open", "High", "Low", "Close", "Volume\r\n"].join(delimiter);
            for (day, of) in days.iter().zip(&dates) {
                let numbers = [day.open, day.high, day.low, day.close].map(number).join(delimiter);
                text += &[of.strftime(date).to_string(), numbers, day.volume.to_string()].join(delimiter);
                text += "\r\n";
            }
            text
        };
        for text in [
            write(",", "%Y-%m-%d", &|x| x.to_string()),
            write(";", "%d.%m.%Y", &|x| for_people(x, ".", ",")),
            write("\t", "%m/%d/%Y", &|x| for_people(x, ",", ".")),
            write("|", "%d %b %Y", &|x| format!("${}", for_people(x, " ", "."))),
            write(" ", "%Y%m%d", &|x| x.to_string()),
        ] {
            let read = bars(&text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
            prop_assert_eq!(read.rows.len(), days.len());
            for ((row, day), date) in read.rows.iter().zip(&days).zip(&dates) {
                prop_assert_eq!(row.when.date(), *date);
                let bar = row.bar;
                prop_assert_eq!((bar.open, bar.high, bar.low, bar.close), (day.open, day.high, day.low, day.close));
                prop_assert_eq!(bar.volume, f64::from(day.volume));
            }
        }
    }
}
