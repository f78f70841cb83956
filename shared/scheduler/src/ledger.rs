use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};
use tickwise_market::Calendar;

use crate::{Backoff, Plan};

/// The vendor's day is taken to turn this long after midnight.
const DAY_GUARD_MS: i64 = 60_000;

/// In the last hour of a day nothing is kept for requests that may not come.
const RELEASE_MS: i64 = 3_600_000;

/// Before the vendor has told the time. Years below 1 have no ISO date.
const NEVER: Date = date(1, 1, 1);

/// How long the first notice about requests a minute is respected, at least.
const MINUTE_MS: i64 = 60_000;

/// How long the first notice about requests a second is respected, at least.
const SECOND_MS: i64 = 2_000;

/// The longest that notices in a row are respected.
const LONGEST_HOLD_MS: i64 = 30 * 60_000;

/// Who wants a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Nobody looks at what it brings: only with what a day leaves over.
    Spare,
    /// Somebody looks at what it brings, or may soon.
    Planned,
    /// Somebody does.
    OnDemand,
}

/// What of the budget is spent. Counted before a request leaves, so that neither
/// a crash nor a lost answer makes it forget one.
///
/// When the vendor's day turns is not documented, so each request is charged to
/// the UTC day and to the New York day, and both have to have room. Days turn
/// only when the vendor's own clock says so ([`Ledger::witness`]): our clock,
/// whichever way it jumps, frees nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    utc: Day,
    new_york: Day,
    sent_ms: Option<i64>,
    held_until_ms: i64,
    /// Notices about requests a second or a minute since the last success.
    #[serde(default)]
    notices: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Day {
    calendar: Calendar,
    #[serde(with = "tickwise_market::iso_date")]
    date: Date,
    count: u32,
    /// Requests of which the vendor's clock has not shown that they belong to
    /// this day: they count for the next one too.
    unwitnessed: u32,
    /// The vendor has said that the day is over.
    closed: bool,
}

/// Whether a request may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Now.
    Ready,
    /// Not before this time: requests keep a distance.
    Paced(i64),
    /// Not before this time: the day's budget is spent.
    Spent(i64),
    /// A day seems to have turned: first ask the vendor for the time.
    TimeUnknown,
}

/// A limit that the vendor says has been reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Requests a second.
    Second,
    /// Requests a minute.
    Minute,
    /// Requests a day.
    Day,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::having_sent(0)
    }
}

impl Ledger {
    /// Where what was sent today has been forgotten: the day on which the vendor
    /// first tells the time is taken to be spent.
    pub fn spent_by(plan: &Plan) -> Self {
        Self::having_sent(plan.per_day.unwrap_or(0))
    }

    /// So many requests may belong to the day on which the vendor first tells the time.
    fn having_sent(count: u32) -> Self {
        let day = |calendar| Day { calendar, date: NEVER, count, unwitnessed: count, closed: false };
        Self {
            utc: day(Calendar::AlwaysOpen),
            new_york: day(Calendar::Nyse),
            sent_ms: None,
            held_until_ms: 0,
            notices: 0,
        }
    }

    /// Whether a request may leave at `now_ms`. `time_is_known` is false while the
    /// vendor does not answer when asked for the time; what is left of the last
    /// known day, margin included, may then be spent on asking it otherwise.
    pub fn readiness(&self, plan: &Plan, purpose: Purpose, now_ms: i64, time_is_known: bool) -> Readiness {
        if let Some(stop) = plan.stop_per_day() {
            let turned = self.days().iter().any(|day| day.has_turned(now_ms));
            let limit = match (turned, purpose) {
                (true, _) if time_is_known => return Readiness::TimeUnknown,
                (true, _) => plan.per_day.unwrap_or(stop),
                (false, Purpose::Spare | Purpose::Planned) if !self.is_ending(now_ms) => {
                    plan.planned_per_day().unwrap_or(stop)
                }
                (false, _) => stop,
            };
            let full = self.days().into_iter().filter(|day| day.closed || day.count >= limit);
            if let Some(opens_ms) = full.map(|day| day.next_ms(now_ms)).max() {
                let release_ms = self.utc.next_ms(now_ms) - RELEASE_MS - DAY_GUARD_MS;
                let kept_back = self.days().iter().all(|day| !day.closed && day.count < stop);
                return Readiness::Spent(if kept_back { opens_ms.min(release_ms) } else { opens_ms });
            }
        } else if self.days().iter().any(|day| day.closed && !day.has_turned(now_ms)) {
            return Readiness::Spent(self.utc.next_ms(now_ms).max(self.new_york.next_ms(now_ms)));
        }
        let paced_ms = self.sent_ms.map_or(now_ms, |sent| {
            // A time in the future was read before the clock was set back.
            sent.min(now_ms).saturating_add(plan.gap_ms())
        });
        let held_ms = self.held_until_ms.min(now_ms + LONGEST_HOLD_MS);
        match paced_ms.max(held_ms) {
            ready_ms if ready_ms <= now_ms => Readiness::Ready,
            ready_ms => Readiness::Paced(ready_ms),
        }
    }

    /// Forgets readings of a clock that has been set back, so that they hold
    /// nothing up for longer than they would have.
    pub fn observe(&mut self, now_ms: i64) {
        self.sent_ms = self.sent_ms.map(|sent| sent.min(now_ms));
        self.held_until_ms = self.held_until_ms.min(now_ms + LONGEST_HOLD_MS);
    }

    /// Counts a request that is about to leave.
    pub fn spend(&mut self, now_ms: i64) {
        self.sent_ms = Some(now_ms);
        for day in [&mut self.utc, &mut self.new_york] {
            day.count += 1;
            day.unwitnessed += 1;
        }
    }

    /// The vendor's own time: opens the days that have begun by it. What was sent
    /// since the last time counts for them too.
    pub fn witness(&mut self, vendor_ms: i64) {
        for day in [&mut self.utc, &mut self.new_york] {
            if let Some(date) = day.begun(vendor_ms) {
                *day = Day { date, count: day.unwitnessed, unwitnessed: 0, closed: false, ..day.clone() };
            } else if day.calendar.date_at(vendor_ms).is_some_and(|date| date <= day.date) {
                day.unwitnessed = 0;
            }
        }
    }

    /// The vendor has refused because of a limit, whatever our count says. Where it
    /// goes on refusing, strangers behind the same address spend what we wait for:
    /// each notice holds longer than the one before. `jitter` is in `0.0..1.0`.
    pub fn notice(&mut self, limit: Limit, now_ms: i64, jitter: f64) {
        let least_ms = match limit {
            Limit::Second => SECOND_MS,
            Limit::Minute => MINUTE_MS,
            Limit::Day => {
                self.utc.closed = true;
                self.new_york.closed = true;
                return;
            }
        };
        self.notices = self.notices.saturating_add(1);
        // A backoff waits half of it at least.
        let hold = Backoff { first_ms: 2 * least_ms, longest_ms: LONGEST_HOLD_MS };
        self.held_until_ms = self.held_until_ms.max(now_ms + hold.wait_ms(self.notices, jitter));
    }

    /// A request was answered: the vendor refuses no longer.
    pub fn succeed(&mut self) {
        self.notices = 0;
    }

    /// Requests counted for the current UTC day and New York day.
    pub fn spent(&self) -> [u32; 2] {
        [self.utc.count, self.new_york.count]
    }

    /// Requests left today; `None` without a daily limit.
    pub fn left(&self, plan: &Plan) -> Option<u32> {
        let stop = plan.stop_per_day()?;
        let left = |day: &Day| if day.closed { 0 } else { stop.saturating_sub(day.count) };
        Some(left(&self.utc).min(left(&self.new_york)))
    }

    /// When both days have turned.
    pub fn resets_ms(&self, now_ms: i64) -> i64 {
        self.utc.next_ms(now_ms).max(self.new_york.next_ms(now_ms))
    }

    fn days(&self) -> [&Day; 2] {
        [&self.utc, &self.new_york]
    }

    fn is_ending(&self, now_ms: i64) -> bool {
        self.utc.next_ms(now_ms) - now_ms <= RELEASE_MS + DAY_GUARD_MS
    }
}

impl Day {
    fn has_turned(&self, now_ms: i64) -> bool {
        self.begun(now_ms).is_some()
    }

    /// A later day that has begun, with the guard.
    fn begun(&self, time_ms: i64) -> Option<Date> {
        self.calendar.date_at(time_ms - DAY_GUARD_MS).filter(|date| *date > self.date)
    }

    /// The next turn of a day, with the guard.
    fn next_ms(&self, now_ms: i64) -> i64 {
        let today = self.calendar.date_at(now_ms - DAY_GUARD_MS);
        let midnight = today.and_then(|date| self.calendar.midnight_ms(date.tomorrow().ok()?));
        midnight.map_or(i64::MAX, |midnight| midnight + DAY_GUARD_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    fn spend_all(ledger: &mut Ledger, purpose: Purpose, now_ms: &mut i64) -> u32 {
        let mut sent = 0;
        while let Readiness::Ready | Readiness::Paced(_) =
            ledger.readiness(&Plan::FREE, purpose, *now_ms, true)
        {
            *now_ms += Plan::FREE.gap_ms();
            ledger.spend(*now_ms);
            ledger.witness(*now_ms);
            sent += 1;
        }
        sent
    }

    #[test]
    fn a_day_opens_when_both_zones_have_turned_by_the_vendors_clock() {
        let mut ledger = Ledger::default();
        let mut now_ms = ms("2026-03-02T22:00:00Z");
        let ready = |ledger: &Ledger, now| ledger.readiness(&Plan::FREE, Purpose::OnDemand, now, true);
        assert_eq!(ready(&ledger, now_ms), Readiness::TimeUnknown);
        ledger.witness(now_ms);
        assert_eq!(spend_all(&mut ledger, Purpose::Planned, &mut now_ms), 19);
        assert_eq!(spend_all(&mut ledger, Purpose::OnDemand, &mut now_ms), 4);
        let reopens_ms = ms("2026-03-03T05:01:00Z");
        assert_eq!(ready(&ledger, now_ms), Readiness::Spent(reopens_ms), "New York turns last");
        // UTC has turned and New York has not.
        let between_ms = ms("2026-03-03T01:00:00Z");
        assert_eq!(ready(&ledger, between_ms), Readiness::TimeUnknown);
        ledger.witness(between_ms);
        assert_eq!(ready(&ledger, between_ms), Readiness::Spent(reopens_ms));
        // Our clock alone opens nothing.
        assert_eq!(ready(&ledger, reopens_ms), Readiness::TimeUnknown);
        ledger.witness(reopens_ms);
        assert_eq!(ready(&ledger, reopens_ms), Readiness::Ready);
        assert_eq!(ledger.left(&Plan::FREE), Some(23));
    }

    #[test]
    fn what_got_no_answer_may_have_counted_for_the_next_day() {
        let mut ledger = Ledger::default();
        let now_ms = ms("2026-03-02T22:00:00Z");
        ledger.witness(now_ms);
        for _ in 0..3 {
            ledger.spend(now_ms);
        }
        // A moment after midnight too.
        ledger.witness(ms("2026-03-03T00:00:30Z"));
        ledger.witness(ms("2026-03-03T06:00:00Z"));
        assert_eq!(ledger.left(&Plan::FREE), Some(20));
    }

    #[test]
    fn going_back_in_time_frees_nothing_and_blocks_nothing() {
        let mut ledger = Ledger::default();
        let mut now_ms = ms("2026-03-02T22:00:00Z");
        ledger.witness(now_ms);
        spend_all(&mut ledger, Purpose::OnDemand, &mut now_ms);
        for back_ms in [1_000, 3_600_000, 86_400_000, 400 * 86_400_000] {
            ledger.witness(now_ms - back_ms);
            ledger.observe(now_ms - back_ms);
            assert_eq!(ledger.left(&Plan::FREE), Some(0));
        }
        let premium = Plan::premium(75);
        let past_ms = now_ms - 400 * 86_400_000;
        let ready = ledger.readiness(&premium, Purpose::OnDemand, past_ms, true);
        assert_eq!(ready, Readiness::Paced(past_ms + 840));
    }

    #[test]
    fn the_reserve_is_released_before_the_day_ends() {
        let mut ledger = Ledger::default();
        let mut now_ms = ms("2026-03-02T22:00:00Z");
        ledger.witness(now_ms);
        spend_all(&mut ledger, Purpose::Planned, &mut now_ms);
        let release_ms = ms("2026-03-02T23:00:00Z");
        let planned = |now| ledger.readiness(&Plan::FREE, Purpose::Planned, now, true);
        assert_eq!(planned(now_ms), Readiness::Spent(release_ms));
        assert_eq!(planned(release_ms), Readiness::Ready);
    }

    #[test]
    fn notices_hold_for_a_moment_a_minute_or_the_day() {
        let now_ms = ms("2026-03-02T22:00:00Z");
        for (limit, expected) in [
            (Limit::Second, Readiness::Paced(now_ms + 2_000)),
            (Limit::Minute, Readiness::Paced(now_ms + 60_000)),
            (Limit::Day, Readiness::Spent(ms("2026-03-03T05:01:00Z"))),
        ] {
            for plan in [Plan::FREE, Plan::premium(75)] {
                let mut ledger = Ledger::default();
                ledger.witness(now_ms);
                ledger.spend(now_ms - 5_000);
                ledger.notice(limit, now_ms, 0.0);
                assert_eq!(ledger.readiness(&plan, Purpose::OnDemand, now_ms, true), expected);
            }
        }
    }

    #[test]
    fn notices_in_a_row_hold_longer_until_a_success() {
        let now_ms = ms("2026-03-02T22:00:00Z");
        let mut ledger = Ledger::default();
        ledger.witness(now_ms);
        let mut held = |limit, jitter, answered| {
            if answered {
                ledger.succeed();
            }
            ledger.held_until_ms = 0;
            ledger.notice(limit, now_ms, jitter);
            match ledger.readiness(&Plan::premium(75), Purpose::OnDemand, now_ms, true) {
                Readiness::Paced(at_ms) => (at_ms - now_ms) / 1_000,
                other => panic!("{other:?}"),
            }
        };
        let seconds: Vec<i64> = (0..5).map(|_| held(Limit::Second, 0.0, false)).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32]);
        assert_eq!(held(Limit::Minute, 0.0, true), 60);
        assert_eq!(held(Limit::Minute, 0.5, false), 180, "between two minutes and four");
        let longest = (0..40).map(|_| held(Limit::Minute, 1.0, false)).max();
        assert_eq!(longest, Some(1_800));
        assert_eq!(held(Limit::Second, 0.0, true), 2);
    }

    #[test]
    fn what_was_forgotten_counts_as_spent_until_a_day_begins() {
        let mut ledger = Ledger::spent_by(&Plan::FREE);
        let now_ms = ms("2026-03-02T22:00:00Z");
        let ready = |ledger: &Ledger, now| ledger.readiness(&Plan::FREE, Purpose::OnDemand, now, true);
        assert!(matches!(
            ledger.readiness(&Plan::FREE, Purpose::OnDemand, now_ms, false),
            Readiness::Spent(_)
        ));
        ledger.witness(now_ms);
        ledger.witness(now_ms + 60_000);
        let reopens_ms = ms("2026-03-03T05:01:00Z");
        assert_eq!(ready(&ledger, now_ms), Readiness::Spent(reopens_ms));
        ledger.witness(reopens_ms);
        assert_eq!(ledger.left(&Plan::FREE), Some(23));
    }

    #[test]
    fn while_the_time_is_unknown_only_the_margin_is_left() {
        let mut ledger = Ledger::default();
        let mut now_ms = ms("2026-03-02T22:00:00Z");
        ledger.witness(now_ms);
        spend_all(&mut ledger, Purpose::OnDemand, &mut now_ms);
        let tomorrow_ms = now_ms + 86_400_000;
        let ready = |ledger: &Ledger, now| ledger.readiness(&Plan::FREE, Purpose::OnDemand, now, false);
        for more in 0..2 {
            assert_eq!(ready(&ledger, tomorrow_ms + more * 10_000), Readiness::Ready);
            ledger.spend(tomorrow_ms + more * 10_000);
        }
        assert!(matches!(ready(&ledger, tomorrow_ms + 60_000), Readiness::Spent(_)));
    }
}
