use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};
use serde::Serialize;
use tickwise_forecast::{Features, MIN_BARS, WINDOW_BARS};

use crate::{
    commands, published,
    series::{Reading, Series},
    source::Source,
};

/// `tickwise bench forecast`
#[derive(Args)]
#[command(
    after_help = "Writes daily bars into DIR, recorded ones repeated, for `tickwise predict --data DIR` to be timed; then measures\nfits and forecasts of one symbol and prints their median times as JSON. `cargo xtask bench forecast` runs both.\n\nExample:\n  tickwise bench forecast --folder bars --symbols 5"
)]
pub struct Options {
    /// Folder for the bars
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Folder of recorded bars [default: the checkout's public/replay, else those built in]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Symbols to write
    #[arg(long, default_value_t = 20)]
    symbols: usize,
    /// Rows of each
    #[arg(long, default_value_t = 5000)]
    rows: usize,
    /// Calls of which the median counts
    #[arg(long, default_value_t = 200)]
    reps: usize,
}

#[derive(Serialize)]
struct Measurement {
    /// Features of the last 1001 bars.
    features_us: f64,
    /// Features, network and simulation, with what was fitted before.
    forecast_us: f64,
    /// What is fitted once a quarter.
    fit_ms: f64,
}

/// One row of the files.
#[derive(Serialize)]
struct Row<'a> {
    symbol: &'a str,
    date: Date,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    adj_close: f64,
    volume: f64,
}

/// Writes the bars and prints the measurement.
pub fn run(options: &Options) -> Result<()> {
    if options.symbols == 0 || options.rows <= MIN_BARS || options.reps == 0 {
        bail!(commands::Usage("--symbols and --reps must be at least 1, and --rows more than 100"));
    }
    let recorded = Source::named_or_recorded(options.data.as_deref(), &Reading::default()).series()?.series;
    write(options, &recorded)?;
    let model = published::read(None)?.load()?;
    let one = recorded.iter().max_by_key(|one| one.bars.len()).context("no recordings")?;
    let bars = one.bars.get(one.bars.len().saturating_sub(WINDOW_BARS)..).unwrap_or_default();
    let fitted = model.fit(bars)?;
    let measurement = Measurement {
        features_us: 1e6 * median(options.reps, || Ok(black_box(Features::of(bars)).is_some()))?,
        forecast_us: 1e6
            * median(
                options.reps,
                || Ok(black_box(model.forecast_fitted(bars, &fitted)?).has_short_history),
            )?,
        fit_ms: 1e3 * median(options.reps.min(20), || Ok(black_box(model.fit(bars)?).sizes.is_empty()))?,
    };
    commands::print_json(&measurement)
}

/// Median time of a call, in seconds.
fn median(reps: usize, call: impl Fn() -> Result<bool>) -> Result<f64> {
    let mut times: Vec<Duration> = (0..reps)
        .map(|_| {
            let start = Instant::now();
            call().map(|_| start.elapsed())
        })
        .collect::<Result<_>>()?;
    times.sort();
    Ok(times.get(reps / 2).copied().unwrap_or_default().as_secs_f64())
}

fn write(options: &Options, recorded: &[Series]) -> Result<()> {
    fs::create_dir_all(&options.folder).with_context(|| options.folder.display().to_string())?;
    let long: Vec<&Series> = recorded.iter().filter(|one| one.bars.len() > 1000).collect();
    ensure!(!long.is_empty(), "no recording of more than 1000 days");
    let names: Vec<String> = (0..options.symbols).map(|index| format!("S{index:02}")).collect();
    let mut manifest = csv::Writer::from_path(options.folder.join("manifest.csv"))?;
    manifest.write_record(["symbol", "eval_start"])?;
    let dates = weekdays(options.rows);
    let first = dates.get(MIN_BARS).context("more rows")?.to_string();
    for (index, (name, one)) in names.iter().zip(long.iter().cycle()).enumerate() {
        symbol(&options.folder, name, one, 97 * index, &dates)?;
        manifest.write_record([name, &first])?;
    }
    Ok(manifest.flush()?)
}

/// Recorded days from `skip` on, over and over, each time going on from the last price.
fn symbol(folder: &Path, name: &str, one: &Series, skip: usize, dates: &[Date]) -> Result<()> {
    let mut writer = csv::Writer::from_path(folder.join(format!("{name}.csv")))?;
    let (first, last) = one.bars.first().zip(one.bars.last()).context("bars")?;
    let mut factor = 100.0 / first.open;
    let days = one.bars.iter().enumerate().cycle().skip(skip % one.bars.len());
    for (date, (day, bar)) in dates.iter().zip(days) {
        if day == 0 {
            factor *= last.close / first.open;
        }
        let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(|price| factor * price);
        // Adjusted recordings are out of range in the last digit here and there.
        let (high, low) = (high.max(open).max(close), low.min(open).min(close));
        let row =
            Row { symbol: name, date: *date, open, high, low, close, adj_close: close, volume: bar.volume };
        writer.serialize(row)?;
    }
    Ok(writer.flush()?)
}

fn weekdays(count: usize) -> Vec<Date> {
    let is_open = |date: &Date| !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    jiff::civil::date(2000, 1, 3).series(1.day()).filter(is_open).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series;

    #[test]
    fn what_is_written_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options {
            folder: dir.path().into(),
            data: Some("../public/replay".into()),
            symbols: 3,
            rows: 4000,
            reps: 1,
        };
        let replay = series::read_folder(Path::new("../public/replay"), &Default::default()).unwrap();
        write(&options, &replay.series).unwrap();
        let series = series::read_folder(dir.path(), &Default::default()).unwrap().series;
        assert_eq!(series.iter().map(|one| one.bars.len()).collect::<Vec<_>>(), [4000; 3]);
        assert!(series.iter().all(|one| one.eval_start == Some(one.dates[MIN_BARS])));
    }
}
