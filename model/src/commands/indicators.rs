use std::{
    fmt::{self, Write},
    path::PathBuf,
};

use anyhow::Result;
use clap::{Args, ValueEnum};
use tickwise_files::{Bars, Row};
use tickwise_indicators::{AnyIndicator, InvalidSpec, Parameter, Spec};
use tickwise_market::{Bar, Symbol};

use crate::series::{self, DailyRow};

/// `tickwise indicators`
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tickwise indicators AAPL --data bars --name 'rsi(14)'\n  tickwise indicators AAPL --data bars --name sma --name 'bollinger(20,2)' --adjusted > aapl.csv\n  tickwise indicators --list\n  tickwise indicators SAP --data kurse --name sma --columns date=Tag,open=Erster,high=Hoch,low=Tief,close=Kurs\n  tickwise indicators SAP --data bars --name sma --zone Europe/Berlin   # whose midnights are stored in UTC\n\nDIR holds SYMBOL.csv, .arrow or .parquet with the columns date, open, high, low, close, volume and, for --adjusted, adj_close,\nby whatever usual names, of days or any other interval.\nFields are empty while an indicator warms up and where it is not defined."
)]
pub struct Options {
    /// Symbol, such as AAPL
    #[arg(required_unless_present = "list")]
    symbol: Option<Symbol>,
    /// Folder of CSV, Arrow or Parquet files, one a symbol
    #[arg(long, value_name = "DIR", required_unless_present = "list")]
    data: Option<PathBuf>,
    /// Indicator with its parameters, such as 'rsi(14)'; again for more
    #[arg(long = "name", value_name = "INDICATOR", value_parser = spec, required_unless_present = "list")]
    names: Vec<Spec>,
    #[command(flatten)]
    reading: series::Reading,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Adjust prices for later splits and dividends, by adj_close
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
}

fn spec(text: &str) -> Result<Spec, InvalidSpec> {
    text.parse()
}

/// Prints the table.
pub fn run(options: &Options) -> Result<()> {
    let mut text = String::new();
    match (&options.symbol, &options.data, options.format) {
        _ if options.list => list(&mut text)?,
        (Some(symbol), Some(dir), Format::Csv) => {
            let read = if options.adjusted { series::read_adjusted } else { series::read_symbol };
            let bars = bars(&read(dir, symbol, &options.reading.options())?, options.adjusted);
            table(&mut text, &bars, &options.names)?;
        }
        _ => {}
    }
    super::print(&text)
}

fn bars(bars: &Bars, is_adjusted: bool) -> Vec<(String, Bar)> {
    let bar = |row: &Row| {
        let bar = if is_adjusted { DailyRow::from(row).adjusted() } else { row.bar };
        (row.when.to_string(), bar)
    };
    bars.rows.iter().map(bar).collect()
}

fn table(out: &mut impl Write, bars: &[(String, Bar)], specs: &[Spec]) -> fmt::Result {
    let names: Vec<String> = specs.iter().flat_map(columns).collect();
    writeln!(out, "date,{}", names.join(","))?;
    let mut indicators: Vec<(usize, AnyIndicator)> =
        specs.iter().map(|spec| (spec.definition().outputs.len(), AnyIndicator::new(spec))).collect();
    for (date, bar) in bars {
        write!(out, "{date}")?;
        for (count, indicator) in &mut indicators {
            match indicator.update(bar) {
                Some(outputs) => outputs.as_slice().iter().try_for_each(|value| write!(out, ",{value}"))?,
                None => write!(out, "{}", ",".repeat(*count))?,
            }
        }
        writeln!(out)?;
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
        [] => format!("{}={}", parameter.name, parameter.text(parameter.default)),
        words => format!("{}={}", parameter.name, words.join("|")),
    }
}

fn list(out: &mut impl Write) -> fmt::Result {
    for definition in tickwise_indicators::REGISTRY {
        let parameters: Vec<String> = definition.parameters.iter().map(parameter).collect();
        let outputs: Vec<&str> = definition.outputs.iter().map(|output| output.name).collect();
        let call = format!("{}({})", definition.name, parameters.join(", "));
        writeln!(out, "{call:58} {:36} {}", definition.title, outputs.join(", "))?;
    }
    Ok(())
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
