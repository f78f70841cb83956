//! Spends the budget of a key: asks the vendor, tells the Feeds.

mod learned;
mod status;
mod store;
mod vendor;

pub use status::{market_hours, replay};
pub use store::Named;

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use serde::{Deserialize, Serialize};
use tickwise_market::Symbol;
use tickwise_protocol::service::{Fetched, ServiceStatus};
use tickwise_scheduler::{self as budget, Answer, Denied, Failure, Reason, Step};
use worker::{Date, Delay, DurableObject, Env, Request, Response, State, Stub, durable_object, js_sys};

use self::{
    learned::{Context, Learned},
    store::{Kept, LastPrice, Parcel, Store},
    vendor::{Answered, Vendor},
};
use super::publication::call;
use crate::{
    api::respond,
    config::{self, LiveConfig},
    error::EdgeError,
};

/// Somebody who waits for an answer waits at most this long for their turn.
const PATIENCE_MS: i64 = 5_000;

/// After an alarm that failed, or a Feed that did not take its prices.
const RETRY_MS: i64 = 60_000;

/// What the key's plan does not include today it will not include soon.
const DAY_MS: i64 = 86_400_000;

/// One per key. Its alarm works by itself; a cron trigger only pokes it.
#[durable_object]
pub struct Scheduler {
    inner: Rc<Inner>,
}

struct Inner {
    state: State,
    env: Env,
    open: OnceCell<Open>,
    flights: RefCell<HashMap<budget::Request, Flight>>,
}

/// Identical requests share one.
type Flight = Shared<LocalBoxFuture<'static, Result<(), Failure>>>;

struct Open {
    store: Store,
    vendor: Vendor,
    clock_offset_ms: i64,
    decisions: RefCell<budget::Scheduler>,
}

/// Body of `/watch`: sockets that follow a symbol.
#[derive(Debug, Serialize, Deserialize)]
struct Watch {
    symbol: Symbol,
    viewers: u32,
}

impl DurableObject for Scheduler {
    fn new(state: State, env: Env) -> Self {
        Self { inner: Rc::new(Inner { state, env, open: OnceCell::new(), flights: RefCell::default() }) }
    }

    async fn fetch(&self, request: Request) -> worker::Result<Response> {
        respond(self.inner.handle(request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let wait_ms = match self.inner.step().await {
            Ok(wait_ms) => wait_ms,
            Err(error) => {
                crate::console::error(format_args!("scheduler: {error}"));
                RETRY_MS
            }
        };
        // A number is an offset from now, not an instant.
        self.inner.state.storage().set_alarm(wait_ms.max(1)).await?;
        Response::empty()
    }
}

impl Inner {
    async fn handle(self: &Rc<Self>, mut request: Request) -> Result<Response, EdgeError> {
        // Also where no cron trigger ever fires, as in local development.
        if self.state.storage().get_alarm().await?.is_none() {
            self.wake().await?;
        }
        match request.path().as_str() {
            "/poke" => self.wake().await?,
            "/watch" => {
                let Watch { symbol, viewers } = request.json().await?;
                let open = self.open()?;
                open.decisions.borrow_mut().watch(&symbol, viewers, open.own_ms());
                self.wake().await?;
            }
            "/served" => {
                let symbol: Symbol = request.json().await?;
                return Ok(Response::from_json(&self.served(&symbol).await?)?);
            }
            "/symbols" => return Ok(Response::from_json(&self.symbols()?)?),
            "/status" => {
                let open = self.open()?;
                let status: ServiceStatus =
                    status::live(&open.decisions.borrow(), &open.store.last_prices()?, open.own_ms());
                return Ok(Response::from_json(&status)?);
            }
            "/ask" => return self.answer(&request.json().await?).await,
            path => return Err(EdgeError::UnknownPath(path.into())),
        }
        Ok(Response::empty()?)
    }

    fn open(&self) -> Result<&Open, EdgeError> {
        if let Some(open) = self.open.get() {
            return Ok(open);
        }
        let config = LiveConfig::from_env(&self.env)?.ok_or(EdgeError::NoLiveSource)?;
        let store = Store::open(&self.state.storage())?;
        let saved = store.state(&config.budget)?;
        let decisions = budget::Scheduler::new(config.budget, saved);
        Ok(self.open.get_or_init(|| Open {
            store,
            vendor: Vendor { url: config.url, key: config.key },
            clock_offset_ms: config.clock_offset_ms,
            decisions: RefCell::new(decisions),
        }))
    }

    /// The name of a symbol that is served: one of the settings, or one that the
    /// vendor has told of, which from now on is fetched too.
    async fn served(&self, symbol: &Symbol) -> Result<Option<Named>, EdgeError> {
        let open = self.open()?;
        let is_held = open.decisions.borrow().holdings().contains_key(symbol);
        let name = open.store.name(symbol)?;
        if !is_held && name.is_some() {
            {
                let mut decisions = open.decisions.borrow_mut();
                decisions.follow(symbol, open.own_ms());
                open.store.save(decisions.state())?;
            }
            self.wake().await?;
        }
        let named = |name: Option<String>| Named { symbol: symbol.clone(), name: name.unwrap_or_default() };
        Ok((is_held || name.is_some()).then(|| named(name)))
    }

    /// All symbols that are served.
    fn symbols(&self) -> Result<Vec<Named>, EdgeError> {
        let open = self.open()?;
        let decisions = open.decisions.borrow();
        let named = |symbol: &Symbol| {
            Ok(Named { symbol: symbol.clone(), name: open.store.name(symbol)?.unwrap_or_default() })
        };
        decisions.holdings().keys().map(named).collect()
    }

    /// Sets the alarm to now, unless it works already.
    async fn wake(&self) -> Result<(), EdgeError> {
        Ok(self.state.storage().set_alarm(1_i64).await?)
    }

    /// Does what is due; says when to come again.
    async fn step(self: &Rc<Self>) -> Result<i64, EdgeError> {
        let open = self.open()?;
        let is_delivered = self.deliver().await?;
        let step = open.decisions.borrow_mut().next(open.own_ms());
        match step {
            Step::Send(request) => {
                // Failures are in the state.
                let _ = self.flight(request).await;
                Ok(1)
            }
            Step::CheckClock => {
                self.check_clock().await?;
                Ok(1)
            }
            Step::Wait { until_ms } if is_delivered => Ok(until_ms - open.own_ms()),
            Step::Wait { until_ms } => Ok((until_ms - open.own_ms()).min(RETRY_MS)),
        }
    }

    /// Joins the flight of an identical request, or starts one.
    fn flight(self: &Rc<Self>, request: budget::Request) -> Flight {
        if let Some(flight) = self.flights.borrow().get(&request) {
            return flight.clone();
        }
        let inner = Rc::clone(self);
        let sent = request.clone();
        let flight = async move {
            let outcome = inner.send(&sent).await;
            inner.flights.borrow_mut().remove(&sent);
            outcome.unwrap_or_else(|error| {
                crate::console::error(format_args!("{sent}: {error}"));
                Err(Failure::Malformed { detail: "our own storage failed".into() })
            })
        };
        let flight = flight.boxed_local().shared();
        self.flights.borrow_mut().insert(request, flight.clone());
        flight
    }

    /// Counts, stores, then sends: whatever happens afterwards, the request is counted.
    async fn send(&self, request: &budget::Request) -> Result<Result<(), Failure>, EdgeError> {
        let open = self.open()?;
        let entitlement = {
            let mut decisions = open.decisions.borrow_mut();
            decisions.begin(open.own_ms());
            open.store.save(decisions.state())?;
            decisions.entitlement()
        };
        let answered = open.vendor.ask(request, entitlement).await;
        let outcome = self.learn(request, answered, entitlement)?;
        self.deliver().await?;
        Ok(outcome)
    }

    /// Takes an answer in and stores what follows, without an `await`: all or nothing.
    fn learn(
        &self,
        request: &budget::Request,
        Answered { outcome, seen }: Answered,
        entitlement: budget::Entitlement,
    ) -> Result<Result<(), Failure>, EdgeError> {
        let open = self.open()?;
        let own_ms = open.own_ms();
        let mut decisions = open.decisions.borrow_mut();
        if let Some(vendor_ms) = seen.vendor_ms {
            decisions.witness(open.own_at_ms(seen.arrived_ms), vendor_ms);
        }
        let received_ms = decisions.now_ms(own_ms);
        let outcome = match outcome {
            Ok(reply) => {
                let served = |symbol: &Symbol| decisions.holdings().contains_key(symbol);
                let context = Context {
                    asked: request.about(),
                    received_ms,
                    clock_ahead_ms: received_ms - now_ms(),
                    simulated: seen.simulated,
                    entitlement,
                };
                let Learned { answer, bars, ingests, body, names } =
                    Learned::from_reply(reply, served, context)?;
                let answer = bars.as_deref().map_or(answer, Answer::Days);
                decisions.succeed(request, &answer, own_ms);
                for (symbol, ingest) in &ingests {
                    if let Some(quote) = &ingest.quote {
                        let (price, time_ms) = (quote.price, quote.exchange_time_ms);
                        let (origin, simulated) = (ingest.origin.clone(), ingest.simulated);
                        let last = LastPrice { price, time_ms, origin, simulated };
                        open.store.set_last(symbol, &last)?;
                    }
                    open.store.post(symbol, ingest)?;
                }
                open.store.keep_names(&names, received_ms)?;
                if let Some(body) = body {
                    open.store.keep(request, received_ms, &body.to_string())?;
                }
                Ok(())
            }
            Err(failure) => {
                crate::console::warn(format_args!("{request}: {failure}"));
                decisions.fail(request, &failure, own_ms, random());
                Err(failure)
            }
        };
        open.store.save(decisions.state())?;
        Ok(outcome)
    }

    async fn check_clock(&self) -> Result<(), EdgeError> {
        let open = self.open()?;
        let seen = open.vendor.time().await;
        let mut decisions = open.decisions.borrow_mut();
        match seen.vendor_ms {
            Some(vendor_ms) => decisions.witness(open.own_at_ms(seen.arrived_ms), vendor_ms),
            None => decisions.witness_failed(open.own_ms()),
        }
        open.store.save(decisions.state())
    }

    /// Hands prices to their Feeds; says whether all took theirs.
    async fn deliver(&self) -> Result<bool, EdgeError> {
        let open = self.open()?;
        let (mut is_delivered, mut after) = (true, 0);
        loop {
            let parcels = open.store.parcels(after)?;
            let Some(last) = parcels.last() else { return Ok(is_delivered) };
            after = last.id;
            for parcel in parcels {
                match self.hand_over(&parcel).await {
                    Ok(200) => open.store.delivered(parcel.id)?,
                    Ok(status) => {
                        crate::console::warn(format_args!(
                            "the feed of {} answers {status} to prices",
                            parcel.symbol
                        ));
                        is_delivered = false;
                    }
                    Err(error) => {
                        crate::console::warn(format_args!(
                            "the feed of {} does not take prices: {error}",
                            parcel.symbol
                        ));
                        is_delivered = false;
                    }
                }
            }
        }
    }

    /// What the Feed answers: 200 when all that is new to it is stored.
    async fn hand_over(&self, Parcel { symbol, json, .. }: &Parcel) -> Result<u16, EdgeError> {
        let body: serde_json::Value = serde_json::from_str(json)?;
        let stub = self.env.durable_object("FEED")?.id_from_name(symbol.as_str())?.get_stub()?;
        Ok(call(&stub, &format!("/{symbol}/ingest"), &body).await?.status_code())
    }

    /// Answers somebody who waits: from what is kept while it is fresh, else from
    /// the vendor, else from what is kept.
    async fn answer(self: &Rc<Self>, request: &budget::Request) -> Result<Response, EdgeError> {
        match self.fetch_now(request).await? {
            Ok(kept) => fetched(&kept.ok_or(EdgeError::NothingKnown)?, false),
            Err(error) => fetched(&self.open()?.store.answer(request)?.ok_or(error)?, true),
        }
    }

    /// What is kept, while it is as good as a new answer.
    fn fresh(&self, request: &budget::Request) -> Result<Option<Kept>, EdgeError> {
        let open = self.open()?;
        let decisions = open.decisions.borrow();
        let is_fresh = |kept: &Kept| decisions.is_fresh(request, kept.fetched_ms, open.own_ms());
        Ok(open.store.answer(request)?.filter(is_fresh))
    }

    /// An answer that is fresh, from the vendor if none is kept; `None` where it says nothing.
    async fn fetch_now(
        self: &Rc<Self>,
        request: &budget::Request,
    ) -> Result<Result<Option<Kept>, EdgeError>, EdgeError> {
        let open = self.open()?;
        let deadline_ms = open.own_ms() + PATIENCE_MS;
        loop {
            // Also after a wait: somebody who asked the same may have been first.
            if let Some(kept) = self.fresh(request)? {
                return Ok(Ok(Some(kept)));
            }
            let flying = self.flights.borrow().get(request).cloned();
            let admitted = open.decisions.borrow().admit(request, open.own_ms());
            let flight = match (flying, admitted) {
                (Some(flight), _) => flight,
                (None, Ok(())) => self.flight(request.clone()),
                (None, Err(Denied::Later { reason: Reason::ClockUnknown, .. }))
                    if open.own_ms() < deadline_ms =>
                {
                    self.check_clock().await?;
                    continue;
                }
                (None, Err(Denied::Later { at_ms, reason: Reason::Paced | Reason::BudgetSpent }))
                    if at_ms < deadline_ms =>
                {
                    let wait_ms = u64::try_from(at_ms - open.own_ms()).unwrap_or(0).max(1);
                    Delay::from(Duration::from_millis(wait_ms)).await;
                    continue;
                }
                (None, Err(Denied::Unknown)) => return Ok(Err(EdgeError::NothingKnown)),
                (None, Err(denied)) => {
                    let at_ms = match denied {
                        Denied::Later { at_ms, .. } => at_ms,
                        Denied::Unknown | Denied::NotInPlan => open.own_ms() + DAY_MS,
                    };
                    return Ok(Err(unavailable(&denied, at_ms - open.own_ms())));
                }
            };
            let outcome = flight.await;
            // The answer may have moved the clock, or named what else is due.
            self.wake().await?;
            return Ok(match outcome {
                Ok(()) => Ok(open.store.answer(request)?),
                Err(Failure::Unknown) => Err(EdgeError::NothingKnown),
                Err(failure) => Err(unavailable(&failure, RETRY_MS)),
            });
        }
    }
}

impl Open {
    fn own_ms(&self) -> i64 {
        self.own_at_ms(now_ms())
    }

    /// Our clock when the platform's shows this.
    fn own_at_ms(&self, platform_ms: i64) -> i64 {
        platform_ms.saturating_add(self.clock_offset_ms)
    }
}

fn unavailable(why: &impl ToString, wait_ms: i64) -> EdgeError {
    let secs = u32::try_from(wait_ms.max(0) / 1_000 + 1).unwrap_or(u32::MAX);
    EdgeError::LiveUnavailable { detail: why.to_string(), retry_after_secs: secs }
}

fn fetched(kept: &Kept, stale: bool) -> Result<Response, EdgeError> {
    let data: serde_json::Value = serde_json::from_str(&kept.json)?;
    Ok(Response::from_json(&Fetched { fetched_ms: kept.fetched_ms, stale, data })?)
}

/// Milliseconds since 1970, by the platform's clock.
pub fn now_ms() -> i64 {
    i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX)
}

/// In `0.0..1.0`.
fn random() -> f64 {
    js_sys::Math::random()
}

/// The object of the configured key, since the budget is the key's; `None` in a replay.
fn stub(env: &Env) -> Result<Option<Stub>, EdgeError> {
    let Some(config) = LiveConfig::from_env(env)? else { return Ok(None) };
    Ok(Some(env.durable_object("SCHEDULER")?.id_from_name(&config.key_name)?.get_stub()?))
}

/// Wakes the Scheduler, if there is a live source.
///
/// # Errors
/// When the settings cannot be used or the platform fails.
pub async fn poke(env: &Env) -> Result<(), EdgeError> {
    if let Some(stub) = stub(env)? {
        stub.fetch_with_str("https://object.invalid/poke").await?;
    }
    Ok(())
}

/// Tells the Scheduler that sockets follow a symbol, if there is a live source.
///
/// # Errors
/// When the settings cannot be used or the platform fails.
pub async fn watch(env: &Env, symbol: &Symbol, viewers: u32) -> Result<(), EdgeError> {
    if let Some(stub) = stub(env)? {
        call(&stub, "/watch", &Watch { symbol: symbol.clone(), viewers }).await?;
    }
    Ok(())
}

/// The name of a symbol that the live source serves; `None` when it serves no such symbol.
///
/// # Errors
/// [`EdgeError::NoLiveSource`] in a replay, or when the platform fails.
pub async fn served(env: &Env, symbol: &Symbol) -> Result<Option<Named>, EdgeError> {
    if config::is_bench(env) {
        // Whatever a load generator publishes.
        return Ok(Some(Named { symbol: symbol.clone(), name: String::new() }));
    }
    let stub = stub(env)?.ok_or(EdgeError::NoLiveSource)?;
    Ok(call(&stub, "/served", symbol).await?.json().await?)
}

/// All symbols that the live source serves.
///
/// # Errors
/// [`EdgeError::NoLiveSource`] in a replay, or when the platform fails.
pub async fn symbols(env: &Env) -> Result<Vec<Named>, EdgeError> {
    match stub(env)? {
        Some(stub) => Ok(call(&stub, "/symbols", &()).await?.json().await?),
        // A load generator needs no vendor.
        None if config::is_bench(env) => Ok(Vec::new()),
        None => Err(EdgeError::NoLiveSource),
    }
}

/// Refuses a symbol that the live source does not serve.
///
/// # Errors
/// [`EdgeError::UnknownSymbol`], or when the settings cannot be used or the platform fails.
pub async fn expect_served(env: &Env, symbol: &Symbol) -> Result<(), EdgeError> {
    let config = LiveConfig::from_env(env)?;
    // The Scheduler need not be asked for those of the settings.
    let is_set = config.is_some_and(|config| config.budget.symbols.contains(symbol));
    if is_set || served(env, symbol).await?.is_some() {
        return Ok(());
    }
    Err(EdgeError::UnknownSymbol(symbol.to_string()))
}

/// `GET /api/v1/status`.
///
/// # Errors
/// When the settings cannot be used or the platform fails.
pub async fn status(env: &Env) -> Result<Response, EdgeError> {
    match stub(env)? {
        Some(stub) => Ok(stub.fetch_with_str("https://object.invalid/status").await?),
        None => Ok(Response::from_json(&replay(now_ms()))?),
    }
}

/// Asks the vendor for something that is no price, within the budget.
///
/// # Errors
/// [`EdgeError::NoLiveSource`] in a replay, or why there is no answer.
pub async fn ask(env: &Env, request: &budget::Request) -> Result<Response, EdgeError> {
    let stub = stub(env)?.ok_or(EdgeError::NoLiveSource)?;
    call(&stub, "/ask", request).await
}
