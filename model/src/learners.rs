//! Machine learning of one symbol's variance by smartcore: ridge regression (Hoerl
//! and Kennard 1970) and random forest (Breiman 2001) on the features of closed bars,
//! with the quantiles of what came of their own past forecasts.

use anyhow::Result;
use smartcore::{
    ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters},
    linalg::basic::matrix::DenseMatrix,
    linear::ridge_regression::{RidgeRegression, RidgeRegressionParameters},
};
use tickwise_forecast::{
    ANCHORS, COMMON_FEATURES, Features, HORIZONS, LEVELS, blend::Anchors, econometrics::FIT_DAYS,
};
use tickwise_market::Bar;

use crate::{
    methods::quantile,
    windows::{self, Window},
};

/// With fewer past origins nothing is learned.
const MIN_WINDOWS: usize = 250;
/// Outcomes overlap, so not every origin is trained on.
const STEP: usize = 3;
/// Penalty of squared coefficients of standardised features, in rows.
const PENALTY_SHARE: f64 = 0.1;
const TREES: usize = 30;
const MIN_LEAF: usize = 10;
const SEED: u64 = 7;
/// Features whose deviation in training is below this are left out.
const MIN_DEVIATION: f64 = 0.01;

type Matrix = DenseMatrix<f64>;

/// Both methods, fitted to one symbol's past.
#[derive(Debug)]
pub struct Learners {
    /// Indices of the features that vary.
    columns: Vec<usize>,
    ridge: Vec<Scaled>,
    forest: Vec<Scaled>,
}

/// Log variance at one of [`ANCHORS`], and outcomes in units of its deviation.
#[derive(Debug)]
struct Scaled {
    regression: Regression,
    horizon: usize,
    quantiles: [f64; LEVELS.len()],
}

#[derive(Debug)]
enum Regression {
    Ridge(RidgeRegression<f64, f64, Matrix, Vec<f64>>),
    Forest(RandomForestRegressor<f64, f64, Matrix, Vec<f64>>),
}

impl Learners {
    /// Fits to the first two thirds of the last [`FIT_DAYS`] of closed bars, and takes
    /// the quantiles from what came of forecasts in the rest. None where there are too few.
    ///
    /// # Errors
    /// When smartcore fails.
    pub fn fit(bars: &[Bar]) -> Result<Option<Self>> {
        let recent = bars.get(bars.len().saturating_sub(FIT_DAYS + 1)..).unwrap_or(bars);
        let windows = windows::of(recent);
        if windows.len() < MIN_WINDOWS {
            return Ok(None);
        }
        let (earlier, later) = windows.split_at(2 * windows.len() / 3);
        let earlier: Vec<&Window> = earlier.iter().step_by(STEP).collect();
        // What the last of the earlier origins forecast lies before these.
        let later: Vec<&Window> = later.iter().skip(HORIZONS).collect();
        let columns = varying(&earlier);
        let rows = |windows: &[&Window]| -> Result<Matrix> {
            let row = |window: &&Window| row(&window.features, &columns);
            Ok(Matrix::from_2d_vec(&windows.iter().map(row).collect())?)
        };
        let (x, later_x) = (rows(&earlier)?, rows(&later)?);
        let (mut ridge, mut forest) = (Vec::new(), Vec::new());
        for (anchor, horizon) in ANCHORS.into_iter().enumerate() {
            let y: Vec<f64> = earlier
                .iter()
                .filter_map(|window| Some(window.log_variances.get(anchor)? - window.features.log_level))
                .collect();
            let penalty = PENALTY_SHARE * y.len() as f64;
            for (regression, fitted) in [
                (Regression::ridge(&x, &y, penalty)?, &mut ridge),
                (Regression::forest(&x, &y)?, &mut forest),
            ] {
                let predicted = regression.predict(&later_x)?;
                let mut outcomes: Vec<f64> = later
                    .iter()
                    .zip(predicted)
                    .filter_map(|(window, log_variance)| {
                        let unit = deviation(log_variance, window.features.log_level, horizon);
                        Some(window.outcomes.get(anchor)? / unit)
                    })
                    .collect();
                outcomes.sort_by(f64::total_cmp);
                let quantiles = LEVELS.map(|level| quantile(&outcomes, level));
                fitted.push(Scaled { regression, horizon, quantiles });
            }
        }
        Ok(Some(Self { columns, ridge, forest }))
    }

    /// Quantiles by ridge regression and by random forest from the last bar.
    ///
    /// # Errors
    /// When smartcore fails.
    pub fn forecasts(&self, bars: &[Bar]) -> Result<Option<[Anchors; 2]>> {
        let Some(features) = Features::of(bars) else { return Ok(None) };
        let x = Matrix::from_2d_vec(&vec![row(&features, &self.columns)])?;
        let by = |fitted: &[Scaled]| -> Result<Anchors> {
            let mut anchors = Anchors::default();
            for (row, scaled) in anchors.iter_mut().zip(fitted) {
                let log_variance = scaled.regression.predict(&x)?.first().copied().unwrap_or_default();
                let unit = deviation(log_variance, features.log_level, scaled.horizon);
                *row = scaled.quantiles.map(|z| z * unit);
            }
            Ok(anchors)
        };
        Ok(Some([by(&self.ridge)?, by(&self.forest)?]))
    }
}

impl Regression {
    fn ridge(x: &Matrix, y: &Vec<f64>, penalty: f64) -> Result<Self> {
        let parameters = RidgeRegressionParameters::default().with_alpha(penalty);
        Ok(Self::Ridge(RidgeRegression::fit(x, y, parameters)?))
    }

    fn forest(x: &Matrix, y: &Vec<f64>) -> Result<Self> {
        let parameters = RandomForestRegressorParameters::default()
            .with_n_trees(TREES)
            .with_min_samples_leaf(MIN_LEAF)
            .with_seed(SEED);
        Ok(Self::Forest(RandomForestRegressor::fit(x, y, parameters)?))
    }

    fn predict(&self, x: &Matrix) -> Result<Vec<f64>> {
        Ok(match self {
            Self::Ridge(ridge) => ridge.predict(x)?,
            Self::Forest(forest) => forest.predict(x)?,
        })
    }
}

/// Of the log return over so many days.
fn deviation(log_variance: f64, log_level: f64, horizon: usize) -> f64 {
    (horizon as f64 * (log_variance + log_level).exp()).sqrt()
}

fn row(features: &Features, columns: &[usize]) -> Vec<f64> {
    columns.iter().filter_map(|column| features.values.get(*column)).map(|value| f64::from(*value)).collect()
}

/// Which of the features that say something of the present are not constant.
fn varying(windows: &[&Window]) -> Vec<usize> {
    let count = windows.len().max(1) as f64;
    let deviation = |column: usize| {
        let values = || windows.iter().filter_map(|w| w.features.values.get(column)).map(|v| f64::from(*v));
        let mean = values().sum::<f64>() / count;
        (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
    };
    (0..COMMON_FEATURES).filter(|column| deviation(*column) > MIN_DEVIATION).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[f64]) -> Matrix {
        Matrix::from_2d_vec(&values.iter().map(|value| vec![*value]).collect()).unwrap()
    }

    #[test]
    fn ridge_regression_is_that_of_a_hand() {
        // Standardised, the squares of x sum to n = 4, so the slope 2 shrinks to
        // 2 · 4 / (4 + 1) = 1.6; the line goes through the means (2.5, 5).
        let ridge =
            Regression::ridge(&column(&[1.0, 2.0, 3.0, 4.0]), &vec![2.0, 4.0, 6.0, 8.0], 1.0).unwrap();
        for (x, y) in [(2.5, 5.0), (5.0, 9.0), (0.0, 1.0)] {
            let found = ridge.predict(&column(&[x])).unwrap()[0];
            assert!((found - y).abs() < 1e-9, "{x}: {found}");
        }
    }

    #[test]
    fn a_forest_finds_a_step() {
        let x: Vec<f64> = (0..200).map(f64::from).collect();
        let y = x.iter().map(|x| if *x < 100.0 { -1.0 } else { 3.0 }).collect();
        let forest = Regression::forest(&column(&x), &y).unwrap();
        assert_eq!(forest.predict(&column(&[10.0, 190.0])).unwrap(), [-1.0, 3.0]);
    }

    #[test]
    fn too_few_bars_teach_nothing_and_a_price_that_never_moves_does_no_harm() {
        let bar = |day: i64| Bar {
            time_ms: day * 86_400_000,
            open: 5.0,
            high: 5.0,
            low: 5.0,
            close: 5.0,
            volume: 0.0,
        };
        let still: Vec<Bar> = (0..600).map(bar).collect();
        assert!(Learners::fit(&still[..300]).unwrap().is_none());
        let forecasts = Learners::fit(&still).unwrap().unwrap().forecasts(&still).unwrap().unwrap();
        assert!(forecasts.iter().flatten().flatten().all(|quantile| *quantile == 0.0));
    }
}
