use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Memory, Parameter, Parameters, Registered,
    average::Ema,
    definition::{percent, period},
    momentum::share_of_gains,
    rolling::RollingMoments,
};

/// Relative volatility index (Dorsey 1993), 0 to 100: of the standard deviations of the
/// last `deviation` closes, smoothed by Wilder's average, the share of those at rising
/// closes. 50 while nothing has moved, as in TA-Lib.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RelativeVolatility {
    previous: Option<f64>,
    moments: RollingMoments,
    rising: Ema,
    falling: Ema,
}

impl RelativeVolatility {
    /// An average over `period` deviations, at least 1, of `deviation` values, at least 2.
    pub fn new(period: usize, deviation: usize) -> Self {
        Self {
            previous: None,
            moments: RollingMoments::new(deviation.max(2)),
            rising: Ema::wilder(period),
            falling: Ema::wilder(period),
        }
    }
}

impl Indicator for RelativeVolatility {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        if !value.is_finite() {
            return None;
        }
        let previous = self.previous.replace(*value);
        let deviation = self.moments.push(*value)?.deviation();
        let previous = previous?;
        let rising = self.rising.update(&if *value > previous { deviation } else { 0.0 });
        let falling = self.falling.update(&if *value < previous { deviation } else { 0.0 });
        let (rising, falling) = (rising?, falling?);
        Some(if rising + falling > 0.0 { share_of_gains(rising, falling) } else { 50.0 })
    }

    fn warm_up(&self) -> usize {
        self.moments.period() + self.rising.warm_up() - 1
    }

    fn decay(&self) -> f64 {
        self.rising.decay()
    }

    fn reset(&mut self) {
        self.previous = None;
        self.moments.clear();
        self.rising.reset();
        self.falling.reset();
    }
}

impl Registered for RelativeVolatility {
    const DEFINITION: Definition = Definition::own_pane(
        "rvi",
        "Relative volatility index",
        &[period(14.0), Parameter { min: 2.0, ..Parameter::bars("deviation", 10.0) }],
        &[percent("rvi")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1))
    }
}
