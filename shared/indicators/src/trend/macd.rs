use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Memory, Parameter, Parameters, Registered, average::Ema, definition::price,
};

/// Moving average convergence divergence (Appel 1979): `[macd, signal,
/// histogram]`, where macd is the fast less the slow exponential average and the
/// signal is macd's own average. Both averages start at the slow one's first
/// value, as TA-Lib's do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Macd {
    fast: usize,
    slow: usize,
    signal: usize,
    /// Values seen, up to the warm-up.
    seen: usize,
    fast_average: Ema,
    slow_average: Ema,
    signal_average: Ema,
}

impl Macd {
    /// Periods of at least 1; `fast` is the shorter of the first two, as in TA-Lib.
    pub fn new(fast: usize, slow: usize, signal: usize) -> Self {
        let (fast, slow) = (fast.min(slow).max(1), fast.max(slow).max(1));
        let signal = signal.max(1);
        Self {
            fast,
            slow,
            signal,
            seen: 0,
            fast_average: Ema::new(fast),
            slow_average: Ema::new(slow),
            signal_average: Ema::new(signal),
        }
    }

    /// Takes a value of the warm-up.
    #[inline(always)]
    fn begin(&mut self, value: f64) -> Option<[f64; 3]> {
        self.seen += 1;
        // The fast average skips the first values, so that both are seeded by the same last one.
        let fast = if self.seen + self.fast > self.slow { self.fast_average.push(value) } else { None };
        let slow = self.slow_average.push(value);
        let macd = fast? - slow?;
        let signal = self.signal_average.push(macd)?;
        Some([macd, signal, macd - signal])
    }

    /// The fast, the slow and the signal's average.
    pub(crate) fn averages(&self) -> [&Ema; 3] {
        [&self.fast_average, &self.slow_average, &self.signal_average]
    }
}

impl Indicator for Macd {
    type Input = f64;
    type Output = [f64; 3];

    #[inline(always)]
    fn update(&mut self, value: &f64) -> Option<[f64; 3]> {
        if !value.is_finite() {
            return None;
        }
        if self.seen < self.warm_up() {
            return self.begin(*value);
        }
        let macd = self.fast_average.advance(*value) - self.slow_average.advance(*value);
        let signal = self.signal_average.advance(macd);
        Some([macd, signal, macd - signal])
    }

    fn warm_up(&self) -> usize {
        self.slow + self.signal - 1
    }

    fn decay(&self) -> f64 {
        self.slow_average.decay().max(self.signal_average.decay())
    }

    fn reset(&mut self) {
        *self = Self::new(self.fast, self.slow, self.signal);
    }
}

impl Registered for Macd {
    const DEFINITION: Definition = Definition::own_pane(
        "macd",
        "Moving average convergence divergence",
        &[Parameter::bars("fast", 12.0), Parameter::bars("slow", 26.0), Parameter::bars("signal", 9.0)],
        &[price("macd"), price("signal"), price("histogram")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1), parameters.whole(2))
    }
}
