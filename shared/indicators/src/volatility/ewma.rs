use serde::{Deserialize, Serialize};

use crate::{
    Definition, Indicator, Memory, Parameter, Parameters, Registered, definition::number, indicator::positive,
};

/// Exponentially weighted variance of a bar's log return (RiskMetrics 1996). The
/// first squared return starts it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EwmaVariance {
    decay: f64,
    previous: Option<f64>,
    variance: Option<f64>,
}

impl EwmaVariance {
    /// `decay` is the weight of the variance so far: 0.94 in RiskMetrics.
    pub fn new(decay: f64) -> Self {
        Self { decay, previous: None, variance: None }
    }
}

impl Indicator for EwmaVariance {
    type Input = f64;
    type Output = f64;

    fn update(&mut self, price: &f64) -> Option<f64> {
        let log = positive(*price)?.ln();
        let square = (log - self.previous.replace(log)?).powi(2);
        let variance = self.variance.map_or(square, |old| self.decay * old + (1.0 - self.decay) * square);
        self.variance = Some(variance);
        Some(variance)
    }

    fn warm_up(&self) -> usize {
        2
    }

    fn decay(&self) -> f64 {
        self.decay
    }

    fn reset(&mut self) {
        self.previous = None;
        self.variance = None;
    }
}

impl Registered for EwmaVariance {
    const DEFINITION: Definition = Definition::own_pane(
        "ewma_variance",
        "Exponentially weighted variance",
        &[Parameter::real("decay", 0.94, 0.0, 1.0)],
        &[number("variance")],
    )
    .remembering(Memory::Recursive);

    fn from_parameters(parameters: Parameters<'_>) -> Self {
        Self::new(parameters.real(0))
    }
}
