use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tickwise_market::{Bar, Symbol};

use crate::{
    Backoff, Circuits, Clock, Entitlement, Failure, Holding, Ledger, Plan, Purpose, Readiness, Refusals,
    Request,
    market_hours::{CALENDAR, is_closed, last_closed},
    refusals::UNKNOWN_MS,
    wanted::Wanted,
};

/// A viewer counts for so long after being reported.
pub const WATCH_MS: i64 = 15 * 60_000;

/// The longest time without looking whether there is something to do.
pub const HEARTBEAT_MS: i64 = 3_600_000;

/// How long closing prices that are not out yet are given.
const POSTPONE: Backoff = Backoff { first_ms: 45 * 60_000, longest_ms: 6 * 3_600_000 };

/// How long a symbol that has no price yet is not asked for a quote again.
const SILENT_MS: i64 = 60_000;

/// After the first answer by which the vendor does not know a symbol: it is known
/// to err so. The second in a row is final for [`UNKNOWN_MS`].
const DOUBT_MS: i64 = 15 * 60_000;

/// The most symbols served beside those of the settings.
pub const MAX_FOLLOWED: usize = 100;

/// How late in the day the closing prices of a session appear.
pub(crate) const SETTLE_MS: i64 = 60 * 60_000;

/// What is served, and by what right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The key's limits.
    pub plan: Plan,
    /// How fresh its prices are.
    pub entitlement: Entitlement,
    /// The symbols served.
    pub symbols: Vec<Symbol>,
}

/// All that has to survive a restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) ledger: Ledger,
    pub(crate) holdings: BTreeMap<Symbol, Holding>,
    pub(crate) closing: Closing,
    pub(crate) circuits: Circuits,
    pub(crate) refusals: Refusals,
}

/// How far the closing prices of a session have been fetched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Closing {
    /// The last session of which there are movers.
    pub movers: Option<Date>,
    /// Movers are not asked for before.
    pub movers_not_before_ms: i64,
    /// The session being fetched.
    pub session: Option<Date>,
    /// An answer has had that session's prices: they are out.
    pub is_out: bool,
    /// Stale answers before that.
    pub postponed: u32,
    /// Nothing is asked for before.
    pub not_before_ms: i64,
}

/// What to do next. Times are those of the caller's clock.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Count this request ([`Scheduler::begin`]), then send it.
    Send(Request),
    /// Ask the vendor's server for the time, which costs nothing.
    CheckClock,
    /// Nothing before this time, or before somebody watches another symbol.
    Wait {
        /// The time.
        until_ms: i64,
    },
}

/// What comes next, for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// The request; none while there is nothing to fetch.
    pub request: Option<Request>,
    /// When.
    pub at_ms: i64,
    /// Why not now.
    pub reason: Reason,
}

/// Why the next request does not leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It does.
    Due,
    /// All that is out has been fetched.
    UpToDate,
    /// Requests keep a distance.
    Paced,
    /// The budget of the day is spent, but for what is kept: for people's requests, or
    /// from them for prices.
    BudgetSpent,
    /// Too many failures.
    CircuitOpen,
    /// The vendor is asked for the time first.
    ClockUnknown,
}

/// A price in an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Priced {
    /// Symbol.
    pub symbol: Symbol,
    /// Trading day.
    pub date: Date,
    /// The exchange's time; for a closing price, the close.
    pub exchange_time_ms: i64,
}

/// What an answer has brought.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'a> {
    /// Movers of a session, and those among them that are served.
    Movers {
        /// Session.
        date: Date,
        /// Prices.
        prices: Vec<Priced>,
    },
    /// Prices; symbols that were asked for may be missing.
    Quotes {
        /// Prices.
        prices: Vec<Priced>,
        /// Symbols that the vendor knows and has no price for yet.
        silent: Vec<Symbol>,
    },
    /// Daily bars, ascending; the last may still be forming.
    Days(&'a [Bar]),
    /// Something without prices.
    Other,
}

/// Why a request of somebody who waits does not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Denied {
    /// The vendor did not know it within the last day.
    #[error("the vendor knows nothing of it")]
    Unknown,
    /// The plan does not include it.
    #[error("the key's plan does not include it")]
    NotInPlan,
    /// Later, by the caller's clock.
    #[error("the budget does not allow it now")]
    Later {
        /// When.
        at_ms: i64,
        /// Why.
        reason: Reason,
    },
}

/// Decides which request the budget is spent on. Does nothing by itself: the
/// caller sends what [`Scheduler::next`] names and tells what came of it, stores
/// [`Scheduler::state`] after [`Scheduler::begin`] and before sending, and passes
/// in its clock and its random numbers.
#[derive(Clone, Debug)]
pub struct Scheduler {
    state: State,
}

impl Scheduler {
    /// Goes on from a stored state, or starts anew. What the plan did not include
    /// is forgotten when the settings have changed; what has been spent is not.
    pub fn new(config: Config, saved: Option<State>) -> Self {
        let mut state = saved.unwrap_or_else(|| State::new(config.clone(), Ledger::default()));
        if (state.config.plan, state.config.entitlement) != (config.plan, config.entitlement) {
            state.circuits = Circuits::default();
            state.refusals = Refusals::default();
            // Another plan may have more of the past.
            for holding in state.holdings.values_mut() {
                holding.history_to = None;
            }
        }
        // What the settings have named until now goes; what was followed beside them stays.
        let left_out =
            |symbol: &Symbol| state.config.symbols.contains(symbol) && !config.symbols.contains(symbol);
        let left_out: Vec<Symbol> =
            state.holdings.keys().filter(|symbol| left_out(symbol)).cloned().collect();
        state.holdings.retain(|symbol, _| !left_out.contains(symbol));
        for symbol in &config.symbols {
            state.holdings.entry(symbol.clone()).or_default();
        }
        state.config = config;
        Self { state }
    }

    /// What has to be stored.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Serves a symbol that the settings do not name. Beyond [`MAX_FOLLOWED`] of them,
    /// the one that was watched longest ago gives way.
    pub fn follow(&mut self, symbol: &Symbol, own_ms: i64) {
        let State { holdings, config, clock, .. } = &mut self.state;
        let is_followed = |symbol: &Symbol| !config.symbols.contains(symbol);
        if holdings.contains_key(symbol) {
            return;
        }
        let followed = || holdings.iter().filter(|(symbol, _)| is_followed(symbol));
        if followed().count() >= MAX_FOLLOWED {
            let longest = followed().min_by_key(|(_, holding)| holding.watched_until_ms);
            if let Some(longest) = longest.map(|(symbol, _)| symbol.clone()) {
                holdings.remove(&longest);
            }
        }
        let watched_until_ms = clock.now_ms(own_ms) + WATCH_MS;
        holdings.insert(symbol.clone(), Holding { watched_until_ms, ..Holding::default() });
    }

    /// So many sockets follow a symbol now. Repeat it within [`WATCH_MS`].
    pub fn watch(&mut self, symbol: &Symbol, viewers: u32, own_ms: i64) {
        let now_ms = self.state.clock.now_ms(own_ms);
        if let Some(holding) = self.state.holdings.get_mut(symbol) {
            holding.viewers = viewers;
            holding.watched_until_ms = now_ms + WATCH_MS;
        }
    }

    /// What to do now.
    pub fn next(&mut self, own_ms: i64) -> Step {
        let now_ms = self.state.clock.now_ms(own_ms);
        self.state.ledger.observe(now_ms);
        let may_check = self.state.clock.next_check_ms(own_ms) <= own_ms;
        if self.state.clock.went_back(now_ms) && may_check {
            return Step::CheckClock;
        }
        let outlook = self.outlook(own_ms);
        match (outlook.request, outlook.reason) {
            (Some(request), Reason::Due) => Step::Send(request),
            (Some(_), Reason::ClockUnknown) => Step::CheckClock,
            _ => Step::Wait { until_ms: outlook.at_ms.clamp(own_ms + 1, own_ms + HEARTBEAT_MS) },
        }
    }

    /// What comes next and when, by the caller's clock.
    pub fn outlook(&self, own_ms: i64) -> Outlook {
        let now_ms = self.state.clock.now_ms(own_ms);
        let Wanted { request, later_ms } = self.state.wanted(now_ms);
        let (at_ms, reason) = match &request {
            Some((_, purpose)) => self.clearance(*purpose, own_ms),
            None => (later_ms, Reason::UpToDate),
        };
        // Something else may be due sooner than a day's leftovers.
        let at_ms = if at_ms > now_ms { at_ms.min(later_ms.max(now_ms)) } else { at_ms };
        let request = request.map(|(request, _)| request);
        Outlook { request, at_ms: at_ms.saturating_sub(now_ms - own_ms), reason }
    }

    /// Whether a request that somebody waits for may leave now.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self, request: &Request, own_ms: i64) -> Result<(), Denied> {
        let now_ms = self.state.clock.now_ms(own_ms);
        if self.state.refusals.is_excluded(request.function()) {
            return Err(Denied::NotInPlan);
        }
        if self.state.refusals.is_unknown(request, now_ms) {
            return Err(Denied::Unknown);
        }
        match self.clearance(Purpose::OnDemand, own_ms) {
            (_, Reason::Due | Reason::Paced) if self.state.is_kept(now_ms) => {
                Err(Denied::Later { at_ms: self.next_planned_ms(own_ms), reason: Reason::BudgetSpent })
            }
            (_, Reason::Due) => Ok(()),
            (at_ms, reason) => Err(Denied::Later { at_ms: at_ms.saturating_sub(now_ms - own_ms), reason }),
        }
    }

    /// When what is kept for planned requests may have become less, by the caller's clock.
    fn next_planned_ms(&self, own_ms: i64) -> i64 {
        self.outlook(own_ms).at_ms.saturating_add(self.state.config.plan.gap_ms())
    }

    /// When any request may leave (corrected time), and what it waits for.
    fn clearance(&self, purpose: Purpose, own_ms: i64) -> (i64, Reason) {
        let State { clock, ledger, circuits, config, .. } = &self.state;
        let now_ms = clock.now_ms(own_ms);
        let closes_ms = circuits.closes_ms(now_ms);
        if closes_ms > now_ms {
            return (closes_ms, Reason::CircuitOpen);
        }
        // Where the vendor has been asked in vain a minute passes before the next question.
        let time_is_known = clock.next_check_ms(own_ms) <= own_ms;
        match ledger.readiness(&config.plan, purpose, now_ms, time_is_known) {
            Readiness::Ready => (now_ms, Reason::Due),
            Readiness::Paced(at_ms) => (at_ms, Reason::Paced),
            Readiness::Spent(at_ms) if time_is_known => (at_ms, Reason::BudgetSpent),
            Readiness::Spent(_) => (now_ms + clock.next_check_ms(own_ms) - own_ms, Reason::BudgetSpent),
            Readiness::TimeUnknown => (now_ms, Reason::ClockUnknown),
        }
    }

    /// Counts a request. Store the state before the request leaves.
    pub fn begin(&mut self, own_ms: i64) {
        let now_ms = self.state.clock.now_ms(own_ms);
        self.state.ledger.spend(now_ms);
        self.state.clock.passed(now_ms);
    }

    /// The vendor's time, from the `Date` of any of its answers.
    pub fn witness(&mut self, own_ms: i64, vendor_ms: i64) {
        self.state.clock.witness(own_ms, vendor_ms);
        self.state.ledger.witness(vendor_ms);
        self.state.forget_the_future(self.state.clock.now_ms(own_ms));
    }

    /// The vendor has been asked for the time and did not answer.
    pub fn witness_failed(&mut self, own_ms: i64) {
        self.state.clock.witness_failed(own_ms);
    }

    /// A request was answered.
    pub fn succeed(&mut self, request: &Request, answer: &Answer<'_>, own_ms: i64) {
        let now_ms = self.state.clock.now_ms(own_ms);
        self.state.circuits.succeed();
        self.state.ledger.succeed();
        match answer {
            Answer::Movers { date, prices } => self.state.learn_movers(*date, prices, now_ms),
            Answer::Quotes { prices, silent } => self.state.learn_quotes(request, prices, silent, now_ms),
            Answer::Days(bars) => self.state.learn_days(request, bars, now_ms),
            Answer::Other => {}
        }
    }

    /// A request came to nothing. `jitter` is a random number in `0.0..1.0`.
    pub fn fail(&mut self, request: &Request, failure: &Failure, own_ms: i64, jitter: f64) {
        let now_ms = self.state.clock.now_ms(own_ms);
        let state = &mut self.state;
        // Of many symbols it says nothing about any: those that are unknown are left out.
        let unclear = Failure::Malformed { detail: "all symbols are called unknown".into() };
        let is_unclear = *failure == Failure::Unknown && request.symbols().len() > 1;
        let failure = if is_unclear { &unclear } else { failure };
        let is_least_fresh = state.entitlement() == Entitlement::None;
        let is_doubtful = *failure == Failure::Unknown && state.doubts_unknown(request);
        let wait_ms = |failures: u32| match failure {
            Failure::Unknown if is_doubtful => DOUBT_MS,
            Failure::Unknown => UNKNOWN_MS,
            // It would be refused again at once, for nothing less is asked for next.
            Failure::NotEntitled if is_least_fresh => UNKNOWN_MS,
            Failure::Limited { .. } | Failure::NotInPlan | Failure::NotEntitled => 0,
            _ => state.config.retry().wait_ms(failures, jitter),
        };
        match request {
            Request::Movers => state.closing.movers_not_before_ms = now_ms + wait_ms(3),
            _ => {
                for symbol in request.symbols() {
                    let Some(holding) = state.holdings.get_mut(symbol) else { continue };
                    holding.failures += 1;
                    holding.not_before_ms = now_ms + wait_ms(holding.failures);
                }
            }
        }
        match failure {
            Failure::Limited { limit } => state.ledger.notice(*limit, now_ms, jitter),
            Failure::Unknown if is_doubtful => state.suspect(request, now_ms, jitter),
            Failure::Unknown => state.refusals.add_unknown(request, now_ms),
            Failure::NotInPlan => state.refusals.exclude(request.function()),
            Failure::NotEntitled => state.refusals.set_unentitled(),
            _ => state.circuits.fail(failure, &state.config.plan, now_ms, jitter),
        }
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.state.config
    }

    /// What is spent.
    pub fn ledger(&self) -> &Ledger {
        &self.state.ledger
    }

    /// What has failed.
    pub fn circuits(&self) -> &Circuits {
        &self.state.circuits
    }

    /// What is known of each symbol.
    pub fn holdings(&self) -> &BTreeMap<Symbol, Holding> {
        &self.state.holdings
    }

    /// The time, corrected by the vendor's clock.
    pub fn now_ms(&self, own_ms: i64) -> i64 {
        self.state.clock.now_ms(own_ms)
    }

    /// How fresh prices are: what the settings say, unless the vendor has refused it.
    pub fn entitlement(&self) -> Entitlement {
        self.state.entitlement()
    }
}

impl Config {
    /// Waits after a failure of one request. One of a daily budget is dear.
    fn retry(&self) -> Backoff {
        match self.plan.per_day {
            Some(_) => Backoff { first_ms: 20 * 60_000, longest_ms: 6 * 3_600_000 },
            None => Backoff { first_ms: 2_000, longest_ms: 300_000 },
        }
    }
}

impl State {
    /// Where a state has been lost: the day counts as spent until the vendor's clock
    /// shows that another has begun.
    pub fn lost(config: &Config) -> Self {
        Self::new(config.clone(), Ledger::spent_by(&config.plan))
    }

    fn new(config: Config, ledger: Ledger) -> Self {
        Self {
            config,
            clock: Clock::default(),
            ledger,
            holdings: BTreeMap::new(),
            closing: Closing::default(),
            circuits: Circuits::default(),
            refusals: Refusals::default(),
        }
    }

    pub(crate) fn entitlement(&self) -> Entitlement {
        if self.refusals.is_unentitled() { Entitlement::None } else { self.config.entitlement }
    }

    fn learn_movers(&mut self, date: Date, prices: &[Priced], now_ms: i64) {
        self.learn_prices(prices, now_ms);
        match last_closed(now_ms, SETTLE_MS) {
            Some(session) if date < session.date => self.postpone(session.date, now_ms),
            _ => self.closing.movers = self.closing.movers.max(Some(date)),
        }
    }

    fn learn_quotes(&mut self, request: &Request, prices: &[Priced], silent: &[Symbol], now_ms: i64) {
        if let (Request::Quote { symbol }, [price]) = (request, prices)
            && self.quote_function().is_none()
        {
            let close = is_closed(price.date, now_ms).then_some((price.date, price.exchange_time_ms));
            return self.learn_close(symbol, close, now_ms);
        }
        self.learn_prices(prices, now_ms);
        for symbol in request.symbols() {
            let Some(holding) = self.holdings.get_mut(symbol) else { continue };
            if silent.contains(symbol) {
                holding.silent_until_ms = now_ms + SILENT_MS;
                holding.unknowns = 0;
            } else if prices.iter().all(|price| &price.symbol != symbol) {
                // Asked for together with others, and left out.
                holding.failures += 1;
                holding.not_before_ms = now_ms + HEARTBEAT_MS;
            }
        }
    }

    /// Counts an answer by which the vendor does not know a symbol; says whether it
    /// may be an error, since it is the first in a row.
    fn doubts_unknown(&mut self, request: &Request) -> bool {
        let symbol = request.symbols().first();
        let Some(holding) = symbol.and_then(|symbol| self.holdings.get_mut(symbol)) else { return false };
        holding.unknowns = holding.unknowns.saturating_add(1);
        holding.unknowns == 1
    }

    /// An answer by which a symbol is unknown that once was known says that the vendor
    /// is in trouble.
    fn suspect(&mut self, request: &Request, now_ms: i64, jitter: f64) {
        let holding = request.symbols().first().and_then(|symbol| self.holdings.get(symbol));
        if holding.is_some_and(|holding| holding.answered_ms.is_some()) {
            let failure = Failure::Malformed { detail: "a known symbol is called unknown".into() };
            self.circuits.fail(&failure, &self.config.plan, now_ms, jitter);
        }
    }

    fn learn_prices(&mut self, prices: &[Priced], now_ms: i64) {
        let delay_ms = self.entitlement().delay_ms();
        for Priced { symbol, date, exchange_time_ms } in prices {
            let Some(holding) = self.holdings.get_mut(symbol) else { continue };
            holding.answered(now_ms);
            holding.exchange_time_ms = holding.exchange_time_ms.max(Some(*exchange_time_ms));
            holding.failures = 0;
            holding.not_before_ms = 0;
            if is_closed(*date, now_ms - delay_ms) {
                holding.closed = holding.closed.max(Some(*date));
            }
        }
    }

    fn learn_days(&mut self, request: &Request, bars: &[Bar], now_ms: i64) {
        let Some(symbol) = request.symbols().first() else { return };
        let Some(holding) = self.holdings.get_mut(symbol) else { return };
        let sessions = || bars.iter().rev().filter_map(|bar| CALENDAR.session_at(bar.time_ms));
        let last = sessions().find(|session| session.close_ms <= now_ms);
        holding.measure(bars);
        holding.history_to = holding.history_to.max(last.map(|session| session.date));
        self.learn_close(symbol, last.map(|session| (session.date, session.close_ms)), now_ms);
    }

    /// The last closing price of a symbol, its day and its time: none that is newer is out.
    fn learn_close(&mut self, symbol: &Symbol, close: Option<(Date, i64)>, now_ms: i64) {
        let Some(holding) = self.holdings.get_mut(symbol) else { return };
        let date = close.map(|(date, _)| date);
        holding.answered(now_ms);
        holding.exchange_time_ms = holding.exchange_time_ms.max(close.map(|(_, time_ms)| time_ms));
        holding.closed = holding.closed.max(date);
        let Some(wanted) = last_closed(now_ms, SETTLE_MS) else { return };
        if date >= Some(wanted.date) {
            holding.failures = 0;
            holding.not_before_ms = 0;
            self.closing = Closing { session: Some(wanted.date), is_out: true, ..self.closing.clone() };
            return;
        }
        // Not out yet, or a symbol without a trade that day.
        holding.failures += 1;
        holding.not_before_ms = now_ms + POSTPONE.wait_ms(holding.failures, 1.0);
        self.postpone(wanted.date, now_ms);
    }

    /// An answer was stale: the others would be, unless one was not.
    fn postpone(&mut self, session: Date, now_ms: i64) {
        let closing = &mut self.closing;
        if closing.session != Some(session) {
            *closing = Closing {
                session: Some(session),
                movers: closing.movers,
                movers_not_before_ms: closing.movers_not_before_ms,
                ..Closing::default()
            };
        }
        if !closing.is_out {
            closing.postponed += 1;
            closing.not_before_ms = now_ms + POSTPONE.wait_ms(closing.postponed, 1.0);
        }
    }

    /// Times that a wrong clock has left behind hold nothing up.
    fn forget_the_future(&mut self, now_ms: i64) {
        let longest_ms = now_ms + 24 * 3_600_000;
        self.circuits.forget_the_future(now_ms);
        for holding in self.holdings.values_mut() {
            holding.answered_ms = holding.answered_ms.map(|answered| answered.min(now_ms));
            holding.not_before_ms = holding.not_before_ms.min(longest_ms);
            holding.silent_until_ms = holding.silent_until_ms.min(now_ms + SILENT_MS);
            holding.watched_until_ms = holding.watched_until_ms.min(now_ms + WATCH_MS);
        }
        self.closing.not_before_ms = self.closing.not_before_ms.min(longest_ms);
        self.closing.movers_not_before_ms = self.closing.movers_not_before_ms.min(longest_ms);
    }
}
