//! The crate `yata`: its methods, composed as the indicators are defined.

use ::yata::{
    core::{Method, OHLCV},
    methods::{EMA, Highest, Lowest, RMA, SMA, StDev, TR},
};

use crate::{
    bars::{Bars, Row},
    fed,
    report::Report,
};

impl OHLCV for Row {
    fn open(&self) -> f64 {
        self.open
    }

    fn high(&self) -> f64 {
        self.high
    }

    fn low(&self) -> f64 {
        self.low
    }

    fn close(&self) -> f64 {
        self.close
    }

    fn volume(&self) -> f64 {
        self.volume
    }
}

pub fn run(report: &Report, bars: &Bars) {
    let close = bars.close.iter().copied();
    let (Some(first), Some(row)) = (close.clone().next(), bars.rows().next()) else { return };
    fed!(report, "yata", "sma20", close.clone(), || SMA::new(20, &first).unwrap(), |sma, x| [sma.next(x)], values <- value);
    fed!(report, "yata", "ema20", close.clone(), || EMA::new(20, &first).unwrap(), |ema, x| [ema.next(x)], values <- value);
    fed!(
        report,
        "yata",
        "rsi14",
        close.clone(),
        || (RMA::new(14, &0.0).unwrap(), RMA::new(14, &0.0).unwrap(), first),
        |(gain, loss, previous), x| {
            let change = x - std::mem::replace(previous, *x);
            let (gain, loss) = (gain.next(&change.max(0.0)), loss.next(&(-change).max(0.0)));
            [if gain + loss > 0.0 { 100.0 * gain / (gain + loss) } else { 0.0 }]
        },
        values <- value
    );
    fed!(
        report,
        "yata",
        "macd",
        close.clone(),
        || (EMA::new(12, &first).unwrap(), EMA::new(26, &first).unwrap(), EMA::new(9, &0.0).unwrap()),
        |(fast, slow, signal), x| {
            let macd = fast.next(x) - slow.next(x);
            let signal = signal.next(&macd);
            [macd, signal, macd - signal]
        },
        lines <- line, signals <- signal, histograms <- histogram);
    fed!(
        report,
        "yata",
        "bbands20",
        close.clone(),
        || (SMA::new(20, &first).unwrap(), StDev::new(20, &first).unwrap()),
        |(mean, deviation), x| {
            let (mean, deviation) = (mean.next(x), deviation.next(x));
            [mean + 2.0 * deviation, mean, mean - 2.0 * deviation]
        },
        uppers <- upper, middles <- middle, lowers <- lower);
    fed!(
        report,
        "yata",
        "atr14",
        bars.rows(),
        || (TR::new(&row as &dyn OHLCV).unwrap(), RMA::new(14, &(row.high - row.low)).unwrap()),
        |(range, average), row| {
            let range = range.next(row as &dyn OHLCV);
            [average.next(&range)]
        },
        values <- value
    );
    fed!(
        report,
        "yata",
        "stoch14",
        bars.rows(),
        || {
            let average = || SMA::new(3, &50.0).unwrap();
            (Highest::new(14, &row.high).unwrap(), Lowest::new(14, &row.low).unwrap(), average(), average())
        },
        |(highest, lowest, k, d), row| {
            let (highest, lowest) = (highest.next(&row.high), lowest.next(&row.low));
            let fast = if highest > lowest { 100.0 * (row.close - lowest) / (highest - lowest) } else { 0.0 };
            let k = k.next(&fast);
            [k, d.next(&k)]
        }, ks <- k, ds <- d);
}
