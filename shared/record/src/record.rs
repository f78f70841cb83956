use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;

use crate::{Entry, Hash, Outcome, Summary, outcomes};

/// `GET /api/v1/predictions/{symbol}/record`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ForecastRecord"))]
pub struct Record {
    /// Symbol.
    pub symbol: Symbol,
    /// The entry before the oldest one kept; number 0 and zeros when none was pruned.
    pub anchor: Anchor,
    /// The newest entry of all.
    pub head: Anchor,
    /// Forecasts from live, delayed and end-of-day prices that count.
    pub live: Summary,
    /// Forecasts of replayed days that count, each day once.
    pub replayed: Summary,
    /// The newest entries, oldest first.
    pub entries: Vec<ScoredEntry>,
}

/// A place in the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Anchor {
    /// Number of an entry.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
}

/// An entry with its hash and what has become of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoredEntry {
    /// As issued.
    pub entry: Entry,
    /// SHA-256 of the entry's bytes.
    pub hash: Hash,
    /// Why it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<Exclusion>,
    /// By horizon, as far as days have closed.
    pub outcomes: Vec<Outcome>,
}

/// Why a forecast is no evidence of skill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// The model was trained on the days around its origin.
    InSample,
    /// Issued when the first day that it is about had closed.
    Late,
    /// An earlier entry has the same origin, such as that of an earlier lap.
    Repeated,
}

impl Record {
    /// Scores the entries that are kept, in the order of the chain; keeps the
    /// newest `limit` of them in the answer.
    pub fn new(symbol: Symbol, anchor: Anchor, kept: Vec<Entry>, limit: usize) -> Self {
        let mut entries = scored(kept);
        let head =
            entries.last().map_or(anchor, |last| Anchor { number: last.entry.number, hash: last.hash });
        let (live, replayed) = (Summary::of(&entries, false), Summary::of(&entries, true));
        entries.drain(..entries.len().saturating_sub(limit));
        Self { symbol, anchor, head, live, replayed, entries }
    }
}

impl fmt::Display for Record {
    /// The summaries in a sentence each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scored = [(&self.live, ""), (&self.replayed, "of replayed days ")];
        let sentences = scored.map(|(summary, which)| {
            let day = summary.horizons.first()?;
            Some(format!(
                "Of {} scored forecasts {which}for the next day {:.0} % fell inside 80 %; their loss is {:.1} % of a random walk's.",
                day.count,
                100.0 * day.inside_80,
                100.0 * day.pinball / day.naive_pinball,
            ))
        });
        match sentences.into_iter().flatten().collect::<Vec<_>>().join(" ") {
            text if text.is_empty() => f.write_str("No forecast of this symbol has been scored here yet."),
            text => f.write_str(&text),
        }
    }
}

/// Entries with their outcomes; the first of them has no earlier entry to repeat.
pub(crate) fn scored(kept: Vec<Entry>) -> Vec<ScoredEntry> {
    let mut seen = BTreeSet::new();
    let mut excluded = Vec::with_capacity(kept.len());
    for entry in &kept {
        let is_new = seen.insert((entry.is_replayed(), entry.origin_date));
        excluded.push(match entry {
            entry if entry.in_sample => Some(Exclusion::InSample),
            entry if entry.is_late() => Some(Exclusion::Late),
            _ if !is_new => Some(Exclusion::Repeated),
            _ => None,
        });
    }
    let later = |index: usize| kept.get(index + 1..).unwrap_or_default();
    let all: Vec<Vec<Outcome>> =
        kept.iter().enumerate().map(|(index, entry)| outcomes(entry, later(index))).collect();
    let rows = kept.into_iter().zip(excluded).zip(all);
    rows.map(|((entry, excluded), outcomes)| ScoredEntry { hash: entry.hash(), entry, excluded, outcomes })
        .collect()
}
