use jiff::civil::Date;
use tickwise_market::{Bar, BarBuilder, Calendar, Interval, Session, Symbol, Tick};
use tickwise_protocol::Origin;
use tickwise_replay::{Catalogue, Position, Recording, ReplayClock, day_path};
use worker::Env;

use crate::{assets, config::ReplayConfig, error::EdgeError};

/// The exchange of every recording.
const CALENDAR: Calendar = Calendar::Nyse;

/// How many sessions back intraday bars are simulated for history.
const INTRADAY_SESSIONS: usize = 250;

/// A symbol's recording, and the clock that plays it.
#[derive(Debug)]
pub struct ReplaySource {
    symbol: Symbol,
    recording: Recording,
    clock: ReplayClock,
}

/// A recorded day with the path simulated through it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedDay {
    /// How often the recording has been played before.
    pub lap: u64,
    /// The session.
    pub session: Session,
    /// Its ticks, in time order.
    pub ticks: Vec<Tick>,
    /// The close of the recorded day before, as shares are counted today.
    pub previous_close: Option<f64>,
}

impl PlayedDay {
    /// What its messages are marked with.
    pub fn origin(&self) -> Origin {
        Origin::Replay { date: self.session.date, lap: self.lap }
    }
}

/// The list of recordings.
///
/// # Errors
/// When the asset is missing or does not parse.
pub async fn load_catalogue(env: &Env) -> Result<Catalogue, EdgeError> {
    let bytes = assets::read(env, "/replay/manifest.json").await?;
    let bytes = bytes.ok_or_else(|| EdgeError::Recording("/replay/manifest.json is missing".into()))?;
    serde_json::from_slice(&bytes).map_err(|error| EdgeError::Recording(error.to_string()))
}

impl ReplaySource {
    /// Reads a symbol's recording from the static assets.
    ///
    /// # Errors
    /// Unknown symbol, missing or damaged recording, or unusable settings.
    pub async fn load(env: &Env, symbol: &Symbol) -> Result<Self, EdgeError> {
        let catalogue = load_catalogue(env).await?;
        if catalogue.entry(symbol).is_none() {
            return Err(EdgeError::UnknownSymbol(symbol.to_string()));
        }
        let path = format!("/replay/{symbol}.arrow");
        let bytes = assets::read(env, &path).await?;
        let bytes = bytes.ok_or_else(|| EdgeError::Recording(format!("{path} is missing")))?;
        let recording =
            Recording::from_arrow(&bytes).map_err(|error| EdgeError::Recording(error.to_string()))?;
        let clock = clock(&ReplayConfig::from_env(env)?, &catalogue)?;
        Ok(Self::new(symbol.clone(), recording, clock))
    }

    /// A source over a recording already read.
    pub fn new(symbol: Symbol, recording: Recording, clock: ReplayClock) -> Self {
        Self { symbol, recording, clock }
    }

    /// The symbol.
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Maps wall time to sessions.
    pub fn clock(&self) -> &ReplayClock {
        &self.clock
    }

    /// What is played at a moment of wall time.
    pub fn position(&self, now_ms: i64) -> Option<Position> {
        self.clock.position(now_ms)
    }

    /// The day of a session; `None` when the symbol has no bar that day.
    pub fn day(&self, lap: u64, session: Session) -> Option<PlayedDay> {
        let bars = self.recording.split_adjusted_bars(session.date);
        let (bar, before) = bars.split_last()?;
        if bar.time_ms != session.open_ms {
            return None;
        }
        let ticks = day_path(&self.symbol, &session, bar);
        Some(PlayedDay { lap, session, ticks, previous_close: before.last().map(|b| b.close) })
    }

    /// Closed daily bars before `date`, as shares are counted on it: a split is in
    /// force from its day's opening.
    pub fn daily_bars_before(&self, date: Date) -> Vec<Bar> {
        let mut bars = self.recording.split_adjusted_bars(date);
        bars.pop_if(|_| self.recording.day(date).is_some_and(|day| day.session_bar().is_some()));
        bars
    }

    /// Start of the last of these.
    pub fn last_day_before_ms(&self, date: Date) -> Option<i64> {
        self.recording.last_session_ms(date.yesterday().unwrap_or(date))
    }

    /// How many splits are in force on `date`.
    pub fn splits_until(&self, date: Date) -> usize {
        self.recording.splits().iter().filter(|split| split.date <= date).count()
    }

    /// Closed daily bars before `date` whose returns include dividends: what
    /// the model reads.
    pub fn total_return_bars_before(&self, date: Date) -> Vec<Bar> {
        self.recording.total_return_bars(date.yesterday().unwrap_or(date))
    }

    /// Intraday bars of the sessions before `date` that start in
    /// `from_ms..`, oldest first: at most `INTRADAY_SESSIONS` sessions, and no
    /// more than it takes to have `limit` bars.
    pub fn intraday_bars_before(
        &self,
        date: Date,
        interval: Interval,
        from_ms: i64,
        to_ms: i64,
        limit: usize,
    ) -> Vec<Bar> {
        let daily = self.daily_bars_before(date);
        let mut sessions = Vec::new();
        let mut count = 0;
        for bar in daily.iter().rev().take(INTRADAY_SESSIONS) {
            let Some(session) = CALENDAR.session_at(bar.time_ms) else { continue };
            if session.open_ms >= to_ms {
                continue;
            }
            if session.close_ms <= from_ms || count >= limit {
                break;
            }
            let bars = resampled(&day_path(&self.symbol, &session, bar), interval);
            count += bars.len();
            sessions.push(bars);
        }
        sessions.into_iter().rev().flatten().collect()
    }
}

/// The bars of one interval, the last one too.
fn resampled(ticks: &[Tick], interval: Interval) -> Vec<Bar> {
    let mut builder = BarBuilder::new(CALENDAR, interval);
    let mut bars: Vec<Bar> = ticks.iter().filter_map(|tick| builder.push(tick)).collect();
    bars.extend(builder.finish());
    bars
}

fn clock(config: &ReplayConfig, catalogue: &Catalogue) -> Result<ReplayClock, EdgeError> {
    let last = catalogue.last_day();
    let clock = last.and_then(|last| {
        ReplayClock::new(CALENDAR, config.from, last, config.epoch_ms, config.speed, config.looping)
    });
    clock.ok_or_else(|| EdgeError::Config {
        name: "REPLAY_FROM",
        detail: "no recorded session lies on or after this date".into(),
    })
}
