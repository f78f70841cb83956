//! Indicators over whole columns at once. Where nothing is defined, while warming
//! up and at inputs that are not finite, is NaN.
//!
//! [`series`](crate::series) folds any indicator over its inputs. These are the
//! ones for which more is to be had: the same sums in another order, so that the
//! processor works on several bars at a time. They differ from the streaming
//! indicator by no more than 1e-12 of the series' largest magnitude; columns with
//! values that are not finite are folded.

mod averages;
mod block;
mod bollinger;
mod column;
mod exponential;
mod lanes;
mod stochastic;
mod wilder;
mod windows;

pub use averages::{ema, macd, sma};
pub use bollinger::bollinger;
pub use stochastic::stochastic;
pub use wilder::{atr, rsi};

use std::borrow::Borrow;

use tickwise_market::Bar;

use crate::Indicator;

/// The fold of a streaming indicator.
fn fold<const N: usize, I: Indicator<Output = [f64; N]>>(
    indicator: &mut I,
    inputs: impl ExactSizeIterator<Item: Borrow<I::Input>>,
) -> [Vec<f64>; N] {
    let mut columns = [(); N].map(|()| Vec::with_capacity(inputs.len()));
    for input in inputs {
        let outputs = indicator.update(input.borrow()).unwrap_or([f64::NAN; N]);
        columns.iter_mut().zip(outputs).for_each(|(column, output)| column.push(output));
    }
    columns
}

/// The fold of a streaming indicator with one output.
fn fold_one<I: Indicator<Output = f64>>(
    indicator: &mut I,
    inputs: impl ExactSizeIterator<Item: Borrow<I::Input>>,
) -> Vec<f64> {
    inputs.map(|input| indicator.update(input.borrow()).unwrap_or(f64::NAN)).collect()
}

/// Bars of columns, of which the shortest counts, for indicators that need no more.
fn bars(high: &[f64], low: &[f64], close: &[f64]) -> impl ExactSizeIterator<Item = Bar> {
    let rows = high.iter().zip(low).zip(close);
    rows.map(|((&high, &low), &close)| Bar { time_ms: 0, open: close, high, low, close, volume: 0.0 })
}
