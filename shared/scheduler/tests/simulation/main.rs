//! Thousands of market days with random demand and faults, beside a naive round robin.
//!
//! `cargo test -p tickwise-scheduler --test simulation -- --nocapture` prints the figures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

mod spender;
mod vendor;

use jiff::civil::{Date, date};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use spender::{RoundRobin, Spender, Tickwise};
use tickwise_market::{Calendar, Symbol};
use tickwise_scheduler::{Entitlement, Plan};
use vendor::{MINUTE_MS, Vendor};

#[derive(Clone, Copy)]
struct Scenario {
    plan: Plan,
    entitlement: Entitlement,
    symbols: usize,
    days: usize,
    sample_ms: i64,
    /// After which somebody comes or goes, at one of the symbols.
    demand_ms: i64,
    /// Clocks jump, the process dies, and people search.
    is_disturbed: bool,
    seed: u64,
}

#[derive(Debug)]
struct Figures {
    /// How long what viewers see has been behind what the vendor has.
    mean_lag_ms: f64,
    requests: u64,
    over_quota_days: usize,
    bursts: u64,
}

/// Runs one spender through a world that depends on the seed alone.
fn run<S: Spender>(scenario: &Scenario, day: Calendar, mut spender: S) -> Figures {
    let mut rng = ChaCha8Rng::seed_from_u64(scenario.seed);
    let mut vendor =
        Vendor::new(scenario.plan, scenario.entitlement.delay_ms(), day, START, scenario.days, &mut rng);
    let symbols = symbols(scenario.symbols);
    let mut demand = ChaCha8Rng::seed_from_u64(scenario.seed + 2);
    let mut viewers: Vec<u32> = symbols.iter().map(|_| interest(&mut demand)).collect();
    let (start_ms, end_ms) = vendor.span_ms();
    let (mut lag, mut weight) = (0.0, 0.0);
    let mut faults = ChaCha8Rng::seed_from_u64(scenario.seed + 1);
    let mut now_ms = start_ms;
    let intraday = scenario.entitlement != Entitlement::None;
    while now_ms < end_ms {
        let next_ms = now_ms + scenario.sample_ms;
        if (now_ms - start_ms) % scenario.demand_ms < scenario.sample_ms {
            let changed = demand.random_range(0..symbols.len());
            viewers[changed] = interest(&mut demand);
        }
        if (now_ms - start_ms) % (10 * MINUTE_MS) < scenario.sample_ms {
            for (symbol, count) in symbols.iter().zip(&viewers) {
                spender.watch(symbol, *count, now_ms);
            }
        }
        spender.work(&mut vendor, now_ms, next_ms, &mut faults);
        now_ms = next_ms;
        // Prices that come late by contract are not late.
        let shown_ms = now_ms - scenario.entitlement.delay_ms();
        let session = Calendar::Nyse.session_at(shown_ms);
        if intraday && session.is_none() {
            continue;
        }
        for (index, count) in viewers.iter().enumerate().filter(|(_, count)| **count > 0) {
            let behind_ms = if intraday {
                let open_ms = session.map_or(0, |session| session.open_ms);
                Some(shown_ms - spender.priced_ms(index).unwrap_or(0).max(open_ms))
            } else {
                vendor.behind_since_ms(spender.closed(index), now_ms).map(|since_ms| now_ms - since_ms)
            };
            lag += f64::from(*count) * behind_ms.unwrap_or(0) as f64;
            weight += f64::from(*count);
        }
    }
    Figures {
        mean_lag_ms: lag / weight,
        requests: vendor.requests,
        over_quota_days: vendor.over_quota_days,
        bursts: vendor.bursts,
    }
}

/// Few symbols are watched, and few of those by many.
fn interest(demand: &mut ChaCha8Rng) -> u32 {
    if demand.random_bool(0.75) { 0 } else { (1.0 / demand.random_range(0.02..1.0)) as u32 }
}

const START: Date = date(2014, 1, 2);

fn symbols(count: usize) -> Vec<Symbol> {
    (0..count).map(|n| format!("S{n:03}").parse().unwrap()).collect()
}

fn compare(name: &str, day: Calendar, scenario: Scenario) {
    let names = symbols(scenario.symbols);
    let ours = run(&scenario, day, Tickwise::new(&scenario, &names));
    let naive = run(&scenario, day, RoundRobin::new(scenario.plan, &names));
    println!(
        "{name}: {} market days, {} symbols: mean lag {} against {} ({:.0} %), \
         requests a market day {:.1} against {:.1}, over-quota days {}, bursts {}",
        scenario.days,
        scenario.symbols,
        human(ours.mean_lag_ms),
        human(naive.mean_lag_ms),
        100.0 * ours.mean_lag_ms / naive.mean_lag_ms,
        ours.requests as f64 / scenario.days as f64,
        naive.requests as f64 / scenario.days as f64,
        ours.over_quota_days,
        ours.bursts,
    );
    assert_eq!(ours.over_quota_days, 0, "{ours:?}");
    assert!(ours.mean_lag_ms <= 0.5 * naive.mean_lag_ms, "{ours:?} {naive:?}");
    // Where the clock jumps forward nothing tells that less time has passed, and a
    // request leaves too early: the vendor's next answer sets it right.
    let bursts = if scenario.is_disturbed { ours.requests / 1_000 + 5 } else { 0 };
    assert!(ours.bursts <= bursts, "{ours:?}");
}

fn human(ms: f64) -> String {
    if ms < 300_000.0 { format!("{:.1} s", ms / 1_000.0) } else { format!("{:.0} min", ms / 60_000.0) }
}

#[test]
fn simulation_of_a_free_key() {
    let free = Scenario {
        plan: Plan::FREE,
        entitlement: Entitlement::None,
        symbols: 15,
        days: 2_500,
        sample_ms: 5 * MINUTE_MS,
        demand_ms: 60 * MINUTE_MS,
        is_disturbed: true,
        seed: 7,
    };
    compare("free key", Calendar::AlwaysOpen, free);
    compare(
        "free key, more symbols than requests",
        Calendar::Nyse,
        Scenario { symbols: 60, seed: 8, ..free },
    );
}

#[test]
fn simulation_of_a_premium_key() {
    let premium = Scenario {
        plan: Plan::premium(75),
        entitlement: Entitlement::Delayed,
        symbols: 400,
        days: 3,
        sample_ms: 1_000,
        demand_ms: 5 * MINUTE_MS,
        is_disturbed: false,
        seed: 9,
    };
    compare("75 a minute, single quotes", Calendar::Nyse, premium);
    compare(
        "75 a minute, bulk quotes",
        Calendar::Nyse,
        Scenario { entitlement: Entitlement::Realtime, ..premium },
    );
    compare(
        "75 a minute, single quotes, disturbed",
        Calendar::Nyse,
        Scenario { is_disturbed: true, ..premium },
    );
    compare(
        "75 a minute, bulk quotes, disturbed",
        Calendar::Nyse,
        Scenario { is_disturbed: true, entitlement: Entitlement::Realtime, ..premium },
    );
}
