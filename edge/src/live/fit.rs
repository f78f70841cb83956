//! What was fitted to a symbol, kept by its Feed until the next fit is due.

use serde::{Deserialize, Serialize};
use tickwise_forecast::{Fitted, ForecastError, Forecaster};
use tickwise_market::Bar;

/// A fit, and what it was made from. The bars are known by their number and by the
/// revision of the tape: a corrected day or a split makes another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    model: String,
    revision: u64,
    first_ms: i64,
    fitted: Fitted,
}

impl Fit {
    /// Fits to closed daily bars of a tape's revision: takes some milliseconds.
    ///
    /// # Errors
    /// When there are too few bars, or a price is not positive.
    pub fn new(model: &Forecaster, bars: &[Bar], revision: u64) -> Result<Self, ForecastError> {
        let fitted = model.fit(bars)?;
        Ok(Self { model: model.manifest().id.clone(), revision, first_ms: first_ms(bars), fitted })
    }

    /// Whether it is what [`Self::new`] would make, also after it was stored.
    pub fn serves(&self, model: &Forecaster, bars: &[Bar], revision: u64) -> bool {
        self.model == model.manifest().id
            && (self.revision, self.first_ms) == (revision, first_ms(bars))
            && self.fitted.serves(bars)
    }

    /// For [`Forecaster::forecast_fitted`].
    pub fn fitted(&self) -> &Fitted {
        &self.fitted
    }
}

fn first_ms(bars: &[Bar]) -> i64 {
    bars.first().map_or(0, |bar| bar.time_ms)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]
mod tests {
    use jiff::civil::date;
    use tickwise_replay::Recording;

    use super::*;

    fn model() -> Forecaster {
        let dir = std::path::Path::new("../public/models");
        let id = std::fs::read_to_string(dir.join("current")).unwrap();
        let file = |name| std::fs::read(dir.join(id.trim()).join(name)).unwrap();
        Forecaster::load(&file("manifest.json"), &file("model.safetensors")).unwrap()
    }

    #[test]
    fn a_fit_serves_for_a_quarter_of_the_same_bars_and_model() {
        let recording = Recording::from_arrow(include_bytes!("../../../public/replay/IBM.arrow")).unwrap();
        let until = |day| recording.total_return_bars(day);
        let (model, bars) = (model(), until(date(2012, 9, 4)));
        let fit = Fit::new(&model, &bars, 7).unwrap();
        let stored = serde_json::to_string(&fit).unwrap();
        let read: Fit = serde_json::from_str(&stored).unwrap();
        assert!(read.serves(&model, &bars, 7));
        let (from_memory, from_store) = (
            model.forecast_fitted(&bars, fit.fitted()).unwrap(),
            model.forecast_fitted(&bars, read.fitted()).unwrap(),
        );
        for (a, b) in from_memory.quantiles.iter().flatten().zip(from_store.quantiles.iter().flatten()) {
            assert!((a - b).abs() < 1e-12);
        }

        let later = until(date(2012, 9, 28));
        assert!(read.serves(&model, &later, 7), "of the same quarter");
        let last = model.forecast_fitted(&later, read.fitted()).unwrap();
        assert_eq!(last.quantiles.len(), model.forecast(&later).unwrap().quantiles.len());
        assert!(!read.serves(&model, &until(date(2012, 10, 1)), 7), "the next quarter has begun");
        assert!(!read.serves(&model, &until(date(2012, 6, 29)), 7), "the clock went back");
        assert!(!read.serves(&model, &bars, 8), "a day was corrected");
        assert!(!read.serves(&model, &bars[1..], 7), "older bars have come");
        assert!(!Fit { model: "other".into(), ..read.clone() }.serves(&model, &bars, 7));
        assert!(serde_json::from_str::<Fit>(&stored[..stored.len() / 2]).is_err());
        for damage in [
            |fit: &mut Fitted| fit.sizes[2] = -1.0,
            |fit: &mut Fitted| fit.econometrics.shocks.truncate(10),
            |fit: &mut Fitted| fit.econometrics.gjr.variance = f64::NAN,
        ] {
            let mut damaged = read.clone();
            damage(&mut damaged.fitted);
            assert!(!damaged.serves(&model, &bars, 7));
        }
    }
}
