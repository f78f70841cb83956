//! Symbols that people ask for beside those of the settings.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

use tickwise_market::Symbol;
use tickwise_scheduler::{Config, Entitlement, MAX_FOLLOWED, Plan, Scheduler};

const NOW_MS: i64 = 1_354_640_000_000;

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

fn config(symbols: &[&str]) -> Config {
    let symbols = symbols.iter().map(|text| symbol(text)).collect();
    Config { plan: Plan::FREE, entitlement: Entitlement::None, symbols }
}

#[test]
fn a_followed_symbol_stays_across_restarts_and_settings() {
    let mut scheduler = Scheduler::new(config(&["AAPL", "IBM"]), None);
    scheduler.follow(&symbol("MSFT"), NOW_MS);
    let state = scheduler.state().clone();
    let scheduler = Scheduler::new(config(&["IBM", "FB"]), Some(state));
    let served: Vec<&str> = scheduler.holdings().keys().map(Symbol::as_str).collect();
    assert_eq!(served, ["FB", "IBM", "MSFT"], "AAPL was of the settings and no longer is");
}

#[test]
fn beyond_the_limit_the_one_watched_longest_ago_gives_way() {
    let mut scheduler = Scheduler::new(config(&["IBM"]), None);
    for n in 0..MAX_FOLLOWED as i64 {
        scheduler.follow(&symbol(&format!("S{n}")), NOW_MS + n);
    }
    scheduler.watch(&symbol("S0"), 1, NOW_MS + 60_000);
    scheduler.follow(&symbol("NEW"), NOW_MS + 60_000);
    let serves = |text: &str| scheduler.holdings().contains_key(&symbol(text));
    assert_eq!(scheduler.holdings().len(), MAX_FOLLOWED + 1);
    assert!(serves("IBM") && serves("NEW") && serves("S0") && !serves("S1"));
}
