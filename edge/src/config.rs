//! Settings, read from the Worker's variables.

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use tickwise_alphavantage::ApiKey;
use tickwise_scheduler as budget;
use worker::Env;

use crate::error::EdgeError;

/// How recorded days are replayed.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayConfig {
    /// First recorded day played: `REPLAY_FROM`.
    pub from: Date,
    /// Wall time at which the first lap begins: `REPLAY_EPOCH_MS`.
    pub epoch_ms: i64,
    /// Replayed time per wall time: `REPLAY_SPEED`.
    pub speed: f64,
    /// Start again after the last day: `REPLAY_LOOP`.
    pub looping: bool,
}

impl ReplayConfig {
    /// Reads the `REPLAY_…` variables.
    ///
    /// # Errors
    /// The first variable that is missing or cannot be parsed.
    pub fn from_env(env: &Env) -> Result<Self, EdgeError> {
        let speed = parsed(env, "REPLAY_SPEED", "a number above 0")?;
        if !(f64::is_finite(speed) && speed > 0.0) {
            return Err(EdgeError::Config {
                name: "REPLAY_SPEED",
                detail: "expected a number above 0".into(),
            });
        }
        Ok(Self {
            from: parsed(env, "REPLAY_FROM", "a date such as 2012-09-04")?,
            epoch_ms: parsed(env, "REPLAY_EPOCH_MS", "milliseconds since 1970")?,
            speed,
            looping: parsed(env, "REPLAY_LOOP", "true or false")?,
        })
    }
}

/// Where live prices come from, and by what right.
#[derive(Clone, Debug)]
pub struct LiveConfig {
    /// Base address of the vendor, or of a simulator: `ALPHAVANTAGE_URL`.
    pub url: String,
    /// The secret `ALPHAVANTAGE_API_KEY`.
    pub key: ApiKey,
    /// A hash of the key: what is counted for it is kept under this name.
    pub key_name: String,
    /// `ALPHAVANTAGE_PLAN`, `ALPHAVANTAGE_ENTITLEMENT` and `SYMBOLS`.
    pub budget: budget::Config,
    /// Added to the clock, for a simulator that plays another time: `CLOCK_OFFSET_MS`.
    pub clock_offset_ms: i64,
}

impl LiveConfig {
    /// Reads the settings; `None` where recorded days are replayed, or a load generator
    /// is the source.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub fn from_env(env: &Env) -> Result<Option<Self>, EdgeError> {
        if !is_live(env)? {
            return Ok(None);
        }
        let Ok(key) = env.secret(KEY) else { return Ok(None) };
        let wrong = |name, detail: String| EdgeError::Config { name, detail };
        let hash = Sha256::digest(key.to_string().trim().as_bytes());
        let key_name = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let key = ApiKey::new(&key.to_string()).map_err(|error| wrong(KEY, error.to_string()))?;
        let names: String = parsed(env, "SYMBOLS", "symbols")?;
        let symbols = names.split(',').map(|name| name.trim().parse());
        let symbols = symbols
            .collect::<Result<_, _>>()
            .map_err(|_| wrong("SYMBOLS", "expected symbols, such as AAPL,IBM".into()))?;
        let plan = "one of free, premium75, premium150, premium300, premium600, premium1200";
        let budget = budget::Config {
            plan: parsed(env, "ALPHAVANTAGE_PLAN", plan)?,
            entitlement: parsed(env, "ALPHAVANTAGE_ENTITLEMENT", "one of none, delayed, realtime")?,
            symbols,
        };
        let clock_offset_ms = match env.var("CLOCK_OFFSET_MS") {
            Ok(_) => parsed(env, "CLOCK_OFFSET_MS", "milliseconds")?,
            Err(_) => 0,
        };
        let url = parsed(env, "ALPHAVANTAGE_URL", "an address")?;
        Ok(Some(Self { url, key, key_name, budget, clock_offset_ms }))
    }
}

/// The number of Gateway objects that share the clients: `GATEWAY_SHARDS`.
///
/// # Errors
/// When the variable is missing or is no whole number of at least 1.
pub fn gateway_shards(env: &Env) -> Result<u32, EdgeError> {
    let shards: u32 = parsed(env, "GATEWAY_SHARDS", "a whole number of at least 1")?;
    Ok(shards.max(1))
}

/// The secret that opens the live source.
const KEY: &str = "ALPHAVANTAGE_API_KEY";

/// Whether prices come from the live source, and are not replayed. `SOURCE` says
/// `live` or `replay`, or `auto` (the default): live where there is a key.
///
/// # Errors
/// When `SOURCE` says something else, or `live` without a key.
pub fn is_live(env: &Env) -> Result<bool, EdgeError> {
    let has_key = env.secret(KEY).is_ok_and(|key| !key.to_string().trim().is_empty());
    match optional(env, "SOURCE").as_deref() {
        None | Some("auto") => Ok(has_key),
        Some("replay") => Ok(false),
        Some("live") if has_key || is_bench(env) => Ok(true),
        Some("live") => Err(EdgeError::Config { name: KEY, detail: "SOURCE = live needs a key".into() }),
        Some(_) => Err(EdgeError::Config { name: "SOURCE", detail: "expected auto, live or replay".into() }),
    }
}

/// Whether events are kept in object storage: `ARCHIVE`.
///
/// # Errors
/// When the variable is neither `true` nor `false`.
pub fn is_archived(env: &Env) -> Result<bool, EdgeError> {
    optional(env, "ARCHIVE").map_or(Ok(false), |_| parsed(env, "ARCHIVE", "true or false"))
}

/// The most WebSockets of one address: `CONNECTIONS_PER_ADDRESS`. No limit while
/// benchmarking, where one address plays them all.
///
/// # Errors
/// When the variable is missing or is no whole number.
pub fn connections_per_address(env: &Env) -> Result<usize, EdgeError> {
    let allowed = parsed(env, "CONNECTIONS_PER_ADDRESS", "a whole number")?;
    Ok(if is_bench(env) { usize::MAX } else { allowed })
}

/// Whether `TICKWISE_BENCH` opens what only benchmarks may use.
pub fn is_bench(env: &Env) -> bool {
    env.var("TICKWISE_BENCH").is_ok_and(|value| value.to_string() == "1")
}

/// Requests that one address may make a minute: `RATE_LIMIT_PER_MINUTE`; 0 is
/// no limit, as are leaving it out and benchmarking.
///
/// # Errors
/// When it is no whole number.
pub fn rate_limit_per_minute(env: &Env) -> Result<u32, EdgeError> {
    match optional(env, "RATE_LIMIT_PER_MINUTE") {
        Some(_) if !is_bench(env) => parsed(env, "RATE_LIMIT_PER_MINUTE", "a whole number, 0 for no limit"),
        _ => Ok(0),
    }
}

/// What everybody has to send who wants to be answered: `ACCESS_TOKEN`.
pub fn access_token(env: &Env) -> Option<String> {
    optional(env, "ACCESS_TOKEN")
}

/// A setting that may be left out or empty.
pub fn optional(env: &Env, name: &str) -> Option<String> {
    let text = env.var(name).ok()?.to_string();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn parsed<T: std::str::FromStr>(env: &Env, name: &'static str, expected: &str) -> Result<T, EdgeError> {
    let wrong = || EdgeError::Config { name, detail: format!("expected {expected}") };
    env.var(name).map_err(|_| wrong())?.to_string().trim().parse().map_err(|_| wrong())
}
