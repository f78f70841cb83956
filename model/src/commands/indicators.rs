use std::{
    fmt::{self, Write},
    path::PathBuf,
};

use anyhow::Result;
use clap::{Args, ValueEnum};
use tickwise_files::{Bars, Row, Spacing};
use tickwise_indicators::{AnyIndicator, InvalidSpec, Parameter, REGISTRY, Spec};
use tickwise_market::{Bar, Calendar, Interval, Symbol, adjusted_to};

use crate::{series, source::Source};

/// `tickwise indicators`
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tickwise indicators AAPL --name 'rsi(14)'      # of the recorded bars\n  tickwise indicators AAPL --data bars --name 'rsi(14)'\n  tickwise indicators AAPL --data bars --name sma --name 'bollinger(20,2)' --adjusted > aapl.csv\n  tickwise indicators AAPL --data bars --name macd --json | tail -1\n  tickwise indicators --list\n  tickwise indicators SAP --data kurse --name sma --columns date=Tag,open=Erster,high=Hoch,low=Tief,close=Kurs\n  tickwise indicators SAP --data bars --name sma --zone Europe/Berlin   # whose midnights are stored in UTC\n\nDIR holds SYMBOL.csv, .arrow or .parquet with the columns date, open, high, low, close, volume and, for --adjusted, adj_close,\nby whatever usual names, of days or any other interval.\nFields are empty while an indicator warms up and where it is not defined; in JSON they are null.\n--list --json: name, title, pane, input, parameters (default, min, max, whole, choices) and outputs with their units."
)]
pub struct Options {
    /// Symbol, such as AAPL
    #[arg(required_unless_present = "list")]
    symbol: Option<Symbol>,
    /// Folder of CSV, Arrow or Parquet files, one a symbol [default: the checkout's public/replay, else the bars built in]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Indicator with its parameters, such as 'rsi(14)'; again for more
    #[arg(long = "name", value_name = "INDICATOR", value_parser = spec, required_unless_present = "list")]
    names: Vec<Spec>,
    #[command(flatten)]
    reading: series::Reading,
    /// How to print the values
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Print JSON: short for --format json, and for --list one array
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Adjust prices and volume for later splits and dividends, by adj_close
    #[arg(long)]
    adjusted: bool,
    /// Print the indicators that there are, with their parameters
    #[arg(long)]
    list: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Comma-separated values, dates first
    Csv,
    /// One JSON object a row and line, null where there is no value
    Json,
}

fn spec(text: &str) -> Result<Spec, InvalidSpec> {
    text.parse()
}

/// Prints the table.
pub fn run(options: &Options) -> Result<()> {
    let Some(symbol) = options.symbol.as_ref().filter(|_| !options.list) else {
        return if options.json { super::print_json(&REGISTRY) } else { super::print(&list()?) };
    };
    let source = Source::named_or_recorded(options.data.as_deref(), &options.reading);
    let bars = source.bars(symbol, options.adjusted)?;
    let calendar = Calendar::of_days(bars.rows.iter().map(|row| row.when.date()));
    let interval = interval(&bars);
    let specs: Vec<Spec> = options.names.iter().map(|spec| spec.on(interval, calendar)).collect();
    let dated = dated(&bars, options.adjusted);
    if let (None, Some((first, _)), Some((last, _))) = (&options.data, dated.first(), dated.last()) {
        super::note(format_args!("Bars: {source}, {first} to {last}."));
    }
    let mut text = String::new();
    match options.format {
        Format::Csv if !options.json => table(&mut text, &dated, &specs)?,
        _ => lines(&mut text, &dated, &specs)?,
    }
    super::print(&text)
}

/// The bars with their dates or times; each has an adjusted close where they are to be adjusted.
fn dated(bars: &Bars, is_adjusted: bool) -> Vec<(String, Bar)> {
    let bar = |row: &Row| match row.adjusted_close {
        Some(close) if is_adjusted => adjusted_to(row.bar, close),
        _ => row.bar,
    };
    bars.rows.iter().map(|row| (row.when.to_string(), bar(row))).collect()
}

/// Of what interval bars are, by what lies between them.
fn interval(bars: &Bars) -> Interval {
    /// A week of trading days, and of others, is shorter.
    const MONTH_MS: i64 = 20 * 86_400_000;
    let gaps = bars.rows.windows(2).filter_map(|pair| match pair {
        [one, next] => Some(next.bar.time_ms - one.bar.time_ms),
        _ => None,
    });
    let shortest_ms = gaps.min();
    match bars.spacing {
        Spacing::Day => Interval::Day,
        Spacing::Longer if shortest_ms.is_some_and(|gap| gap > MONTH_MS) => Interval::Month,
        Spacing::Longer => Interval::Week,
        Spacing::Intraday => {
            let fits = |interval: &Interval| {
                interval.intraday_ms().is_some() && interval.intraday_ms() <= shortest_ms
            };
            Interval::ALL.into_iter().rfind(fits).unwrap_or(Interval::Minute)
        }
    }
}

/// Dates with a value for each of the [`columns`], none where there is no value.
fn rows<'a>(
    bars: &'a [(String, Bar)],
    specs: &[Spec],
) -> impl Iterator<Item = (&'a str, Vec<Option<f64>>)> + use<'a> {
    let mut indicators: Vec<(usize, AnyIndicator)> =
        specs.iter().map(|spec| (spec.definition().outputs.len(), AnyIndicator::new(spec))).collect();
    bars.iter().map(move |(date, bar)| {
        let mut values = Vec::new();
        for (count, indicator) in &mut indicators {
            match indicator.update(bar) {
                Some(outputs) => values.extend(outputs.as_slice().iter().copied().map(Some)),
                None => values.resize(values.len() + *count, None),
            }
        }
        (date.as_str(), values)
    })
}

fn table(out: &mut impl Write, bars: &[(String, Bar)], specs: &[Spec]) -> fmt::Result {
    let names: Vec<String> = specs.iter().flat_map(columns).collect();
    writeln!(out, "date,{}", names.join(","))?;
    for (date, values) in rows(bars, specs) {
        write!(out, "{date}")?;
        for value in values {
            match value {
                Some(value) => write!(out, ",{value}")?,
                None => write!(out, ",")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A JSON object a bar, on a line, in the order of the columns.
fn lines(out: &mut impl Write, bars: &[(String, Bar)], specs: &[Spec]) -> Result<()> {
    let names: Vec<String> = specs.iter().flat_map(columns).collect();
    for (date, values) in rows(bars, specs) {
        write!(out, "{{\"date\":\"{date}\"")?;
        for (name, value) in names.iter().zip(values) {
            write!(out, ",\"{name}\":{}", serde_json::to_string(&value)?)?;
        }
        writeln!(out, "}}")?;
    }
    Ok(())
}

/// Names without commas: `rsi_14`, `bollinger_20_2_upper`.
fn columns(spec: &Spec) -> Vec<String> {
    let name = spec.to_string().replace(['(', ','], "_").replace(')', "");
    let name = name.trim_end_matches('_');
    match spec.definition().outputs {
        [_] => vec![name.to_owned()],
        outputs => outputs.iter().map(|output| format!("{name}_{}", output.name)).collect(),
    }
}

/// `period=20`, `calendar=nyse|fx|always_open`: the default, or the words that it may be.
fn parameter(parameter: &Parameter) -> String {
    match parameter.choices {
        [] if parameter.automatic => format!("{}=auto", parameter.name),
        [] => format!("{}={}", parameter.name, parameter.text(parameter.default)),
        words => format!("{}={}", parameter.name, words.join("|")),
    }
}

fn list() -> Result<String, fmt::Error> {
    let mut out = String::new();
    for definition in REGISTRY {
        let parameters: Vec<String> = definition.parameters.iter().map(parameter).collect();
        let outputs: Vec<&str> = definition.outputs.iter().map(|output| output.name).collect();
        let call = format!("{}({})", definition.name, parameters.join(", "));
        writeln!(out, "{call:58} {:36} {}", definition.title, outputs.join(", "))?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_and_empty_while_warming_up() {
        let bar = |day: i64| Bar {
            time_ms: day,
            open: 1.0,
            high: 2.0,
            low: 0.5,
            close: day as f64 / 2.0,
            volume: 1.0,
        };
        let bars: Vec<(String, Bar)> = (1..=3).map(|day| (format!("2012-09-0{day}"), bar(day))).collect();
        let specs: Vec<Spec> =
            ["sma(2)", "donchian(3)", "obv"].iter().map(|text| text.parse().unwrap()).collect();
        let mut out = String::new();
        table(&mut out, &bars, &specs).unwrap();
        let expected = "date,sma_2,donchian_3_upper,donchian_3_middle,donchian_3_lower,obv\n\
            2012-09-01,,,,,1\n\
            2012-09-02,0.75,,,,2\n\
            2012-09-03,1.25,2,1.25,0.5,3\n";
        assert_eq!(out, expected);
    }
}
