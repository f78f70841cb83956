use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What a key may send. The vendor's limits, not what is spent of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Requests a second, evenly spaced.
    pub per_second: u32,
    /// Requests a minute.
    pub per_minute: Option<u32>,
    /// Requests a day.
    pub per_day: Option<u32>,
}

/// Requests a day that are never planned with: a request on its way when the day
/// turns, or a stranger behind the same address, may have been counted too.
const MARGIN_PER_DAY: u32 = 2;

/// Requests a day that wait for searches, overviews and news.
const RESERVE_PER_DAY: u32 = 4;

impl Plan {
    /// Alpha Vantage's free key since January 2024: 25 a day, one a second.
    pub const FREE: Self = Self { per_second: 1, per_minute: None, per_day: Some(25) };

    /// Alpha Vantage's paid keys: so many a minute, without a daily limit. What
    /// they allow a second is told only by refusals: 20 and 30 on large plans.
    pub const fn premium(per_minute: u32) -> Self {
        let per_second = if per_minute <= 300 { 5 } else { per_minute / 60 };
        Self { per_second, per_minute: Some(per_minute), per_day: None }
    }

    /// The shortest time between two requests: a fifth more than the limit a
    /// second asks for, a twentieth more than that a minute.
    pub fn gap_ms(&self) -> i64 {
        let by_second = 1_200 / i64::from(self.per_second.max(1));
        let by_minute = self.per_minute.map_or(0, |per_minute| 63_000 / i64::from(per_minute.max(1)));
        by_second.max(by_minute)
    }

    /// The most requests a day, of any kind.
    pub fn stop_per_day(&self) -> Option<u32> {
        Some(self.per_day?.saturating_sub(MARGIN_PER_DAY))
    }

    /// The most requests a day that nobody asked for.
    pub fn planned_per_day(&self) -> Option<u32> {
        Some(self.stop_per_day()?.saturating_sub(RESERVE_PER_DAY))
    }
}

/// A plan by its name: `free`, or `premium75` for 75 requests a minute.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a plan is one of free, premium75, premium150, premium300, premium600, premium1200")]
pub struct UnknownPlan;

impl FromStr for Plan {
    type Err = UnknownPlan;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "free" {
            return Ok(Self::FREE);
        }
        let per_minute = text.strip_prefix("premium").and_then(|rest| rest.parse().ok());
        per_minute.filter(|n| [75, 150, 300, 600, 1_200].contains(n)).map(Self::premium).ok_or(UnknownPlan)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.per_minute {
            Some(per_minute) => write!(f, "premium{per_minute}"),
            None => f.write_str("free"),
        }
    }
}

/// How fresh the prices are that the key is allowed to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entitlement {
    /// Prices move once, after the close.
    #[default]
    None,
    /// Fifteen minutes late.
    Delayed,
    /// As they happen.
    Realtime,
}

/// Text that names no entitlement.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("an entitlement is one of none, delayed, realtime")]
pub struct UnknownEntitlement;

impl Entitlement {
    /// How late prices are.
    pub fn delay_ms(self) -> i64 {
        match self {
            Self::Delayed => 15 * 60_000,
            Self::None | Self::Realtime => 0,
        }
    }
}

impl FromStr for Entitlement {
    type Err = UnknownEntitlement;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "delayed" => Ok(Self::Delayed),
            "realtime" => Ok(Self::Realtime),
            _ => Err(UnknownEntitlement),
        }
    }
}

impl fmt::Display for Entitlement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Delayed => "delayed",
            Self::Realtime => "realtime",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_nothing_else_is_one() {
        for name in ["free", "premium75", "premium150", "premium300", "premium600", "premium1200"] {
            assert_eq!(name.parse::<Plan>().unwrap().to_string(), name);
        }
        for name in ["", "Free", "premium", "premium100", "premium-75"] {
            assert_eq!(name.parse::<Plan>(), Err(UnknownPlan), "{name}");
        }
        for name in ["none", "delayed", "realtime"] {
            assert_eq!(name.parse::<Entitlement>().unwrap().to_string(), name);
        }
        assert_eq!("live".parse::<Entitlement>(), Err(UnknownEntitlement));
    }

    #[test]
    fn gaps_keep_below_both_limits() {
        let gaps: Vec<i64> = ["free", "premium75", "premium300", "premium1200"]
            .iter()
            .map(|name| name.parse::<Plan>().unwrap().gap_ms())
            .collect();
        assert_eq!(gaps, [1_200, 840, 240, 60]);
        assert_eq!((Plan::FREE.stop_per_day(), Plan::FREE.planned_per_day()), (Some(23), Some(19)));
        assert_eq!(Plan::premium(75).stop_per_day(), None);
    }
}
