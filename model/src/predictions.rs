//! Files of forecasts: a row for each symbol, origin and horizon.

use std::{
    fs::File,
    io::{BufWriter, Read},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_forecast::Distribution;
use tickwise_market::Symbol;

/// One forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Symbol.
    pub symbol: Symbol,
    /// Day of the last known close.
    pub origin: Date,
    /// Trading days ahead.
    pub horizon: usize,
    /// Of the log return, at [`tickwise_forecast::LEVELS`].
    pub quantiles: [f64; 7],
    /// Probability that the return is above zero.
    pub p_up: f64,
    /// Standard deviation of the return over the horizon.
    pub volatility: f64,
}

/// A row of the file.
#[derive(Serialize, Deserialize)]
struct Record {
    symbol: Symbol,
    origin_date: Date,
    horizon: usize,
    q05: f64,
    q10: f64,
    q25: f64,
    q50: f64,
    q75: f64,
    q90: f64,
    q95: f64,
    p_up: Option<f64>,
    vol: Option<f64>,
}

impl Prediction {
    /// Labels a distribution.
    pub fn new(symbol: Symbol, origin: Date, horizon: usize, distribution: &Distribution) -> Self {
        let Distribution { quantiles, p_up, volatility } = *distribution;
        Self { symbol, origin, horizon, quantiles, p_up, volatility }
    }
}

/// Writes a CSV file; eight significant digits.
///
/// # Errors
/// When it cannot be written.
pub fn write(path: &Path, rows: &[Prediction]) -> Result<()> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    let mut writer = csv::Writer::from_writer(BufWriter::new(file));
    for row in rows {
        let [q05, q10, q25, q50, q75, q90, q95] = row.quantiles.map(rounded);
        let (p_up, vol) = (Some(rounded(row.p_up)), Some(rounded(row.volatility)));
        let (symbol, origin_date, horizon) = (row.symbol.clone(), row.origin, row.horizon);
        writer.serialize(Record {
            symbol,
            origin_date,
            horizon,
            q05,
            q10,
            q25,
            q50,
            q75,
            q90,
            q95,
            p_up,
            vol,
        })?;
    }
    Ok(writer.flush()?)
}

/// Reads a CSV file, or one packed by gzip. `p_up` and `vol` are read off the
/// quantiles where the file has none.
///
/// # Errors
/// Naming file and line.
pub fn read(path: &Path) -> Result<Vec<Prediction>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let text: Box<dyn Read> = if is_packed { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
    let mut reader = csv::Reader::from_reader(text);
    let mut rows = Vec::new();
    for record in reader.deserialize::<Record>() {
        let r = record.with_context(|| path.display().to_string())?;
        let quantiles = [r.q05, r.q10, r.q25, r.q50, r.q75, r.q90, r.q95];
        ensure!(
            quantiles.is_sorted() && quantiles.iter().all(|q| q.is_finite()),
            "{}: the quantiles of {} on {} cross or are missing",
            path.display(),
            r.symbol,
            r.origin_date
        );
        let read_off = Distribution::from_quantiles(quantiles);
        let (p_up, volatility) = (r.p_up.unwrap_or(read_off.p_up), r.vol.unwrap_or(read_off.volatility));
        let (symbol, origin, horizon) = (r.symbol, r.origin_date, r.horizon);
        rows.push(Prediction { symbol, origin, horizon, quantiles, p_up, volatility });
    }
    Ok(rows)
}

/// To eight significant digits: monotone, so quantiles stay in order.
fn rounded(value: f64) -> f64 {
    format!("{value:.7e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_round_trip_and_crossing_quantiles_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pred.csv");
        let mut row = Prediction {
            symbol: "X".parse().unwrap(),
            origin: jiff::civil::date(2013, 1, 2),
            horizon: 5,
            quantiles: [-0.05, -0.03, -0.01, 0.001, 0.012, 0.03, 0.06],
            p_up: 0.51,
            volatility: 0.02,
        };
        write(&path, std::slice::from_ref(&row)).unwrap();
        assert_eq!(read(&path).unwrap(), [row.clone()]);
        row.quantiles[3] = 0.02;
        write(&path, &[row]).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("cross"));
    }
}
