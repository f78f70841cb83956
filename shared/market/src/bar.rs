use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Open, high, low, close and volume of one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bar {
    /// Start of the interval: for intraday bars the start of the second,
    /// minute or hour; for a day or longer the opening of its first session.
    pub time_ms: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Units traded; 0 where the source does not know.
    pub volume: f64,
}

/// Why five numbers are no bar. Retrying does not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidBar {
    /// A NaN or an infinity.
    #[error("a price or the volume is not a finite number")]
    NotFinite,
    /// `low <= open, close <= high` does not hold.
    #[error("open or close lies outside low..high")]
    OutOfRange,
    /// Volume below zero.
    #[error("the volume is negative")]
    NegativeVolume,
}

impl Bar {
    /// The bar of a single trade.
    pub fn from_trade(time_ms: i64, price: f64, size: f64) -> Self {
        Self { time_ms, open: price, high: price, low: price, close: price, volume: size }
    }

    /// Checks that the numbers are finite and in order. Negative prices are
    /// allowed: oil traded at -37 dollars in April 2020.
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn validated(self) -> Result<Self, InvalidBar> {
        let Self { open, high, low, close, volume, .. } = self;
        if ![open, high, low, close, volume].iter().all(|x| x.is_finite()) {
            return Err(InvalidBar::NotFinite);
        }
        if low > open.min(close) || high < open.max(close) {
            return Err(InvalidBar::OutOfRange);
        }
        if volume < 0.0 {
            return Err(InvalidBar::NegativeVolume);
        }
        Ok(self)
    }

    /// Extends the bar by a later one of the same interval.
    pub fn absorb(&mut self, later: &Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume += later.volume;
    }

    /// The bar with prices in proportion to another close, and the same volume.
    pub fn with_close(self, close: f64) -> Self {
        if close == self.close {
            return self;
        }
        let factor = close / self.close;
        Self { close, volume: self.volume, ..self.rescaled(factor) }
    }

    /// The bar with prices multiplied by `factor` and volume divided by it, as
    /// a split of `1 / factor` for one requires.
    pub fn rescaled(self, factor: f64) -> Self {
        Self {
            time_ms: self.time_ms,
            open: self.open * factor,
            high: self.high * factor,
            low: self.low * factor,
            close: self.close * factor,
            volume: self.volume / factor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(open: f64, high: f64, low: f64, close: f64, volume: f64) -> Bar {
        Bar { time_ms: 0, open, high, low, close, volume }
    }

    #[test]
    fn validation_names_the_broken_rule() {
        assert!(bar(1.0, 2.0, 0.5, 1.5, 0.0).validated().is_ok());
        assert!(bar(-37.0, 2.0, -40.0, 1.5, 1.0).validated().is_ok());
        assert_eq!(bar(f64::NAN, 2.0, 0.5, 1.5, 0.0).validated(), Err(InvalidBar::NotFinite));
        assert_eq!(bar(3.0, 2.0, 0.5, 1.5, 0.0).validated(), Err(InvalidBar::OutOfRange));
        assert_eq!(bar(1.0, 2.0, 0.5, 1.5, -1.0).validated(), Err(InvalidBar::NegativeVolume));
    }

    #[test]
    fn a_two_for_one_split_halves_prices_and_doubles_volume() {
        let halved = bar(10.0, 12.0, 8.0, 11.0, 100.0).rescaled(0.5);
        assert_eq!(halved, bar(5.0, 6.0, 4.0, 5.5, 200.0));
    }
}
