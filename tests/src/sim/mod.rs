//! Alpha Vantage simulated over real HTTP, from recorded bars.
//!
//! It behaves as the provider does: status 200 for refusals, quotas by key, plans
//! and entitlements, delayed and end-of-day data, its number formats and its
//! oddities. Faults are scripted per request, in process by [`Simulator`] or over
//! `/admin`; every request is logged with its time. Prices are recorded or
//! simulated by the replay; texts, rates and news are made up.

mod answers;
mod clock;
mod doc;
mod exchange;
mod extended;
mod fault;
mod http;
mod intraday;
mod limits;
mod market;
mod notices;
mod quotes;
mod series;
mod settings;

pub use clock::SimClock;
pub use fault::{Fault, Scripted};
pub use settings::{Access, Day, Plan, Settings};

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::process::root;
use limits::Limits;
use market::Market;

/// How a simulator starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// Folder of recordings as `public/replay`.
    pub data: PathBuf,
    /// Plan, access and formats.
    pub settings: Settings,
    /// Which moment of the market it is.
    pub clock: SimClock,
}

impl Default for Options {
    /// A free key, real time, the recordings of the repository at noon of 2012-12-04.
    fn default() -> Self {
        let data = root().join("public/replay");
        Self { port: 0, data, settings: Settings::default(), clock: SimClock::default() }
    }
}

/// One request as it was received.
#[derive(Clone, Debug, Serialize)]
pub struct Logged {
    /// Wall time of the simulator.
    pub at_ms: i64,
    /// `GLOBAL_QUOTE`, …
    pub function: String,
    /// All parameters but the key, in order.
    pub query: String,
    /// Whether the key was the one before.
    pub key_known: bool,
    /// `ok`, or what was answered instead: `per_day`, `fault`, …
    pub outcome: String,
}

/// What the handlers share.
struct State {
    market: Market,
    inner: Mutex<Inner>,
}

struct Inner {
    settings: Settings,
    clock: SimClock,
    limits: Limits,
    scripted: Vec<Scripted>,
    log: Vec<Logged>,
    served: u64,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running simulator; dropping it ends it.
pub struct Simulator {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Simulator {
    /// Starts one.
    ///
    /// # Errors
    /// When the recordings cannot be read or the port is taken.
    pub async fn start(options: Options) -> Result<Self> {
        let Options { port, data, settings, clock } = options;
        let market = Market::read(&data)?;
        let inner = Inner {
            settings,
            clock,
            limits: Limits::default(),
            scripted: Vec::new(),
            log: Vec::new(),
            served: 0,
        };
        let state = Arc::new(State { market, inner: Mutex::new(inner) });
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.with_context(|| format!("port {port} is in use: choose another"))?;
        let address = listener.local_addr()?;
        let router = http::router(Arc::clone(&state));
        let task = tokio::spawn(async move {
            // Ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, state, task })
    }

    /// The base URL for clients.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes plan, access or formats.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.state.lock().settings);
    }

    /// Lets the next request fail.
    pub fn fail(&self, fault: Fault) {
        self.script(Scripted { fault, function: None, times: 1 });
    }

    /// Lets some requests fail.
    pub fn script(&self, scripted: Scripted) {
        self.state.lock().scripted.push(scripted);
    }

    /// Moves wall and market time ahead.
    pub fn advance_ms(&self, ms: i64) {
        self.state.lock().clock.advance_ms(ms);
    }

    /// What has been asked so far.
    pub fn log(&self) -> Vec<Logged> {
        self.state.lock().log.clone()
    }

    /// Forgets what has been asked.
    pub fn clear_log(&self) {
        self.state.lock().log.clear();
    }

    /// Runs until it is dropped elsewhere; for the command line.
    ///
    /// # Errors
    /// When the server has ended.
    pub async fn wait(mut self) -> Result<()> {
        Ok((&mut self.task).await?)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.task.abort();
    }
}
