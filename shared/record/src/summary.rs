use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::iso_date;

use crate::{Outcome, ScoredEntry};

/// How the forecasts that count have done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Forecasts that count and of which at least one horizon has been scored.
    pub forecasts: usize,
    /// First and last origin of them.
    #[serde(default, with = "dates", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<[iso_date::IsoDate; 2]>"))]
    pub origins: Option<[Date; 2]>,
    /// By horizon, ascending; those that have been scored. Outcomes at longer
    /// horizons overlap, so that they weigh less than their count.
    pub horizons: Vec<HorizonScore>,
}

/// Means over the outcomes at one horizon.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HorizonScore {
    /// Trading days ahead.
    pub horizon: usize,
    /// Outcomes.
    pub count: usize,
    /// Mean pinball loss.
    pub pinball: f64,
    /// The same of the naive forecast.
    pub naive_pinball: f64,
    /// Share that fell inside the central 50 %.
    pub inside_50: f64,
    /// Share that fell inside the central 80 %.
    pub inside_80: f64,
    /// Share that fell inside the central 90 %.
    pub inside_90: f64,
}

impl Summary {
    /// Of replayed or of real prices; entries that are excluded do not count.
    pub(crate) fn of(entries: &[ScoredEntry], is_replayed: bool) -> Self {
        let counted = entries.iter().filter(|scored| {
            scored.entry.is_replayed() == is_replayed
                && scored.excluded.is_none()
                && !scored.outcomes.is_empty()
        });
        let mut summary = Self::default();
        for scored in counted {
            let date = scored.entry.origin_date;
            let [first, last] = summary.origins.unwrap_or([date; 2]);
            summary.origins = Some([first.min(date), last.max(date)]);
            summary.forecasts += 1;
            scored.outcomes.iter().for_each(|outcome| summary.add(outcome));
        }
        summary.horizons.iter_mut().for_each(HorizonScore::divide);
        summary
    }

    fn add(&mut self, outcome: &Outcome) {
        if self.horizons.len() < outcome.horizon {
            self.horizons.push(HorizonScore { horizon: outcome.horizon, ..HorizonScore::default() });
        }
        let Some(sums) = self.horizons.get_mut(outcome.horizon.saturating_sub(1)) else { return };
        sums.count += 1;
        sums.pinball += outcome.pinball;
        sums.naive_pinball += outcome.naive_pinball;
        sums.inside_50 += f64::from(outcome.inside_50);
        sums.inside_80 += f64::from(outcome.inside_80);
        sums.inside_90 += f64::from(outcome.inside_90);
    }
}

impl HorizonScore {
    fn divide(&mut self) {
        let count = self.count.max(1) as f64;
        let Self { pinball, naive_pinball, inside_50, inside_80, inside_90, .. } = self;
        for sum in [pinball, naive_pinball, inside_50, inside_80, inside_90] {
            *sum /= count;
        }
    }
}

/// `iso_date::pair` of what may be missing.
mod dates {
    use super::*;

    pub fn serialize<S: serde::Serializer>(dates: &Option<[Date; 2]>, to: S) -> Result<S::Ok, S::Error> {
        dates.map(|dates| dates.map(iso_date::format)).serialize(to)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<[Date; 2]>, D::Error> {
        iso_date::pair::deserialize(from).map(Some)
    }
}
