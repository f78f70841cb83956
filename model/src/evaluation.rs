//! Scores forecasts beside each other on the same outcomes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tickwise_forecast::{ANCHORS, Baseline, HorizonMetrics, LEVELS, blend::Anchors};

use crate::{
    bootstrap::{self, MIN_DATES},
    methods::NAMES,
    walk::Origin,
};

/// Log returns to basis points.
const BP: f64 = 10_000.0;

/// Forecasts of the same origins by others, with their name.
pub type Reference<'a> = (&'a str, &'a [Anchors]);

/// One loss.
#[derive(Clone, Copy, Debug)]
struct Loss {
    series: usize,
    date: Date,
    pinball: f64,
}

/// Losses of the model beside those of another method, by date.
struct Pairs {
    /// `[date]`: index of the series, own, other.
    dates: Vec<Vec<(usize, f64, f64)>>,
    symbols: usize,
}

/// A method's forecast of an origin with its index.
type Forecasts<'a> = Box<dyn Fn(usize, &Origin) -> Option<Anchors> + 'a>;

/// Everybody but the model: [`NAMES`], and the reference if there is one.
fn others<'a>(reference: Option<Reference<'a>>) -> Vec<(&'a str, Forecasts<'a>)> {
    let known = NAMES.into_iter().enumerate().map(|(index, name)| {
        let of: Forecasts = Box::new(move |_, origin| origin.others.get(index).copied());
        (name, of)
    });
    let given = reference.map(|(name, rows)| {
        let of: Forecasts = Box::new(move |index, _| rows.get(index).copied());
        (name, of)
    });
    known.chain(given).collect()
}

fn losses(origins: &[Origin], anchor: usize, of: &dyn Fn(usize, &Origin) -> Option<Anchors>) -> Vec<Loss> {
    let scored = origins.iter().enumerate().filter_map(|(index, origin)| {
        let quantiles = *of(index, origin)?.get(anchor)?;
        let outcome = origin.outcomes.get(anchor).copied().flatten()?;
        Some(Loss { series: origin.series, date: origin.date, pinball: pinball(&quantiles, outcome) })
    });
    scored.collect()
}

fn own_losses(origins: &[Origin], anchor: usize) -> Vec<Loss> {
    losses(origins, anchor, &|_, origin| Some(origin.model))
}

/// Metrics of the model at each of [`ANCHORS`], beside [`NAMES`] and the reference.
pub fn evaluate(origins: &[Origin], reference: Option<Reference>) -> Vec<HorizonMetrics> {
    let anchors = ANCHORS.into_iter().enumerate();
    anchors.map(|(anchor, horizon)| metrics(origins, reference, anchor, horizon)).collect()
}

fn metrics(
    origins: &[Origin],
    reference: Option<Reference>,
    anchor: usize,
    horizon: usize,
) -> HorizonMetrics {
    let own = own_losses(origins, anchor);
    let baseline = |(name, of): (&str, Forecasts)| {
        let other = losses(origins, anchor, &of);
        Baseline { name: name.into(), pinball_bp: mean(&other) * BP, skill: skill(&own, &other) }
    };
    HorizonMetrics {
        horizon,
        forecasts: own.len(),
        pinball_bp: mean(&own) * BP,
        coverage: coverage(origins, &[anchor]),
        baselines: others(reference).into_iter().map(baseline).collect(),
    }
}

/// Skill over each method, the mean over [`ANCHORS`], which are resampled together.
pub fn mean_skills(origins: &[Origin], reference: Option<Reference>) -> Vec<(String, [f64; 3])> {
    let others = others(reference).into_iter();
    others.map(|(name, of)| (name.to_owned(), mean_skill(origins, &of))).collect()
}

fn mean_skill(origins: &[Origin], of: &Forecasts) -> [f64; 3] {
    let dates: BTreeSet<Date> = origins.iter().map(|origin| origin.date).collect();
    let pairs = (0..ANCHORS.len())
        .map(|anchor| Pairs::new(&dates, &own_losses(origins, anchor), &losses(origins, anchor, of)));
    let pairs: Vec<Pairs> = pairs.filter(|pairs| pairs.symbols > 0).collect();
    bootstrap::interval(dates.len(), |chosen| {
        let chosen: Vec<usize> = chosen.collect();
        let skills = pairs.iter().map(|pairs| pairs.skill(&mut chosen.iter().copied()));
        skills.sum::<f64>() / pairs.len().max(1) as f64
    })
}

/// Skill over other forecasts of the same origins: at each of [`ANCHORS`], and the mean.
pub fn skills_over(origins: &[Origin], others: &[Anchors]) -> ([[f64; 3]; ANCHORS.len()], [f64; 3]) {
    let of: Forecasts = Box::new(|index, _| others.get(index).copied());
    let at = |anchor: usize| skill(&own_losses(origins, anchor), &losses(origins, anchor, &of));
    (std::array::from_fn(at), mean_skill(origins, &of))
}

/// The record of one symbol.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolMetrics {
    /// Index of the series.
    pub series: usize,
    /// Origins with an outcome at the first anchor.
    pub forecasts: usize,
    /// Skill over each method, the geometric mean over [`ANCHORS`].
    pub skills: Vec<f64>,
    /// Share of outcomes inside the central 50, 80 and 90 %, over all anchors.
    pub coverage: [f64; 3],
}

/// The record of each symbol.
pub fn by_symbol(origins: &[Origin], reference: Option<Reference>) -> Vec<SymbolMetrics> {
    let symbols: BTreeSet<usize> = origins.iter().map(|origin| origin.series).collect();
    let others = others(reference);
    let own: Vec<Vec<Loss>> = (0..ANCHORS.len()).map(|anchor| own_losses(origins, anchor)).collect();
    let theirs: Vec<Vec<Vec<Loss>>> = others
        .iter()
        .map(|(_, of)| (0..ANCHORS.len()).map(|anchor| losses(origins, anchor, of)).collect())
        .collect();
    let of = |series: usize| {
        let sum = |losses: &[Loss]| -> f64 {
            losses.iter().filter(|loss| loss.series == series).map(|loss| loss.pinball).sum()
        };
        let skill = |theirs: &Vec<Vec<Loss>>| {
            let pairs = own.iter().zip(theirs).map(|(own, other)| (sum(own), sum(other)));
            1.0 - mean_log_ratio(pairs).exp()
        };
        let its: Vec<Origin> = origins.iter().filter(|origin| origin.series == series).cloned().collect();
        SymbolMetrics {
            series,
            forecasts: own_losses(&its, 0).len(),
            skills: theirs.iter().map(skill).collect(),
            coverage: coverage(&its, &[0, 1, 2, 3]),
        }
    };
    symbols.into_iter().map(of).collect()
}

/// Share of outcomes at these anchors inside the model's central 50, 80 and 90 %.
fn coverage(origins: &[Origin], anchors: &[usize]) -> [f64; 3] {
    let known: Vec<(&[f64; 7], f64)> = origins
        .iter()
        .flat_map(|origin| anchors.iter().map(move |anchor| (origin, *anchor)))
        .filter_map(|(o, anchor)| Some((o.model.get(anchor)?, o.outcomes.get(anchor).copied().flatten()?)))
        .collect();
    [(2, 4), (1, 5), (0, 6)].map(|(low, high)| {
        let hits = known.iter().filter(|(row, y)| {
            row.get(low).zip(row.get(high)).is_some_and(|(low, high)| (low..=high).contains(&y))
        });
        hits.count() as f64 / known.len().max(1) as f64
    })
}

/// Mean over the levels (Koenker and Bassett 1978).
fn pinball(quantiles: &[f64; 7], outcome: f64) -> f64 {
    let loss = |(quantile, level): (&f64, f64)| {
        let error = outcome - quantile;
        (level * error).max((level - 1.0) * error)
    };
    quantiles.iter().zip(LEVELS).map(loss).sum::<f64>() / LEVELS.len() as f64
}

fn mean(losses: &[Loss]) -> f64 {
    losses.iter().map(|loss| loss.pinball).sum::<f64>() / losses.len().max(1) as f64
}

impl Pairs {
    fn new(dates: &BTreeSet<Date>, own: &[Loss], other: &[Loss]) -> Self {
        let mut by_date: BTreeMap<Date, Vec<(usize, f64, f64)>> =
            dates.iter().map(|date| (*date, Vec::new())).collect();
        for (own, other) in own.iter().zip(other) {
            by_date.entry(own.date).or_default().push((own.series, own.pinball, other.pinball));
        }
        let symbols = own.iter().map(|loss| loss.series + 1).max().unwrap_or(0);
        Self { dates: by_date.into_values().collect(), symbols }
    }

    /// `1 - exp(mean over symbols of ln(own / other))`, on these dates.
    fn skill(&self, chosen: &mut dyn Iterator<Item = usize>) -> f64 {
        let mut sums = vec![(0.0, 0.0); self.symbols];
        for (series, own, other) in chosen.filter_map(|index| self.dates.get(index)).flatten() {
            if let Some(sum) = sums.get_mut(*series) {
                *sum = (sum.0 + own, sum.1 + other);
            }
        }
        1.0 - mean_log_ratio(sums.into_iter()).exp()
    }
}

/// Of the pairs that are both positive.
fn mean_log_ratio(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let logs: Vec<f64> = pairs.filter(|(a, b)| *a > 0.0 && *b > 0.0).map(|(a, b)| (a / b).ln()).collect();
    logs.iter().sum::<f64>() / logs.len().max(1) as f64
}

/// Skill with its 90 % block-bootstrap interval.
fn skill(own: &[Loss], other: &[Loss]) -> [f64; 3] {
    let dates = own.iter().map(|loss| loss.date).collect();
    let pairs = Pairs::new(&dates, own, other);
    bootstrap::interval(pairs.dates.len(), |chosen| pairs.skill(chosen))
}

/// What to say where too few days of origins have outcomes for intervals to be judged by.
pub fn few_dates(origins: &[Origin]) -> Option<String> {
    let known = origins.iter().filter(|origin| origin.outcomes.iter().any(Option::is_some));
    match known.map(|origin| origin.date).collect::<BTreeSet<Date>>().len() {
        0 => Some("No outcome is known yet.".to_owned()),
        dates if dates < MIN_DATES => Some(format!(
            "Origins on {dates} days are too few for a verdict: on fewer than {MIN_DATES} the intervals are too narrow."
        )),
        _ => None,
    }
}

/// The metrics as a table for people.
pub fn table(metrics: &[HorizonMetrics]) -> String {
    let mut text = String::from("| days | forecasts | pinball bp | cover 50/80/90 % |");
    let names = metrics.first().map(|m| m.baselines.as_slice()).unwrap_or_default();
    names.iter().for_each(|baseline| text.push_str(&format!(" skill over {} |", baseline.name)));
    text.push_str("\n|---:|---:|---:|---:|");
    names.iter().for_each(|_| text.push_str("---:|"));
    for m in metrics {
        let [c50, c80, c90] = m.coverage.map(|share| share * 100.0);
        text.push_str(&format!(
            "\n| {} | {} | {:.2} | {c50:.1} {c80:.1} {c90:.1} |",
            m.horizon, m.forecasts, m.pinball_bp
        ));
        for baseline in &m.baselines {
            let [skill, low, high] = baseline.skill.map(|share| share * 100.0);
            text.push_str(&format!(" {skill:+.2} % ({low:+.2} to {high:+.2}) |"));
        }
    }
    let count = metrics.len().max(1) as f64;
    text.push_str("\n| mean | | | |");
    for index in 0..names.len() {
        let skills = metrics.iter().filter_map(|m| m.baselines.get(index)).map(|baseline| baseline.skill);
        text.push_str(&format!(" {:+.2} % |", 100.0 * skills.map(|[skill, ..]| skill).sum::<f64>() / count));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinball_of_a_median_is_half_the_absolute_error() {
        assert!((pinball(&[0.0; 7], 1.0) - LEVELS.iter().sum::<f64>() / 7.0).abs() < 1e-12);
        assert!((pinball(&[0.0; 7], -1.0) - pinball(&[0.0; 7], 1.0)).abs() < 1e-12, "levels are symmetric");
    }

    #[test]
    fn skill_is_the_geometric_mean_over_symbols() {
        let dates = || jiff::civil::date(2012, 1, 1).series(jiff::Span::new().days(1)).take(100);
        let losses = |by: [f64; 2]| -> Vec<Loss> {
            let loss = |date| [0, 1].map(|series| Loss { series, date, pinball: by[series] });
            dates().flat_map(loss).collect()
        };
        assert_eq!(skill(&losses([1.0, 2.0]), &losses([1.0, 2.0])), [0.0; 3]);
        let [skill, low, high] = skill(&losses([1.0, 1.0]), &losses([2.0, 8.0]));
        assert!((skill - 0.75).abs() < 1e-12 && low <= skill && skill <= high);
    }
}
