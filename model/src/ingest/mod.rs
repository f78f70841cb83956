//! Histories into a folder: from Alpha Vantage within a key's quota, or from what
//! the edge has archived.

mod archive;
mod files;
mod history;
mod journal;
mod store;
mod vendor;

pub use archive::{Summary, read};
pub use history::{History, YearMonth, now_ms};
pub use store::{Location, Store};
pub use vendor::Vendor;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Result, bail};
use indicatif::ProgressBar;
use jiff::Timestamp;
use tickwise_alphavantage::{Failure, Reply, Retry};
use tickwise_market::Symbol;
use tickwise_scheduler::{Limit, Plan, Purpose, Readiness};

use crate::progress;
use files::Written;
use journal::Journal;

/// How often a request is made before its failure counts.
const ATTEMPTS: u32 = 3;

/// After a failure that passes; three times as long after the next.
const BACKOFF_MS: i64 = 2_000;

/// What the manifest says.
const SOURCE: &str = "Alpha Vantage";

/// What became of a run that went through.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Fetched now.
    pub fetched: usize,
    /// Fetched before, with nothing new since.
    pub up_to_date: usize,
    /// Refused for good, and why.
    pub refused: Vec<String>,
}

/// Fetches what is not up to date, within the plan.
///
/// # Errors
/// When the day's requests are spent, or going on is useless: with what to do.
/// Everything fetched until then is stored.
pub fn fetch(vendor: &Vendor, plan: &Plan, histories: &[History], dir: &Path) -> Result<Outcome> {
    let mut run = Run { vendor, plan, dir, journal: Journal::open(dir)?, is_time_known: true };
    run.ask_time();
    let now_ms = run.now_ms();
    let is_new = |history: &&History| {
        let fetched_ms = run.journal.fetched_ms.get(&history.to_string());
        fetched_ms.is_none_or(|fetched_ms| !history.is_up_to_date(*fetched_ms, now_ms))
    };
    let wanted: Vec<&History> = histories.iter().filter(is_new).collect();
    let mut outcome = Outcome { up_to_date: histories.len() - wanted.len(), ..Outcome::default() };
    let bar = progress::bar(wanted.len(), "requests");
    let mut written = BTreeMap::new();
    let done = wanted.iter().try_for_each(|history| {
        bar.set_message(history.to_string());
        run.fetch(history, &bar, &mut outcome, &mut written)?;
        bar.inc(1);
        Ok(())
    });
    bar.finish_and_clear();
    // Also of a run that stopped half way.
    files::enter(dir, SOURCE, &written)?;
    match done {
        Ok(()) => Ok(outcome),
        Err(Stop::Spent(until_ms)) => bail!(
            "the day's requests are spent: {} of {} done; run the same command again after {}",
            outcome.fetched,
            wanted.len(),
            Timestamp::from_millisecond(until_ms)?
        ),
        Err(Stop::Useless(reason)) => bail!("{reason} ({} of {} done)", outcome.fetched, wanted.len()),
        Err(Stop::Broken(error)) => Err(error),
    }
}

/// Why a run does not go on.
enum Stop {
    /// The day's requests are spent, until then.
    Spent(i64),
    /// What comes next would fail alike.
    Useless(String),
    /// Something else than the vendor.
    Broken(anyhow::Error),
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

struct Run<'a> {
    vendor: &'a Vendor,
    plan: &'a Plan,
    dir: &'a Path,
    journal: Journal,
    is_time_known: bool,
}

impl Run<'_> {
    fn fetch(
        &mut self,
        history: &History,
        bar: &ProgressBar,
        outcome: &mut Outcome,
        written: &mut BTreeMap<Symbol, Written>,
    ) -> Result<(), Stop> {
        match self.ask(history, bar)? {
            Ok(reply) => {
                let now_ms = self.now_ms();
                let days = history.store(reply, now_ms, self.dir)?;
                written.extend(days.map(|days| (history.symbol.clone(), days)));
                self.journal.fetched_ms.insert(history.to_string(), now_ms);
                self.journal.save()?;
                outcome.fetched += 1;
                Ok(())
            }
            Err(failure) => {
                let reason = self.vendor.explain(&failure);
                match failure {
                    // Of this symbol alone.
                    Failure::InvalidCall | Failure::UnknownSymbol | Failure::NothingFound => {
                        outcome.refused.push(format!("{history}: {reason}"));
                        Ok(())
                    }
                    _ => Err(Stop::Useless(format!("{history}: {reason}"))),
                }
            }
        }
    }

    /// Asks until there is an answer or a failure that counts.
    fn ask(&mut self, history: &History, bar: &ProgressBar) -> Result<Result<Reply, Failure>, Stop> {
        let request = history.request(self.plan);
        let mut failures = 0;
        loop {
            self.wait_for_turn()?;
            // Counted before it leaves: a crash does not make it forgotten.
            let now_ms = self.now_ms();
            self.journal.budget.spend(now_ms);
            self.journal.save()?;
            let answered = self.vendor.ask(&request);
            self.witness(answered.vendor_ms);
            let failure = match answered.outcome {
                Ok(reply) => {
                    self.journal.budget.succeed();
                    return Ok(Ok(reply));
                }
                Err(failure) => failure,
            };
            let now_ms = self.now_ms();
            let limit = match failure {
                Failure::PerSecondLimit => Some(Limit::Second),
                Failure::PerMinuteLimit | Failure::UnspecifiedLimit => Some(Limit::Minute),
                Failure::PerDayLimit => Some(Limit::Day),
                _ => None,
            };
            if let Some(limit) = limit {
                self.journal.budget.notice(limit, now_ms, 0.0);
                self.journal.save()?;
                if limit == Limit::Day {
                    return Err(Stop::Spent(self.journal.budget.resets_ms(now_ms)));
                }
            }
            failures += 1;
            if failures == ATTEMPTS || !is_passing(&failure) {
                return Ok(Err(failure));
            }
            bar.set_message(format!("{history}, again after: {failure}"));
            if limit.is_none() {
                sleep(BACKOFF_MS * 3_i64.pow(failures - 1));
            }
        }
    }

    fn wait_for_turn(&mut self) -> Result<(), Stop> {
        loop {
            let now_ms = self.now_ms();
            match self.journal.budget.readiness(self.plan, Purpose::OnDemand, now_ms, self.is_time_known) {
                Readiness::Ready => return Ok(()),
                Readiness::Paced(at_ms) => sleep(at_ms - now_ms),
                Readiness::Spent(until_ms) => return Err(Stop::Spent(until_ms)),
                Readiness::TimeUnknown => self.ask_time(),
            }
        }
    }

    fn ask_time(&mut self) {
        let vendor_ms = self.vendor.time_ms();
        self.is_time_known = vendor_ms.is_some();
        self.witness(vendor_ms);
    }

    fn witness(&mut self, vendor_ms: Option<i64>) {
        if let Some(vendor_ms) = vendor_ms {
            self.journal.clock.witness(now_ms(), vendor_ms);
            self.journal.budget.witness(vendor_ms);
        }
    }

    /// By the vendor's clock, as far as it has told.
    fn now_ms(&self) -> i64 {
        self.journal.clock.now_ms(now_ms())
    }
}

/// Whether the same request may succeed a moment later.
fn is_passing(failure: &Failure) -> bool {
    // New words are for people to read, and what is too large will be again.
    let is_final = matches!(failure, Failure::Refused { .. } | Failure::TooLarge);
    !is_final && matches!(failure.retry(), Retry::AfterMs(_) | Retry::WithBackoff)
}

fn sleep(wait_ms: i64) {
    std::thread::sleep(Duration::from_millis(wait_ms.max(1).unsigned_abs()));
}
