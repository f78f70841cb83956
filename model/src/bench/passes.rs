//! One timed pass of each indicator over the same bars.

use std::{borrow::Borrow, hint::black_box};

use tickwise_indicators::{
    Indicator,
    average::{Ema, Sma},
    batch,
    momentum::{Rsi, Stochastic},
    trend::Macd,
    volatility::{Atr, Bollinger},
};
use tickwise_market::Bar;

/// What is measured, by the names of the protocol.
pub const INDICATORS: [&str; 7] = ["sma20", "ema20", "rsi14", "macd", "bbands20", "atr14", "stoch14"];

/// How an indicator is fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A whole column, outputs allocated inside the pass.
    Batch,
    /// One value in, one out, nothing stored.
    Stream,
}

/// Columns of one length.
pub struct Bars {
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
}

impl Bars {
    /// From columns of one length.
    pub fn new(high: Vec<f64>, low: Vec<f64>, close: Vec<f64>) -> Self {
        Self { high, low, close }
    }

    /// Number of bars.
    pub fn len(&self) -> usize {
        self.close.len()
    }
}

/// One pass; the last outputs, or nothing for a name that is not in [`INDICATORS`].
pub fn pass(indicator: &str, mode: Mode, bars: &Bars) -> Vec<f64> {
    let Bars { high, low, close } = bars;
    // Made as they are read: bars that lie in memory measure the memory.
    let rows = high.iter().zip(low).zip(close).map(|((&high, &low), &close)| Bar {
        time_ms: 0,
        open: close,
        high,
        low,
        close,
        volume: 0.0,
    });
    match (mode, indicator) {
        (Mode::Batch, "sma20") => ends([batch::sma(close, 20)]),
        (Mode::Batch, "ema20") => ends([batch::ema(close, 20)]),
        (Mode::Batch, "rsi14") => ends([batch::rsi(close, 14)]),
        (Mode::Batch, "macd") => ends(batch::macd(close, 12, 26, 9)),
        (Mode::Batch, "bbands20") => ends(batch::bollinger(close, 20, 2.0)),
        (Mode::Batch, "atr14") => ends([batch::atr(high, low, close, 14)]),
        (Mode::Batch, "stoch14") => ends(batch::stochastic(high, low, close, 14, 3, 3)),
        (Mode::Stream, "sma20") => stream(|| Sma::new(20), close).into_iter().collect(),
        (Mode::Stream, "ema20") => stream(|| Ema::new(20), close).into_iter().collect(),
        (Mode::Stream, "rsi14") => stream(|| Rsi::new(14), close).into_iter().collect(),
        (Mode::Stream, "macd") => stream(|| Macd::new(12, 26, 9), close).into_iter().flatten().collect(),
        (Mode::Stream, "bbands20") => {
            stream(|| Bollinger::new(20, 2.0), close).into_iter().flatten().collect()
        }
        (Mode::Stream, "atr14") => stream(|| Atr::new(14), rows).into_iter().collect(),
        (Mode::Stream, "stoch14") => {
            stream(|| Stochastic::new(14, 3, 3), rows).into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

// A function of its own for each indicator, as in a program that uses one.
#[inline(never)]
fn stream<I: Indicator>(
    new: impl FnOnce() -> I,
    inputs: impl IntoIterator<Item: Borrow<I::Input>>,
) -> Option<I::Output> {
    let (mut indicator, mut last) = (new(), None);
    for input in inputs {
        last = indicator.update(input.borrow());
        // One box, by reference: several share a place on the stack, and the processor then
        // takes the load of one for that of another, in some runs and not in others.
        black_box(&last);
    }
    last
}

fn ends<const N: usize>(columns: [Vec<f64>; N]) -> Vec<f64> {
    black_box(&columns).iter().filter_map(|column| column.last().copied()).collect()
}
