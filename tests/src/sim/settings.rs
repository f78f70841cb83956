use serde::{Deserialize, Serialize};

/// What the key's owner pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// A number of requests a day, one a second, no premium functions.
    Free,
    /// So many requests a minute.
    Premium(u32),
}

/// How fresh US data are for the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// After the close.
    EndOfDay,
    /// With `entitlement=delayed`, by 15 minutes.
    Delayed,
    /// With `entitlement=realtime` or `delayed`.
    Realtime,
}

/// The provider's day, for its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// From midnight to midnight of UTC.
    Utc,
    /// Of New York.
    NewYork,
    /// The last 24 hours.
    Rolling,
}

/// Plan, access, limits and formats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Plan of every key.
    pub plan: Plan,
    /// Access of every key.
    pub access: Access,
    /// Keys that are refused.
    pub bad_keys: Vec<String>,
    /// Requests a day of a free key.
    pub per_day: u32,
    /// Requests a second of a free key; 0 for no limit.
    pub free_per_second: u32,
    /// Requests a second of a paying key.
    pub premium_per_second: u32,
    /// Refused requests count against the day.
    pub count_refused: bool,
    /// When the provider's day turns, which nobody has confirmed.
    pub day: Day,
    /// All keys of one address, as every client of a simulator is, share what they may ask.
    pub counts_by_address: bool,
    /// Milliseconds before every answer.
    pub latency_ms: u64,
    /// Keys of objects in random order, by this seed.
    pub shuffle_seed: Option<u64>,
    /// Oldest rows first.
    pub oldest_first: bool,
    /// CSV lines end with LF instead of CRLF.
    pub lf: bool,
    /// Notices of 2018 to 2023, under `Note`.
    pub old_notices: bool,
    /// Bulk quotes without the plan: made-up rows (P6) instead of a refusal (P1).
    pub artificial_bulk: bool,
    /// During the session daily series end with the forming day.
    pub provisional_bar: bool,
    /// Without an entitlement, `GLOBAL_QUOTE` alone shows the forming day.
    pub fresh_global_quote: bool,
    /// Intraday bars are labelled by their end, as before 2023.
    pub end_labels: bool,
    /// Minutes after the close until end-of-day data show the day.
    pub close_lag_minutes: i64,
    /// Every so many requests, a valid one is called invalid; 0 for never.
    pub invalid_call_every: u64,
    /// Weeks by which recorded days are moved ahead, to lie in the present.
    pub shift_weeks: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            plan: Plan::Free,
            access: Access::EndOfDay,
            bad_keys: vec!["BADKEY".into()],
            per_day: 25,
            free_per_second: 1,
            premium_per_second: 5,
            count_refused: true,
            day: Day::Utc,
            counts_by_address: false,
            latency_ms: 0,
            shuffle_seed: None,
            oldest_first: false,
            lf: false,
            old_notices: false,
            artificial_bulk: false,
            provisional_bar: false,
            fresh_global_quote: false,
            end_labels: false,
            close_lag_minutes: 20,
            invalid_call_every: 0,
            shift_weeks: 0,
        }
    }
}
