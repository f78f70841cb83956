//! Who spends the budget.

use jiff::civil::Date;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tickwise_market::{Calendar, Symbol};
use tickwise_scheduler::{
    Answer, Config, Entitlement, Failure, Ledger, Plan, Purpose, Readiness, Request, Scheduler, State, Step,
};

use crate::{
    Scenario,
    vendor::{MINUTE_MS, Reply, Vendor},
};

const DAY_MS: i64 = 86_400_000;

pub trait Spender {
    fn watch(&mut self, symbol: &Symbol, viewers: u32, now_ms: i64);
    /// Spends between two true times.
    fn work(&mut self, vendor: &mut Vendor, from_ms: i64, to_ms: i64, rng: &mut ChaCha8Rng);
    fn closed(&self, index: usize) -> Option<Date>;
    fn priced_ms(&self, index: usize) -> Option<i64>;
}

/// The scheduler under test: with a clock that jumps, a process that dies between
/// counting a request and reading its answer, and people who search.
pub struct Tickwise {
    scheduler: Scheduler,
    config: Config,
    has_bulk: bool,
    /// Whether the clock jumps, the process dies, and people search.
    is_disturbed: bool,
    /// Our clock minus the true one.
    skew_ms: i64,
    wake_ms: i64,
    rng: ChaCha8Rng,
}

impl Tickwise {
    pub fn new(scenario: &Scenario, symbols: &[Symbol]) -> Self {
        let Scenario { plan, entitlement, is_disturbed, seed, .. } = *scenario;
        let config = Config { plan, entitlement, symbols: symbols.to_vec() };
        Self {
            scheduler: Scheduler::new(config.clone(), None),
            config,
            has_bulk: entitlement == Entitlement::Realtime,
            is_disturbed,
            skew_ms: 0,
            wake_ms: 0,
            rng: ChaCha8Rng::seed_from_u64(seed + 3),
        }
    }

    fn restart(&mut self) {
        let stored = serde_json::to_string(self.scheduler.state()).unwrap();
        let state: State = serde_json::from_str(&stored).unwrap();
        self.scheduler = Scheduler::new(self.config.clone(), Some(state));
    }

    /// How often the process dies while it sends: a premium key sends a thousand times as often.
    fn deaths(&self) -> f64 {
        if self.config.plan.per_day.is_some() { 0.01 } else { 0.001 }
    }

    /// Where our clock jumps to: with a premium key not far, so that the days simulated
    /// have many jumps.
    fn jump(&mut self) {
        self.skew_ms = match (self.config.plan.per_day, self.rng.random_range(0..3)) {
            (_, 0) => 0,
            (Some(_), 1) => self.rng.random_range(-3 * DAY_MS..3 * DAY_MS),
            (Some(_), _) => self.rng.random_range(-400 * DAY_MS..400 * DAY_MS),
            (None, 1) => self.rng.random_range(-10_000..10_000),
            (None, _) => self.rng.random_range(-10 * MINUTE_MS..10 * MINUTE_MS),
        };
    }

    /// Sends a request; returns the true time after it.
    fn send(&mut self, request: &Request, vendor: &mut Vendor, mut now_ms: i64, rng: &mut ChaCha8Rng) -> i64 {
        self.scheduler.begin(now_ms + self.skew_ms);
        if self.is_disturbed && self.rng.random_bool(self.deaths()) {
            // Killed before or after the request left.
            if self.rng.random_bool(0.5) {
                vendor.answer(request, now_ms, rng);
            }
            self.restart();
            return now_ms + 2_000;
        }
        let reply = match request {
            Request::BulkQuotes { .. } if !self.has_bulk => Reply::Failure(Failure::NotInPlan),
            _ => vendor.answer(request, now_ms, rng),
        };
        now_ms += if self.rng.random_bool(0.01) { 15_000 } else { self.rng.random_range(50..400) };
        let own_ms = now_ms + self.skew_ms;
        if !matches!(&reply, Reply::Failure(Failure::Upstream { .. })) {
            self.scheduler.witness(own_ms, now_ms / 1_000 * 1_000);
        }
        let answer = match &reply {
            Reply::Failure(failure) => {
                self.scheduler.fail(request, failure, own_ms, self.rng.random());
                return now_ms;
            }
            Reply::Movers { date, prices } => Answer::Movers { date: *date, prices: prices.clone() },
            Reply::Quotes(prices) => Answer::Quotes { prices: prices.clone(), silent: Vec::new() },
            Reply::Days(bars) => Answer::Days(bars),
        };
        self.scheduler.succeed(request, &answer, own_ms);
        now_ms
    }

    fn disturb(&mut self, vendor: &mut Vendor, from_ms: i64, to_ms: i64, rng: &mut ChaCha8Rng) {
        let per_day = |times: f64| ((to_ms - from_ms) as f64 / DAY_MS as f64 * times).min(1.0);
        if !self.is_disturbed {
            return;
        }
        let jumps = if self.config.plan.per_day.is_some() { 0.1 } else { 50.0 };
        if self.rng.random_bool(per_day(jumps)) {
            self.jump();
        }
        if self.rng.random_bool(per_day(0.2)) {
            self.restart();
        }
        if self.rng.random_bool(per_day(6.0)) {
            let search = Request::Search { keywords: self.rng.random::<u16>().to_string() };
            if self.scheduler.admit(&search, from_ms + self.skew_ms).is_ok() {
                self.send(&search, vendor, from_ms, rng);
            }
        }
    }
}

impl Spender for Tickwise {
    fn watch(&mut self, symbol: &Symbol, viewers: u32, now_ms: i64) {
        self.scheduler.watch(symbol, viewers, now_ms + self.skew_ms);
    }

    fn work(&mut self, vendor: &mut Vendor, from_ms: i64, to_ms: i64, rng: &mut ChaCha8Rng) {
        self.disturb(vendor, from_ms, to_ms, rng);
        // Cron pokes every quarter of an hour, whatever the alarm is set to.
        if from_ms % (15 * MINUTE_MS) < to_ms - from_ms {
            self.wake_ms = self.wake_ms.min(from_ms);
        }
        let mut now_ms = from_ms.max(self.wake_ms);
        while now_ms < to_ms {
            let own_ms = now_ms + self.skew_ms;
            match self.scheduler.next(own_ms) {
                Step::Send(request) => now_ms = self.send(&request, vendor, now_ms, rng),
                Step::CheckClock if vendor.is_out(now_ms) || self.rng.random_bool(0.05) => {
                    self.scheduler.witness_failed(own_ms);
                    now_ms += 100;
                }
                Step::CheckClock => {
                    self.scheduler.witness(own_ms, now_ms / 1_000 * 1_000);
                    now_ms += 100;
                }
                Step::Wait { until_ms } => now_ms = until_ms - self.skew_ms,
            }
        }
        self.wake_ms = now_ms;
    }

    fn closed(&self, index: usize) -> Option<Date> {
        self.scheduler.holdings().get(&self.config.symbols[index])?.closed
    }

    fn priced_ms(&self, index: usize) -> Option<i64> {
        self.scheduler.holdings().get(&self.config.symbols[index])?.exchange_time_ms
    }
}

/// One symbol after the other, evenly over the day, within the same limits, with a
/// true clock and without dying: what a careful script does.
pub struct RoundRobin {
    plan: Plan,
    symbols: Vec<Symbol>,
    ledger: Ledger,
    next: usize,
    next_ms: i64,
    closed: Vec<Option<Date>>,
    priced_ms: Vec<Option<i64>>,
}

impl RoundRobin {
    pub fn new(plan: Plan, symbols: &[Symbol]) -> Self {
        Self {
            plan,
            ledger: Ledger::default(),
            next: 0,
            next_ms: 0,
            closed: vec![None; symbols.len()],
            priced_ms: vec![None; symbols.len()],
            symbols: symbols.to_vec(),
        }
    }
}

impl Spender for RoundRobin {
    fn watch(&mut self, _: &Symbol, _: u32, _: i64) {}

    fn work(&mut self, vendor: &mut Vendor, from_ms: i64, to_ms: i64, rng: &mut ChaCha8Rng) {
        let gap_ms = self.plan.stop_per_day().map_or(self.plan.gap_ms(), |stop| DAY_MS / i64::from(stop));
        self.next_ms = self.next_ms.max(from_ms);
        while self.next_ms < to_ms {
            let now_ms = self.next_ms;
            self.next_ms += gap_ms;
            self.ledger.witness(now_ms);
            if self.ledger.readiness(&self.plan, Purpose::OnDemand, now_ms, true) != Readiness::Ready {
                continue;
            }
            self.ledger.spend(now_ms);
            let index = self.next;
            self.next = (self.next + 1) % self.symbols.len();
            let request = Request::Quote { symbol: self.symbols[index].clone() };
            match vendor.answer(&request, now_ms, rng) {
                Reply::Quotes(prices) => {
                    self.ledger.succeed();
                    // With a free key a quote within the session is that of the day before.
                    let closed = prices.iter().map(|price| price.date).max();
                    let is_closed = Calendar::Nyse.session_at(now_ms).is_none();
                    self.closed[index] = self.closed[index].max(closed.filter(|_| is_closed));
                    self.priced_ms[index] = prices.iter().map(|price| price.exchange_time_ms).max();
                }
                Reply::Failure(Failure::Limited { limit }) => self.ledger.notice(limit, now_ms, rng.random()),
                _ => {}
            }
        }
    }

    fn closed(&self, index: usize) -> Option<Date> {
        self.closed[index]
    }

    fn priced_ms(&self, index: usize) -> Option<i64> {
        self.priced_ms[index]
    }
}
