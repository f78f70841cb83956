//! Refusals, told from data by the body: the provider's status is always 200.

use crate::{Failure, Function, json::Json, redact::redacted};

/// The refusal that a JSON body is, if it is one.
pub fn refusal(json: &Json<'_>, function: &Function) -> Option<Failure> {
    if let Some(message) = json.get("Error Message") {
        return Some(error_message(message.as_text().unwrap_or_default()));
    }
    if is_artificial(json) {
        return Some(Failure::ArtificialSample);
    }
    if let Some(notice) = json.get("Information").or_else(|| json.get("Note")) {
        return Some(information(notice.as_text().unwrap_or_default()));
    }
    if json.get("detail").is_some() {
        return Some(Failure::InvalidCall);
    }
    let is_empty = matches!(json, Json::Object(entries) if entries.is_empty());
    is_empty.then(|| match function {
        Function::MarketStatus | Function::TopMovers | Function::BulkQuotes { .. } => {
            Failure::malformed("an empty object")
        }
        _ => Failure::UnknownSymbol,
    })
}

fn error_message(text: &str) -> Failure {
    if text.contains("apikey") {
        Failure::BadKey
    } else if text.contains("does not exist") {
        Failure::UnknownFunction
    } else if text.contains("Invalid API call") {
        Failure::InvalidCall
    } else if text.contains("internal or external error") {
        Failure::Unavailable { status: 200 }
    } else {
        Failure::Refused { notice: redacted(text).into() }
    }
}

fn is_artificial(json: &Json<'_>) -> bool {
    let message = json.get("message").and_then(Json::as_text).unwrap_or_default();
    let is_placeholder = |row: &Json<'_>| {
        let names = ["symbol", "contractID"].into_iter().filter_map(|key| row.get(key)?.as_text());
        names.into_iter().any(|name| name.starts_with("XXYYZZ"))
    };
    let rows = match json.get("data") {
        Some(Json::List(rows)) => rows.as_slice(),
        _ => &[],
    };
    message.contains("ARTIFICIAL") || message.contains("premium endpoint") || rows.iter().any(is_placeholder)
}

/// The order matters: notices of the limit per second also mention the daily
/// limit and premium plans.
fn information(text: &str) -> Failure {
    let lower = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if says(&["demo** api key", "apikey is invalid"]) {
        Failure::BadKey
    } else if says(&["spreading out", "burst pattern"]) {
        Failure::PerSecondLimit
    } else if says(&["premium endpoint", "premium feature"]) {
        Failure::PremiumOnly
    } else if says(&["not yet entitled"]) {
        Failure::NotEntitled
    } else if says(&["invalid inputs", "no articles found"]) {
        Failure::NothingFound
    } else if says(&["per second"]) {
        Failure::PerSecondLimit
    } else if says(&["minute-level"]) || (says(&["per minute"]) && !says(&["per day"])) {
        Failure::PerMinuteLimit
    } else if says(&["per minute"]) {
        // The notice of 2018 to 2023 names both limits and not which was hit.
        Failure::UnspecifiedLimit
    } else if says(&["per day", "rate limit"]) {
        Failure::PerDayLimit
    } else if says(&["api call volume", "api request volume", "api call frequency"]) {
        Failure::UnspecifiedLimit
    } else {
        Failure::Refused { notice: redacted(text).into() }
    }
}
