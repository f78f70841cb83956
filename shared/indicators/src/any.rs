use tickwise_market::Bar;

use crate::{
    Indicator, Outputs, Spec,
    average::{Ema, Sma},
    momentum::{Macd, Rsi},
    volatility::{Atr, Bollinger},
};

/// Any indicator of the registry, fed with bars.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "one variant for each entry of the registry")]
pub enum AnyIndicator {
    Sma(Sma),
    Ema(Ema),
    Bollinger(Bollinger),
    Rsi(Rsi),
    Macd(Macd),
    Atr(Atr),
}

impl AnyIndicator {
    /// Builds what a specification names.
    pub fn new(spec: &Spec) -> Self {
        match spec.name() {
            "ema" => Self::Ema(Ema::new(spec.whole(0))),
            "bollinger" => Self::Bollinger(Bollinger::new(spec.whole(0), spec.parameter(1))),
            "rsi" => Self::Rsi(Rsi::new(spec.whole(0))),
            "macd" => Self::Macd(Macd::new(spec.whole(0), spec.whole(1), spec.whole(2))),
            "atr" => Self::Atr(Atr::new(spec.whole(0))),
            _ => Self::Sma(Sma::new(spec.whole(0))),
        }
    }

    /// Takes the next closed bar; `None` while warming up.
    pub fn update(&mut self, bar: &Bar) -> Option<Outputs> {
        match self {
            Self::Sma(sma) => sma.update(&bar.close).map(Into::into),
            Self::Ema(ema) => ema.update(&bar.close).map(Into::into),
            Self::Bollinger(bollinger) => bollinger.update(&bar.close).map(Into::into),
            Self::Rsi(rsi) => rsi.update(&bar.close).map(Into::into),
            Self::Macd(macd) => macd.update(&bar.close).map(Into::into),
            Self::Atr(atr) => atr.update(bar).map(Into::into),
        }
    }

    /// The outputs if the bar closed now, without changing the state.
    pub fn peek(&self, bar: &Bar) -> Option<Outputs> {
        self.clone().update(bar)
    }

    /// Number of bars up to and including the first with an output.
    pub fn warm_up(&self) -> usize {
        match self {
            Self::Sma(sma) => sma.warm_up(),
            Self::Ema(ema) => ema.warm_up(),
            Self::Bollinger(bollinger) => bollinger.warm_up(),
            Self::Rsi(rsi) => rsi.warm_up(),
            Self::Macd(macd) => macd.warm_up(),
            Self::Atr(atr) => atr.warm_up(),
        }
    }
}
