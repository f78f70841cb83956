//! A vendor with a true clock: publishes closing prices some time after the close,
//! limits requests a second, a minute and a day, and fails now and then.

use std::collections::{BTreeMap, VecDeque};

use jiff::civil::Date;
use rand::{Rng, RngExt};
use tickwise_market::{Bar, Calendar, Session, Symbol};
use tickwise_scheduler::{Failure, Limit, Plan, Priced, Request};

pub const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Sessions before the first day.
const HISTORY: usize = 110;

pub struct Vendor {
    plan: Plan,
    delay_ms: i64,
    /// Which day the daily limit belongs to.
    day: Calendar,
    /// Requests by UTC day and by New York day, whichever the limit belongs to.
    counts: BTreeMap<(bool, Date), u32>,
    recent: VecDeque<i64>,
    /// Of each session: its bar's publication by true time.
    published: BTreeMap<Date, i64>,
    sessions: Vec<Session>,
    outages: Vec<(i64, i64)>,
    pub requests: u64,
    pub over_quota_days: usize,
    /// Requests refused because of the limit a second or a minute.
    pub bursts: u64,
}

pub enum Reply {
    Movers { date: Date, prices: Vec<Priced> },
    Quotes(Vec<Priced>),
    Days(Vec<Bar>),
    Failure(Failure),
}

impl Vendor {
    pub fn new(
        plan: Plan,
        delay_ms: i64,
        day: Calendar,
        from: Date,
        days: usize,
        rng: &mut impl Rng,
    ) -> Self {
        let dates = std::iter::successors(Some(from), |date| date.tomorrow().ok());
        let sessions: Vec<Session> =
            dates.filter_map(|date| Calendar::Nyse.session(date)).take(HISTORY + days).collect();
        let mut published = BTreeMap::new();
        let mut outages = Vec::new();
        for session in &sessions {
            // Mostly within two hours; sometimes late in the evening.
            let late_ms = if rng.random_bool(0.05) { rng.random_range(2 * HOUR_MS..7 * HOUR_MS) } else { 0 };
            let at_ms = session.close_ms + rng.random_range(10 * MINUTE_MS..110 * MINUTE_MS) + late_ms;
            published.insert(session.date, at_ms);
            if rng.random_bool(0.1) {
                let from_ms = session.open_ms + rng.random_range(0..24 * HOUR_MS);
                outages.push((from_ms, from_ms + rng.random_range(10 * MINUTE_MS..6 * HOUR_MS)));
            }
        }
        Self {
            plan,
            delay_ms,
            day,
            counts: BTreeMap::new(),
            recent: VecDeque::new(),
            published,
            sessions,
            outages,
            requests: 0,
            over_quota_days: 0,
            bursts: 0,
        }
    }

    pub fn span_ms(&self) -> (i64, i64) {
        (self.sessions[HISTORY].open_ms, self.sessions[self.sessions.len() - 1].close_ms)
    }

    /// The publication of the first session after `known` that is out by now.
    pub fn behind_since_ms(&self, known: Option<Date>, now_ms: i64) -> Option<i64> {
        let next = match known {
            Some(date) => self.published.range(date.tomorrow().unwrap()..).next(),
            None => self.published.iter().next(),
        };
        next.map(|(_, at_ms)| *at_ms).filter(|at_ms| *at_ms <= now_ms)
    }

    pub fn is_out(&self, now_ms: i64) -> bool {
        self.outages.iter().any(|(from_ms, to_ms)| (*from_ms..*to_ms).contains(&now_ms))
    }

    /// Answers at true time.
    pub fn answer(&mut self, request: &Request, now_ms: i64, rng: &mut impl Rng) -> Reply {
        self.requests += 1;
        for (utc, calendar) in [(true, Calendar::AlwaysOpen), (false, Calendar::Nyse)] {
            let count = self.counts.entry((utc, calendar.date_at(now_ms).unwrap())).or_default();
            *count += 1;
            self.over_quota_days += usize::from(self.plan.per_day.is_some_and(|limit| *count == limit + 1));
        }
        while self.recent.front().is_some_and(|sent| *sent <= now_ms - MINUTE_MS) {
            self.recent.pop_front();
        }
        let second = self.recent.iter().rev().take_while(|sent| **sent > now_ms - 1_000).count();
        self.recent.push_back(now_ms);
        if second >= self.plan.per_second as usize {
            self.bursts += 1;
            return Reply::Failure(Failure::Limited { limit: Limit::Second });
        }
        if self.plan.per_minute.is_some_and(|limit| self.recent.len() > limit as usize) {
            self.bursts += 1;
            return Reply::Failure(Failure::Limited { limit: Limit::Minute });
        }
        let today = self.counts.get(&(self.day == Calendar::AlwaysOpen, self.day.date_at(now_ms).unwrap()));
        // A stranger behind the same address may have used up the day.
        let strangers = self.plan.per_day.is_some() && rng.random_bool(0.002);
        if strangers || self.plan.per_day.is_some_and(|limit| *today.unwrap() > limit) {
            return Reply::Failure(Failure::Limited { limit: Limit::Day });
        }
        if self.is_out(now_ms) || rng.random_bool(0.02) {
            return Reply::Failure(Failure::Upstream { detail: "503".into() });
        }
        match rng.random_range(0..400) {
            0 => return Reply::Failure(Failure::Malformed { detail: "truncated".into() }),
            1 => return Reply::Failure(Failure::Refused { detail: "something new".into() }),
            _ => {}
        }
        self.data(request, now_ms, rng)
    }

    fn data(&self, request: &Request, now_ms: i64, rng: &mut impl Rng) -> Reply {
        let closed = self.sessions.partition_point(|session| session.close_ms <= now_ms);
        let is_out = |session: &&Session| self.published[&session.date] <= now_ms;
        let known = || self.sessions[..closed].iter().rev().filter(is_out);
        let Some(last) = known().next() else { return Reply::Failure(Failure::Unknown) };
        let priced = |symbol: &Symbol| Priced {
            symbol: symbol.clone(),
            date: last.date,
            exchange_time_ms: last.close_ms,
        };
        match request {
            Request::Movers => Reply::Movers { date: last.date, prices: Vec::new() },
            Request::Quote { .. } | Request::BulkQuotes { .. } => {
                let live = |symbol: &Symbol| match Calendar::Nyse.session_at(now_ms - self.delay_ms) {
                    Some(session) => Priced {
                        symbol: symbol.clone(),
                        date: session.date,
                        exchange_time_ms: now_ms - self.delay_ms,
                    },
                    None => priced(symbol),
                };
                Reply::Quotes(request.symbols().iter().map(live).collect())
            }
            _ => {
                let mut bar = |session: &&Session| {
                    Bar::from_trade(session.open_ms, 100.0 + rng.random_range(-2.0..2.0), 1_000.0)
                };
                let mut bars: Vec<Bar> = known().take(100).map(|session| bar(&session)).collect();
                bars.reverse();
                Reply::Days(bars)
            }
        }
    }
}
