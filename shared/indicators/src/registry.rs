use serde::{Deserialize, Serialize};
use tickwise_market::Bar;

use crate::{
    Definition, Indicator, OfBar, Outputs, Registered, Spec,
    average::{Dema, Ema, Hma, Kama, Sma, Tema, Vwma, Wma, Zlema},
    definition::Parameters,
    levels::{CamarillaPivots, ClassicPivots, FibonacciPivots},
    momentum::{
        Cci, Coppock, Momentum, Ppo, Pvo, Roc, Rsi, Stochastic, StochasticRsi, Trix, TrueStrength, WilliamsR,
    },
    risk::{Drawdown, Sharpe, Sortino, ZScore},
    trend::{Adx, Aroon, Dmi, Ichimoku, LinearRegression, Macd, ParabolicSar, Supertrend, Vortex},
    volatility::{
        Atr, Bollinger, BollingerWidth, CloseToClose, Donchian, EwmaVariance, GarmanKlass, Keltner,
        Parkinson, PercentB, RelativeVolatility, RogersSatchell, YangZhang,
    },
    volume::{
        AccumulationDistribution, AnchoredVwap, ChaikinMoneyFlow, MoneyFlowIndex, Obv, SessionVwap,
        VolumeProfile,
    },
};

macro_rules! registry {
    ($($indicator:ident),* $(,)?) => {
        /// Every indicator that is fed with the bars of one symbol.
        pub static REGISTRY: &[Definition] = &[$($indicator::DEFINITION),*];

        /// In the order of the registry.
        static CONSTRUCTORS: &[fn(Parameters<'_>) -> AnyIndicator] =
            &[$(|parameters| AnyIndicator::$indicator($indicator::from_parameters(parameters))),*];

        /// Any indicator of the registry, fed with bars.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "one variant for each entry of the registry")]
        pub enum AnyIndicator {
            $($indicator($indicator)),*
        }

        impl AnyIndicator {
            fn update_any(&mut self, bar: &Bar) -> Option<Outputs> {
                match self {
                    $(Self::$indicator(indicator) => indicator.update(OfBar::of(bar)).map(Into::into)),*
                }
            }

            /// Number of bars up to and including the first with an output.
            pub fn warm_up(&self) -> usize {
                match self {
                    $(Self::$indicator(indicator) => indicator.warm_up()),*
                }
            }

            /// What is left of a bar's weight with each later one: see [`Indicator::decay`].
            pub fn decay(&self) -> f64 {
                match self {
                    $(Self::$indicator(indicator) => indicator.decay()),*
                }
            }

            /// Back to the state after construction.
            pub fn reset(&mut self) {
                match self {
                    $(Self::$indicator(indicator) => indicator.reset()),*
                }
            }
        }
    };
}

registry! {
    Sma, Ema, Wma, Dema, Tema, Hma, Kama, Vwma, Zlema,
    Bollinger, Keltner, Donchian, LinearRegression, ParabolicSar, Supertrend, Ichimoku,
    SessionVwap, AnchoredVwap, VolumeProfile, ClassicPivots, FibonacciPivots, CamarillaPivots,
    Rsi, Macd, Ppo, Stochastic, StochasticRsi, Cci, WilliamsR, Roc, Momentum, Coppock, Trix, TrueStrength, Adx, Dmi, Aroon,
    Vortex,
    Atr, PercentB, BollingerWidth, CloseToClose, Parkinson, GarmanKlass, RogersSatchell, YangZhang, EwmaVariance,
    RelativeVolatility,
    Obv, AccumulationDistribution, ChaikinMoneyFlow, MoneyFlowIndex, Pvo,
    Drawdown, Sharpe, Sortino, ZScore,
}

/// How an entry of the registry is built.
pub(crate) type Constructor = fn(Parameters<'_>) -> AnyIndicator;

/// The entry of a name.
pub(crate) fn find(name: &str) -> Option<(&'static Definition, Constructor)> {
    REGISTRY
        .iter()
        .zip(CONSTRUCTORS)
        .find(|(definition, _)| definition.name == name)
        .map(|(d, build)| (d, *build))
}

impl AnyIndicator {
    /// Builds what a specification names.
    pub fn new(spec: &Spec) -> Self {
        spec.build()
    }

    /// Takes the next closed bar; `None` while warming up, and where numbers
    /// beyond the range of `f64` leave no finite answer.
    pub fn update(&mut self, bar: &Bar) -> Option<Outputs> {
        self.update_any(bar).filter(|outputs| outputs.as_slice().iter().all(|value| value.is_finite()))
    }

    /// The outputs if the bar closed now, without changing the state.
    pub fn peek(&self, bar: &Bar) -> Option<Outputs> {
        self.clone().update(bar)
    }
}
