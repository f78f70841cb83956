use std::collections::HashMap;

use jiff::{Timestamp, tz::TimeZone};

use super::settings::{Day, Plan, Settings};

const DAY_MS: i64 = 86_400_000;

/// What was asked with each key.
#[derive(Default)]
pub struct Limits {
    keys: HashMap<String, Spent>,
}

#[derive(Default)]
struct Spent {
    /// Times of the requests of the last minute.
    recent_ms: Vec<i64>,
    /// Times of the requests of the day that count.
    day_ms: Vec<i64>,
}

/// The limit that a request breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    Second,
    Minute,
    Day,
    Demo,
}

impl Limits {
    /// Counts a request.
    pub fn count(&mut self, key: &str, now_ms: i64, settings: &Settings) -> Option<Broken> {
        let whose = if settings.counts_by_address { "127.0.0.1" } else { key };
        let spent = self.keys.entry(whose.to_owned()).or_default();
        spent.day_ms.retain(|at| is_same_day(*at, now_ms, settings.day));
        spent.recent_ms.retain(|at| (now_ms - 60_000..=now_ms).contains(at));
        let within = |ms: i64| spent.recent_ms.iter().filter(|at| **at > now_ms - ms).count() as u32;
        let broken = match settings.plan {
            _ if key == "demo" => (within(1000) >= 2).then_some(Broken::Demo),
            Plan::Free if spent.day_ms.len() >= settings.per_day as usize => Some(Broken::Day),
            Plan::Free => {
                let limit = settings.free_per_second;
                (limit > 0 && within(1000) >= limit).then_some(Broken::Second)
            }
            Plan::Premium(per_minute) if within(60_000) >= per_minute => Some(Broken::Minute),
            Plan::Premium(_) => (within(1000) >= settings.premium_per_second).then_some(Broken::Second),
        };
        spent.recent_ms.push(now_ms);
        if broken.is_none() || settings.count_refused {
            spent.day_ms.push(now_ms);
        }
        broken
    }
}

fn is_same_day(at_ms: i64, now_ms: i64, day: Day) -> bool {
    let date =
        |ms: i64, zone: &TimeZone| Some(zone.to_datetime(Timestamp::from_millisecond(ms).ok()?).date());
    let is_same = |zone: TimeZone| date(at_ms, &zone) == date(now_ms, &zone);
    match day {
        Day::Utc => is_same(TimeZone::UTC),
        Day::NewYork => is_same(jiff::tz::get!("America/New_York")),
        Day::Rolling => at_ms > now_ms - DAY_MS,
    }
}
