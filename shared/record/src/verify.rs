use std::fmt;

use crate::{Anchor, Entry, Exclusion, Hash, Outcome, Record, ScoredEntry, Summary, record::scored};

/// Sums of a few numbers, in whatever order a compiler adds them.
const ROUNDING: f64 = 1e-12;

/// Something that does not follow from the entries before or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The entry, where it is about one.
    pub number: Option<u64>,
    /// The field, such as `hash` or `outcomes[5].realised`.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.number {
            write!(f, "entry {number}: ")?;
        }
        write!(f, "{}: {}", self.field, self.detail)
    }
}

/// Recomputes chain and scores. What was pruned or left out by a `limit` cannot
/// be checked; summaries can when every entry kept is there.
pub fn verify(record: &Record) -> Vec<Fault> {
    let mut checks = Checks::default();
    let first = record.entries.first().map(|first| first.entry.number);
    let is_complete = first.map_or(record.head == record.anchor, |first| first == record.anchor.number + 1);
    if record.anchor.number == 0 && record.anchor.hash != Hash::ZERO {
        checks.fault("anchor.hash", "nothing was pruned, so it has to be zeros");
    }
    let start = if is_complete { Some(record.anchor) } else { None };
    let end = chain(&mut checks, record, start);
    if let Some(end) = end.filter(|end| *end != record.head) {
        checks.number = None;
        checks.fault("head", format!("the last entry is {} with hash {}", end.number, end.hash));
    }
    let entries = record.entries.iter().map(|scored| scored.entry.clone()).collect();
    let expected = scored(entries);
    for (told, expected) in record.entries.iter().zip(&expected) {
        checks.number = Some(told.entry.number);
        scores(&mut checks, told, expected, is_complete);
    }
    checks.number = None;
    if is_complete {
        for (name, told, is_replayed) in [("live", &record.live, false), ("replayed", &record.replayed, true)]
        {
            if !is_same_summary(told, &Summary::of(&expected, is_replayed)) {
                checks.fault(name, "the summary does not follow from the entries");
            }
        }
    }
    checks.faults
}

/// The links; gives the last entry's place.
fn chain(checks: &mut Checks, record: &Record, start: Option<Anchor>) -> Option<Anchor> {
    let mut before = start;
    let mut issued_ms = i64::MIN;
    for ScoredEntry { entry, hash, .. } in &record.entries {
        checks.number = Some(entry.number);
        if let Some(before) = before {
            if entry.number != before.number + 1 {
                checks.fault("number", format!("expected {} after {}", before.number + 1, before.number));
            }
            if entry.previous != before.hash {
                checks.fault("previous", format!("the hash of the entry before is {}", before.hash));
            }
        }
        let expected = entry.hash();
        if *hash != expected {
            checks.fault("hash", format!("the entry's bytes give {expected}: its content was changed"));
        }
        if entry.issued_ms < issued_ms {
            checks.fault("issued_ms", "earlier than the entry before");
        }
        if entry.symbol != record.symbol {
            checks.fault("symbol", format!("expected {}", record.symbol));
        }
        shape(checks, entry);
        issued_ms = entry.issued_ms;
        before = Some(Anchor { number: entry.number, hash: *hash });
    }
    before
}

/// Whether it is a distribution at all.
fn shape(checks: &mut Checks, entry: &Entry) {
    let levels = entry.levels.len();
    let is_ascending = |row: &[f64]| row.is_sorted() && row.iter().all(|value| value.is_finite());
    for (name, rows) in [("quantiles", &entry.quantiles), ("naive", &entry.naive)] {
        for (index, row) in rows.iter().enumerate() {
            if row.len() != levels || !is_ascending(row) {
                checks.fault(format!("{name}[{index}]"), format!("expected {levels} ascending numbers"));
            }
        }
    }
    if entry.naive.len() != entry.quantiles.len() {
        checks.fault("naive", format!("expected {} horizons", entry.quantiles.len()));
    }
    let dates: Vec<_> = entry.closes.iter().map(|close| close.date).collect();
    if !dates.is_sorted_by(|a, b| a < b) || dates.last().is_some_and(|last| *last > entry.origin_date) {
        checks.fault("closes", "expected ascending days up to the origin");
    }
}

fn scores(checks: &mut Checks, told: &ScoredEntry, expected: &ScoredEntry, is_complete: bool) {
    // An entry that was left out may be the one that is repeated.
    let may_repeat = !is_complete && told.excluded == Some(Exclusion::Repeated);
    if told.excluded != expected.excluded && !(may_repeat && expected.excluded.is_none()) {
        checks.fault("excluded", format!("expected {:?}", expected.excluded));
    }
    if told.outcomes.len() != expected.outcomes.len() {
        checks.fault("outcomes", format!("{} days have closed since", expected.outcomes.len()));
    }
    for (told, expected) in told.outcomes.iter().zip(&expected.outcomes) {
        outcome(checks, told, expected);
    }
}

fn outcome(checks: &mut Checks, told: &Outcome, expected: &Outcome) {
    let at = expected.horizon - 1;
    for (name, told, expected) in [
        ("realised", told.realised, expected.realised),
        ("pinball", told.pinball, expected.pinball),
        ("naive_pinball", told.naive_pinball, expected.naive_pinball),
        ("pit", told.pit, expected.pit),
    ] {
        if !is_same(told, expected) {
            checks
                .fault(format!("outcomes[{at}].{name}"), format!("{told}, but the entries give {expected}"));
        }
    }
    let facts = |o: &Outcome| (o.horizon, o.date, o.inside_50, o.inside_80, o.inside_90);
    if facts(told) != facts(expected) {
        checks.fault(format!("outcomes[{at}]"), "horizon, date or coverage do not follow from the entries");
    }
}

fn is_same(told: f64, expected: f64) -> bool {
    (told - expected).abs() <= ROUNDING * expected.abs().max(1.0)
}

fn is_same_summary(told: &Summary, expected: &Summary) -> bool {
    (told.forecasts, told.origins, told.horizons.len())
        == (expected.forecasts, expected.origins, expected.horizons.len())
        && told.horizons.iter().zip(&expected.horizons).all(|(told, expected)| {
            (told.horizon, told.count) == (expected.horizon, expected.count)
                && is_same(told.pinball, expected.pinball)
                && is_same(told.naive_pinball, expected.naive_pinball)
                && is_same(told.inside_50, expected.inside_50)
                && is_same(told.inside_80, expected.inside_80)
                && is_same(told.inside_90, expected.inside_90)
        })
}

#[derive(Default)]
struct Checks {
    number: Option<u64>,
    faults: Vec<Fault>,
}

impl Checks {
    fn fault(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.faults.push(Fault { number: self.number, field: field.into(), detail: detail.into() });
    }
}
