//! Settings, read from the Worker's variables.

use jiff::civil::Date;
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

/// The number of Gateway objects that share the clients: `GATEWAY_SHARDS`.
///
/// # Errors
/// When the variable is missing or is no whole number of at least 1.
pub fn gateway_shards(env: &Env) -> Result<u32, EdgeError> {
    let shards: u32 = parsed(env, "GATEWAY_SHARDS", "a whole number of at least 1")?;
    Ok(shards.max(1))
}

/// Whether prices are told by a live source (`SOURCE = "live"`) and not replayed.
///
/// # Errors
/// When the variable is neither `live` nor `replay`.
pub fn is_live(env: &Env) -> Result<bool, EdgeError> {
    match env.var("SOURCE").map(|value| value.to_string()).as_deref() {
        Ok("live") => Ok(true),
        Ok("replay") | Err(_) => Ok(false),
        Ok(_) => Err(EdgeError::Config { name: "SOURCE", detail: "expected live or replay".into() }),
    }
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

/// A setting that may be left out or empty.
pub fn optional(env: &Env, name: &str) -> Option<String> {
    let text = env.var(name).ok()?.to_string();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn parsed<T: std::str::FromStr>(env: &Env, name: &'static str, expected: &str) -> Result<T, EdgeError> {
    let wrong = || EdgeError::Config { name, detail: format!("expected {expected}") };
    env.var(name).map_err(|_| wrong())?.to_string().trim().parse().map_err(|_| wrong())
}
