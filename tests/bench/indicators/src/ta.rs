//! The crate `ta`. Its RSI and ATR smooth by plain exponential averages.

use ::ta::{
    Close, High, Low, Next,
    indicators::{
        AverageTrueRange, BollingerBands, ExponentialMovingAverage, FastStochastic,
        MovingAverageConvergenceDivergence, RelativeStrengthIndex, SimpleMovingAverage,
    },
};

use crate::{
    bars::{Bars, Row},
    fed,
    report::Report,
};

impl High for Row {
    fn high(&self) -> f64 {
        self.high
    }
}

impl Low for Row {
    fn low(&self) -> f64 {
        self.low
    }
}

impl Close for Row {
    fn close(&self) -> f64 {
        self.close
    }
}

pub fn run(report: &Report, bars: &Bars) {
    let close = bars.close.iter().copied();
    fed!(
        report,
        "ta",
        "sma20",
        close.clone(),
        || SimpleMovingAverage::new(20).unwrap(),
        |sma, x| [sma.next(*x)],
        values <- value
    );
    fed!(
        report,
        "ta",
        "ema20",
        close.clone(),
        || ExponentialMovingAverage::new(20).unwrap(),
        |ema, x| [ema.next(*x)],
        values <- value
    );
    fed!(
        report,
        "ta",
        "rsi14",
        close.clone(),
        || RelativeStrengthIndex::new(14).unwrap(),
        |rsi, x| [rsi.next(*x)],
        values <- value
    );
    fed!(
        report,
        "ta",
        "macd",
        close.clone(),
        || MovingAverageConvergenceDivergence::new(12, 26, 9).unwrap(),
        |macd, x| {
            let out = macd.next(*x);
            [out.macd, out.signal, out.histogram]
        },
        lines <- line, signals <- signal, histograms <- histogram);
    fed!(
        report,
        "ta",
        "bbands20",
        close.clone(),
        || BollingerBands::new(20, 2.0).unwrap(),
        |bands, x| {
            let out = bands.next(*x);
            [out.upper, out.average, out.lower]
        },
        uppers <- upper, middles <- middle, lowers <- lower);
    fed!(
        report,
        "ta",
        "atr14",
        bars.rows(),
        || AverageTrueRange::new(14).unwrap(),
        |atr, row| [atr.next(row)],
        values <- value
    );
    fed!(
        report,
        "ta",
        "stoch14",
        bars.rows(),
        || {
            let average = || SimpleMovingAverage::new(3).unwrap();
            (FastStochastic::new(14).unwrap(), average(), average())
        },
        |(fast, k, d), row| {
            let k = k.next(fast.next(row));
            [k, d.next(k)]
        }, ks <- k, ds <- d);
}
