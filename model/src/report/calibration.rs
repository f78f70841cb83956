//! What share of outcomes lay where the forecasts said it would.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tickwise_forecast::{ANCHORS, Distribution, LEVELS};

use crate::{bootstrap, walk::Origin};

/// Nominal shares of the central intervals.
pub const CENTRAL: [f64; 3] = [0.5, 0.8, 0.9];

/// Classes of the probability integral transform: what lies between the levels.
pub const CLASSES: usize = LEVELS.len() + 1;

/// A share with the ends of its 90 % interval.
pub type Share = [f64; 3];

/// The calibration at one horizon.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// Trading days.
    pub horizon: usize,
    /// Outcomes not above the quantile of each of [`LEVELS`].
    pub below: [Share; LEVELS.len()],
    /// Outcomes between two neighbouring levels.
    pub classes: [Share; CLASSES],
    /// Outcomes inside the intervals of [`CENTRAL`].
    pub inside: [Share; CENTRAL.len()],
    /// Outcomes with the sign that was the likelier one; those of zero do not count.
    pub signs: Share,
    /// Outcomes above zero.
    pub rises: Share,
}

/// A forecast and what came.
struct Known {
    date: Date,
    quantiles: [f64; LEVELS.len()],
    outcome: f64,
}

impl Calibration {
    /// At one of [`ANCHORS`], by index.
    pub fn new(origins: &[Origin], anchor: usize, horizon: usize) -> Self {
        let known: Vec<Known> = origins
            .iter()
            .filter_map(|origin| {
                let outcome = origin.outcomes.get(anchor).copied().flatten()?;
                Some(Known { date: origin.date, quantiles: *origin.model.get(anchor)?, outcome })
            })
            .collect();
        let quantile = |known: &Known, level: usize| known.quantiles.get(level).copied().unwrap_or(f64::NAN);
        let is_below = |known: &Known, level: usize| known.outcome <= quantile(known, level);
        let class = |known: &Known| (0..LEVELS.len()).filter(|level| !is_below(known, *level)).count();
        let is_up = |known: &Known| Distribution::from_quantiles(known.quantiles).p_up > 0.5;
        Self {
            horizon,
            below: std::array::from_fn(|level| share(&known, |known| Some(is_below(known, level)))),
            classes: std::array::from_fn(|index| share(&known, |known| Some(class(known) == index))),
            inside: [(2, 4), (1, 5), (0, 6)].map(|(low, high)| {
                share(&known, |known| {
                    Some((quantile(known, low)..=quantile(known, high)).contains(&known.outcome))
                })
            }),
            signs: share(&known, |known| {
                (known.outcome != 0.0).then(|| is_up(known) == (known.outcome > 0.0))
            }),
            rises: share(&known, |known| Some(known.outcome > 0.0)),
        }
    }

    /// At each of [`ANCHORS`] that has outcomes.
    pub fn all(origins: &[Origin]) -> Vec<Self> {
        let has_outcomes =
            |anchor: usize| origins.iter().any(|o| o.outcomes.get(anchor).is_some_and(Option::is_some));
        let anchors = ANCHORS.into_iter().enumerate().filter(|(anchor, _)| has_outcomes(*anchor));
        anchors.map(|(anchor, horizon)| Self::new(origins, anchor, horizon)).collect()
    }
}

/// Share of those that count.
fn share(known: &[Known], of: impl Fn(&Known) -> Option<bool>) -> Share {
    let mut by_date: BTreeMap<Date, (f64, f64)> = BTreeMap::new();
    for one in known {
        let date = by_date.entry(one.date).or_default();
        if let Some(hit) = of(one) {
            *date = (date.0 + f64::from(u8::from(hit)), date.1 + 1.0);
        }
    }
    let dates: Vec<(f64, f64)> = by_date.into_values().collect();
    bootstrap::interval(dates.len(), |chosen| {
        let (hits, count) = chosen
            .filter_map(|index| dates.get(index))
            .fold((0.0, 0.0), |(hits, count), date| (hits + date.0, count + date.1));
        hits / f64::max(count, 1.0)
    })
}

#[cfg(test)]
pub mod tests {
    use tickwise_forecast::blend::Anchors;

    use super::*;
    use crate::methods::NAMES;

    /// Forecasts uniform on 0 to 1 of outcomes that are uniform.
    pub fn origins(count: i32) -> Vec<Origin> {
        let forecast: Anchors = [LEVELS; ANCHORS.len()];
        let origin = |index: i32| Origin {
            series: (index % 2) as usize,
            date: jiff::civil::date(2012, 1, 2) + jiff::Span::new().days(index / 2),
            outcomes: [Some(f64::from(index * 37 % 100) / 100.0 + 0.005); ANCHORS.len()],
            model: forecast,
            others: [forecast.map(|row| row.map(|q| 2.0 * q - 0.5)); NAMES.len()],
        };
        (0..count).map(origin).collect()
    }

    #[test]
    fn uniform_outcomes_lie_where_uniform_forecasts_say() {
        let all = Calibration::all(&origins(200));
        assert_eq!(all.iter().map(|c| c.horizon).collect::<Vec<_>>(), ANCHORS);
        for c in &all {
            for ([share, low, high], level) in c.below.iter().zip(LEVELS) {
                assert!((share - level).abs() < 1e-9 && low <= share && share <= high, "{share} {level}");
            }
            assert!(
                c.inside.iter().zip(CENTRAL).all(|([share, ..], nominal)| (share - nominal).abs() < 1e-9)
            );
            assert!((c.classes.iter().map(|[share, ..]| share).sum::<f64>() - 1.0).abs() < 1e-9);
            assert_eq!((c.signs[0], c.rises[0]), (1.0, 1.0));
        }
    }

    #[test]
    fn a_horizon_without_outcomes_is_left_out() {
        let mut few = origins(3);
        few.iter_mut().for_each(|origin| origin.outcomes[3] = None);
        assert_eq!(Calibration::all(&few).len(), 3);
        assert!(Calibration::all(&[]).is_empty());
    }
}
