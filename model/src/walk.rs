//! Walks forward through series, forecasting from each origin by the model and by
//! every method beside it.

use anyhow::Result;
use jiff::civil::Date;
use rayon::prelude::*;
use tickwise_forecast::{ANCHORS, Fitted, Forecaster, LEVELS, MIN_BARS, blend::Anchors, simulation};

use crate::{
    methods::{Fits, NAMES},
    progress,
    series::Series,
    windows::{Quarter, by_fit},
};

/// Rows from one origin to the next.
pub const STEP: usize = 5;

/// An origin with all forecasts from it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Index of the series.
    pub series: usize,
    /// Its day.
    pub date: Date,
    /// Log returns over [`ANCHORS`], as far as they have come.
    pub outcomes: [Option<f64>; ANCHORS.len()],
    /// The model's.
    pub model: Anchors,
    /// Those of [`NAMES`].
    pub others: [Anchors; NAMES.len()],
}

/// Forecasts from every [`STEP`]th row of each series, from the first that `starts`
/// gives on; none where it gives none.
pub fn forward(
    model: &Forecaster,
    series: &[Series],
    starts: impl Fn(&Series) -> Option<usize>,
) -> Result<Vec<Origin>> {
    by_quarter(series, starts, "quarters", |index, one, quarter| walk(model, index, one, quarter))
}

/// The model's forecasts without those of other methods, from the same origins in the same order.
pub fn alone(
    model: &Forecaster,
    series: &[Series],
    starts: impl Fn(&Series) -> Option<usize>,
    what: &str,
) -> Result<Vec<Anchors>> {
    by_quarter(series, starts, &format!("quarters without {what}"), |_, one, quarter| {
        let fitted = model.fit(one.bars.get(..quarter.fit_bars).unwrap_or_default())?;
        quarter.origins.iter().map(|at| forecast(model, one, *at, &fitted)).collect()
    })
}

/// What `of` gives for the origins of each quarter, in order.
fn by_quarter<T: Send>(
    series: &[Series],
    starts: impl Fn(&Series) -> Option<usize>,
    what: &str,
    of: impl Fn(usize, &Series, &Quarter) -> Result<Vec<T>> + Sync,
) -> Result<Vec<T>> {
    let tasks: Vec<(usize, &Series, Quarter)> = series
        .iter()
        .enumerate()
        .filter_map(|(index, one)| Some((index, one, starts(one)?.max(MIN_BARS - 1))))
        .flat_map(|(index, one, start)| {
            let origins = (start..one.bars.len()).step_by(STEP);
            by_fit(&one.bars, origins).into_iter().map(move |quarter| (index, one, quarter))
        })
        .collect();
    let bar = progress::bar(tasks.len(), what);
    let origins: Result<Vec<Vec<T>>> = tasks
        .par_iter()
        .map(|(index, one, quarter)| {
            bar.inc(1);
            of(*index, one, quarter)
        })
        .collect();
    bar.finish();
    Ok(origins?.into_iter().flatten().collect())
}

/// From the bars up to one of them.
fn forecast(model: &Forecaster, one: &Series, at: usize, fitted: &Fitted) -> Result<Anchors> {
    let known = one.bars.get(..=at).unwrap_or_default();
    let quantiles = model.forecast_fitted(known, fitted)?.quantiles;
    let row = |horizon: usize| quantiles.get(horizon - 1).copied().unwrap_or([f64::NAN; LEVELS.len()]);
    Ok(ANCHORS.map(row))
}

fn walk(model: &Forecaster, index: usize, one: &Series, quarter: &Quarter) -> Result<Vec<Origin>> {
    let simulation = simulation();
    let past = one.bars.get(..quarter.fit_bars).unwrap_or_default();
    let fits = Fits::new(past)?;
    let fitted = model.fit(past)?;
    let mut origins = Vec::new();
    for at in &quarter.origins {
        let known = one.bars.get(..=*at).unwrap_or_default();
        origins.push(Origin {
            series: index,
            date: one.dates.get(*at).copied().unwrap_or_default(),
            outcomes: ANCHORS.map(|horizon| outcome(one, *at, horizon)),
            model: forecast(model, one, *at, &fitted)?,
            others: fits.forecasts(known, &simulation)?,
        });
    }
    Ok(origins)
}

fn outcome(one: &Series, at: usize, horizon: usize) -> Option<f64> {
    Some((one.bars.get(at + horizon)?.close / one.bars.get(at)?.close).ln())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{published, series};

    /// Row after which everything is another price path.
    const CUT: usize = 700;

    #[test]
    fn no_method_knows_what_comes_later() {
        let models = Path::new("../public/models");
        let id = std::fs::read_to_string(models.join("current")).unwrap();
        let model = published::read(Some(&models.join(id.trim()))).unwrap().load().unwrap();
        let all = series::read_folder(Path::new("../public/replay"), &Default::default()).unwrap().series;
        let mut real = all.into_iter().find(|one| one.symbol.as_str() == "IBM").unwrap();
        real.bars.truncate(CUT + 30);
        let mut other = real.clone();
        for (index, bar) in other.bars.iter_mut().enumerate().skip(CUT + 1) {
            *bar = bar.rescaled(1.0 + 0.3 * (index as f64 * 12.9898).sin());
        }
        let forecasts = |one: Series| {
            let origins = forward(&model, &[one], |_| Some(CUT - 20)).unwrap();
            origins.into_iter().map(|origin| (origin.model, origin.others)).collect::<Vec<_>>()
        };
        let (real, other) = (forecasts(real), forecasts(other));
        let known = 20 / STEP + 1;
        assert_eq!(real[..known], other[..known]);
        for ((real, reals), (other, others)) in real[known..].iter().zip(&other[known..]) {
            assert_ne!(real, other);
            for ((name, real), other) in NAMES.iter().zip(reals).zip(others) {
                assert_ne!(real, other, "{name} does not look at the last bars");
            }
        }
    }
}
