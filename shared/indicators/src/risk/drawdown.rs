use serde::{Deserialize, Serialize};

use crate::{Definition, Indicator, Memory, Parameters, Registered, definition::change, indicator::positive};

/// Drawdown in percent, 0 or below: `[drawdown, max_drawdown]`, how far the price
/// lies under its highest so far, and the deepest that has been.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drawdown {
    highest: f64,
    deepest: f64,
}

impl Indicator for Drawdown {
    type Input = f64;
    type Output = [f64; 2];

    fn update(&mut self, price: &f64) -> Option<[f64; 2]> {
        let price = positive(*price)?;
        self.highest = self.highest.max(price);
        let drawdown = 100.0 * (price / self.highest - 1.0);
        self.deepest = self.deepest.min(drawdown);
        Some([drawdown, self.deepest])
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl Registered for Drawdown {
    const DEFINITION: Definition =
        Definition::own_pane("drawdown", "Drawdown", &[], &[change("drawdown"), change("max_drawdown")])
            .remembering(Memory::Cumulative);

    fn from_parameters(_: Parameters<'_>) -> Self {
        Self::default()
    }
}
