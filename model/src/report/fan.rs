//! Forecasts shown with what came after.

use anyhow::Result;
use jiff::civil::Date;
use tickwise_forecast::{Forecaster, HORIZONS, LEVELS};
use tickwise_market::Symbol;

use crate::{series::Series, walk::Origin};

/// So many examples.
const EXAMPLES: usize = 6;
/// Closes shown before the origin.
const PAST_DAYS: usize = 40;

/// One forecast, in percent of the origin's close.
#[derive(Clone, Debug)]
pub struct Fan {
    /// Symbol.
    pub symbol: Symbol,
    /// Day of the last known close.
    pub date: Date,
    /// Closes up to the origin's, which is 0.
    pub past: Vec<f64>,
    /// `[day][level]`
    pub quantiles: Vec<[f64; LEVELS.len()]>,
    /// Closes that came.
    pub after: Vec<f64>,
}

/// Examples spread evenly over symbols and dates: chosen by a rule that knows no outcome.
///
/// # Errors
/// When a forecast fails.
pub fn examples(model: &Forecaster, series: &[Series], origins: &[Origin]) -> Result<Vec<Fan>> {
    let finished = |origin: &&Origin| origin.outcomes.iter().all(Option::is_some);
    let by_series: Vec<Vec<&Origin>> = (0..series.len())
        .map(|index| origins.iter().filter(finished).filter(|origin| origin.series == index).collect())
        .filter(|of: &Vec<&Origin>| !of.is_empty())
        .collect();
    let example = |number: usize| {
        let of = by_series.get(number * by_series.len() / EXAMPLES)?;
        of.get((2 * number + 1) * of.len() / (2 * EXAMPLES)).copied()
    };
    let mut shown: Vec<&Origin> = (0..EXAMPLES).filter_map(example).collect();
    shown.dedup_by_key(|origin| (origin.series, origin.date));
    shown
        .into_iter()
        .filter_map(|origin| fan(model, series.get(origin.series)?, origin.date).transpose())
        .collect()
}

fn fan(model: &Forecaster, one: &Series, date: Date) -> Result<Option<Fan>> {
    let known = one.until(date);
    let Some((bars, close)) = one.bars.get(..known).zip(known.checked_sub(1).and_then(|at| one.bars.get(at)))
    else {
        return Ok(None);
    };
    let percent = |bar: &tickwise_market::Bar| 100.0 * (bar.close / close.close - 1.0);
    let forecast = model.forecast(bars)?;
    Ok(Some(Fan {
        symbol: one.symbol.clone(),
        date,
        past: bars.iter().skip(known.saturating_sub(PAST_DAYS + 1)).map(percent).collect(),
        quantiles: forecast.quantiles.iter().map(|row| row.map(|q| 100.0 * q.exp_m1())).collect(),
        after: one.bars.iter().skip(known).take(HORIZONS).map(percent).collect(),
    }))
}
