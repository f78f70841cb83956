use std::collections::HashMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::settings::{Plan, Settings};

/// What was asked with each key.
#[derive(Default)]
pub struct Limits {
    keys: HashMap<String, Spent>,
}

#[derive(Default)]
struct Spent {
    /// Times of the requests of the last minute.
    recent_ms: Vec<i64>,
    day: Option<Date>,
    in_day: u32,
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
        let spent = self.keys.entry(key.to_owned()).or_default();
        let today = day(now_ms, &settings.day_zone);
        if spent.day != today {
            (spent.day, spent.in_day) = (today, 0);
        }
        spent.recent_ms.retain(|at| (now_ms - 60_000..=now_ms).contains(at));
        let within = |ms: i64| spent.recent_ms.iter().filter(|at| **at > now_ms - ms).count() as u32;
        let broken = match settings.plan {
            _ if key == "demo" => (within(1000) >= 2).then_some(Broken::Demo),
            Plan::Free if spent.in_day >= settings.per_day => Some(Broken::Day),
            Plan::Free => {
                let limit = settings.free_per_second;
                (limit > 0 && within(1000) >= limit).then_some(Broken::Second)
            }
            Plan::Premium(per_minute) if within(60_000) >= per_minute => Some(Broken::Minute),
            Plan::Premium(_) => (within(1000) >= settings.premium_per_second).then_some(Broken::Second),
        };
        spent.recent_ms.push(now_ms);
        spent.in_day += u32::from(broken.is_none() || settings.count_refused);
        broken
    }
}

fn day(now_ms: i64, zone: &str) -> Option<Date> {
    let zone = match zone {
        "America/New_York" | "US/Eastern" => jiff::tz::get!("America/New_York"),
        _ => TimeZone::UTC,
    };
    Some(zone.to_datetime(Timestamp::from_millisecond(now_ms).ok()?).date())
}
