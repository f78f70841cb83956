use serde::{Deserialize, Serialize};

use super::Roc;
use crate::{Definition, Indicator, Parameter, Parameters, Registered, average::Wma, definition::change};

/// Coppock curve (Coppock 1962): the weighted average over `period` values of the sum
/// of two rates of change. Meant for months.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Coppock {
    average: Wma,
    short: Roc,
    long: Roc,
}

impl Coppock {
    /// Periods of at least 1: conventionally 10, 11 and 14.
    pub fn new(period: usize, short: usize, long: usize) -> Self {
        Self { average: Wma::new(period), short: Roc::new(short), long: Roc::new(long) }
    }
}

impl Indicator for Coppock {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, value: &f64) -> Option<f64> {
        let (short, long) = (self.short.update(value), self.long.update(value));
        self.average.update(&(short? + long?))
    }

    fn warm_up(&self) -> usize {
        self.short.warm_up().max(self.long.warm_up()) + self.average.warm_up() - 1
    }

    fn reset(&mut self) {
        self.average.reset();
        self.short.reset();
        self.long.reset();
    }
}

impl Registered for Coppock {
    const DEFINITION: Definition = Definition::own_pane(
        "coppock",
        "Coppock curve",
        &[Parameter::bars("period", 10.0), Parameter::bars("short", 11.0), Parameter::bars("long", 14.0)],
        &[change("coppock")],
    );

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.whole(0), parameters.whole(1), parameters.whole(2))
    }
}
