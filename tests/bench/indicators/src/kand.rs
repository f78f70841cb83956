//! The crate `kand`: columns in and out, intermediate ones too. Its incremental
//! functions leave the state to the caller; it has none for the stochastic.

use std::hint::black_box;

use ::kand::ohlcv::{atr, bbands, ema, macd, rsi, sma, stoch};

use crate::{bars::Bars, report::Report};

/// Bars that a batch computes before the incremental functions take over.
const SEED: usize = 64;

pub fn run(report: &Report, bars: &Bars) {
    batch(report, bars);
    stream(report, bars);
}

fn batch(report: &Report, Bars { high, low, close, .. }: &Bars) {
    let last = close.len() - 1;
    let column = || vec![0.0; close.len()];
    report.batch("kand", "sma20", || {
        let mut out = column();
        sma::sma(close, 20, &mut out).unwrap();
        [black_box(&out)[last]]
    });
    report.batch("kand", "ema20", || {
        let mut out = column();
        ema::ema(close, 20, None, &mut out).unwrap();
        [black_box(&out)[last]]
    });
    report.batch("kand", "rsi14", || {
        let [mut out, mut gain, mut loss] = [(); 3].map(|()| column());
        rsi::rsi(close, 14, &mut out, &mut gain, &mut loss).unwrap();
        [black_box(&out)[last]]
    });
    report.batch("kand", "macd", || {
        let [mut line, mut signal, mut histogram, mut fast, mut slow] = [(); 5].map(|()| column());
        macd::macd(close, 12, 26, 9, &mut line, &mut signal, &mut histogram, &mut fast, &mut slow).unwrap();
        let out = black_box([&line, &signal, &histogram]);
        out.map(|column| column[last])
    });
    report.batch("kand", "bbands20", || {
        let [mut up, mut mid, mut low, mut a, mut b, mut c, mut d] = [(); 7].map(|()| column());
        bbands::bbands(close, 20, 2.0, 2.0, &mut up, &mut mid, &mut low, &mut a, &mut b, &mut c, &mut d)
            .unwrap();
        let out = black_box([&up, &mid, &low]);
        out.map(|column| column[last])
    });
    report.batch("kand", "atr14", || {
        let mut out = column();
        atr::atr(high, low, close, 14, &mut out).unwrap();
        [black_box(&out)[last]]
    });
    report.batch("kand", "stoch14", || {
        let [mut fast, mut k, mut d] = [(); 3].map(|()| column());
        stoch::stoch(high, low, close, 14, 3, 3, &mut fast, &mut k, &mut d).unwrap();
        let out = black_box([&k, &d]);
        out.map(|column| column[last])
    });
}

fn stream(report: &Report, Bars { high, low, close, .. }: &Bars) {
    let end = close.len();
    let seed = &close[..SEED];
    let seeded = |compute: &dyn Fn(&mut [f64])| {
        let mut out = vec![0.0; SEED];
        compute(&mut out);
        out[SEED - 1]
    };
    let average = seeded(&|out| sma::sma(seed, 20, out).unwrap());
    report.stream("kand", "sma20", || {
        let mut sma = average;
        for i in SEED..end {
            sma = sma::sma_inc(sma, close[i], close[i - 20], 20).unwrap();
            consume(sma);
        }
        [sma]
    });
    let exponential = |period| seeded(&|out| ema::ema(seed, period, None, out).unwrap());
    let start = exponential(20);
    report.stream("kand", "ema20", || {
        let mut ema = start;
        for &x in &close[SEED..] {
            ema = ema::ema_inc(x, ema, 20, None).unwrap();
            consume(ema);
        }
        [ema]
    });
    let [mut out, mut gains, mut losses] = [(); 3].map(|()| vec![0.0; SEED]);
    rsi::rsi(seed, 14, &mut out, &mut gains, &mut losses).unwrap();
    report.stream("kand", "rsi14", || {
        let (mut gain, mut loss, mut rsi) = (gains[SEED - 1], losses[SEED - 1], 0.0);
        for i in SEED..end {
            (rsi, gain, loss) = rsi::rsi_inc(close[i], close[i - 1], gain, loss, 14).unwrap();
            consume(rsi);
        }
        [rsi]
    });
    let [mut line, mut signals, mut histogram, mut fasts, mut slows] = [(); 5].map(|()| vec![0.0; SEED]);
    macd::macd(seed, 12, 26, 9, &mut line, &mut signals, &mut histogram, &mut fasts, &mut slows).unwrap();
    report.stream("kand", "macd", || {
        let (mut fast, mut slow, mut signal) = (fasts[SEED - 1], slows[SEED - 1], signals[SEED - 1]);
        let mut last = [0.0; 3];
        for &x in &close[SEED..] {
            // The averages are kept apart, since the incremental function does not return them.
            fast = ema::ema_inc(x, fast, 12, None).unwrap();
            slow = ema::ema_inc(x, slow, 26, None).unwrap();
            signal = ema::ema_inc(fast - slow, signal, 9, None).unwrap();
            last = [fast - slow, signal, fast - slow - signal];
            consume(last);
        }
        last
    });
    let start = seeded(&|out| atr::atr(&high[..SEED], &low[..SEED], seed, 14, out).unwrap());
    report.stream("kand", "atr14", || {
        let mut atr = start;
        for i in SEED..end {
            atr = atr::atr_inc(high[i], low[i], close[i - 1], atr, 14).unwrap();
            consume(atr);
        }
        [atr]
    });
    let deviation = seed[SEED - 20..].iter().sum::<f64>();
    let squares = seed[SEED - 20..].iter().map(|x| x * x).sum::<f64>();
    report.stream("kand", "bbands20", || {
        let (mut sum, mut sum_of_squares) = (deviation, squares);
        let (mut mean, mut last) = (sum / 20.0, [0.0; 3]);
        for i in SEED..end {
            let out = bbands::bbands_inc(close[i], mean, sum, sum_of_squares, close[i - 20], 20, 2.0, 2.0);
            let (upper, middle, lower, average, new_sum, new_squares) = out.unwrap();
            (mean, sum, sum_of_squares) = (average, new_sum, new_squares);
            last = [upper, middle, lower];
            consume(last);
        }
        last
    });
}

/// Has an output made. A state that is used further goes in by copy, lest it wait
/// for the store.
#[inline(always)]
fn consume<T>(output: T) {
    black_box(&output);
}
