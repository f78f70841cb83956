use std::collections::BTreeMap;

use serde::Serialize;
use tickwise_market::{Calendar, Symbol, iso_date};
use tickwise_protocol::service::{
    Budget, CircuitStatus, LiveStatus, MarketHours, NextRequest, ServiceStatus, SymbolStatus,
};
use tickwise_scheduler as budget;

use super::store::LastPrice;

/// The New York Stock Exchange at an instant, by its calendar.
pub fn market_hours(now_ms: i64) -> MarketHours {
    let calendar = Calendar::Nyse;
    if let Some(session) = calendar.session_at(now_ms) {
        return MarketHours {
            open: true,
            changes_ms: Some(session.close_ms),
            session: Some(iso_date::format(session.date)),
        };
    }
    let today = calendar.date_at(now_ms);
    let next = today.and_then(|today| {
        let later = calendar.first_session(today).filter(|session| session.open_ms > now_ms);
        later.or_else(|| calendar.first_session(today.tomorrow().ok()?))
    });
    MarketHours {
        open: false,
        changes_ms: next.map(|session| session.open_ms),
        session: next.map(|session| iso_date::format(session.date)),
    }
}

/// What a replay tells.
pub fn replay(now_ms: i64) -> ServiceStatus {
    ServiceStatus { source: "replay".into(), now_ms, market: market_hours(now_ms), live: None }
}

/// What the live source tells.
pub fn live(
    decisions: &budget::Scheduler,
    last_prices: &BTreeMap<Symbol, LastPrice>,
    own_ms: i64,
) -> ServiceStatus {
    let now_ms = decisions.now_ms(own_ms);
    let (config, ledger) = (decisions.config(), decisions.ledger());
    let outlook = decisions.outlook(own_ms);
    let [sent_utc, sent_new_york] = ledger.spent();
    let circuits = decisions.circuits().iter().map(|(class, circuit)| CircuitStatus {
        class: name(&class),
        open: circuit.open_until_ms > now_ms,
        until_ms: circuit.open_until_ms,
        failures: circuit.failures,
        detail: circuit.detail.clone(),
    });
    let symbols = decisions.holdings().iter().map(|(symbol, holding)| SymbolStatus {
        symbol: symbol.clone(),
        price: last_prices.get(symbol).map(|last| last.price),
        origin: last_prices.get(symbol).map(|last| last.origin.clone()),
        viewers: holding.viewers_at(now_ms),
        exchange_time_ms: holding.exchange_time_ms,
        age_ms: holding.exchange_time_ms.map(|time_ms| (now_ms - time_ms).max(0)),
        asked_ms: holding.answered_ms.map(|time_ms| (now_ms - time_ms).max(0)),
        failures: holding.failures,
    });
    let live = LiveStatus {
        simulated: last_prices.values().any(|last| last.simulated),
        plan: config.plan.to_string(),
        entitlement: decisions.entitlement().to_string(),
        budget: Budget {
            per_day: config.plan.per_day,
            per_minute: config.plan.per_minute,
            left: ledger.left(&config.plan),
            sent_utc,
            sent_new_york,
            resets_ms: ledger.resets_ms(now_ms),
        },
        next: NextRequest {
            request: outlook.request.as_ref().map(ToString::to_string),
            at_ms: outlook.at_ms + now_ms - own_ms,
            reason: name(&outlook.reason),
        },
        circuits: circuits.collect(),
        symbols: symbols.collect(),
    };
    ServiceStatus { source: "live".into(), now_ms, market: market_hours(now_ms), live: Some(live) }
}

/// The name that serde gives to a variant.
fn name(variant: &impl Serialize) -> String {
    serde_json::to_value(variant).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}
