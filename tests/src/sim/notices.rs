//! The provider's refusals, in its words.

use super::{
    doc::Doc,
    settings::{Plan, Settings},
};

const PREMIUM: &str = "https://www.alphavantage.co/premium/";

/// Under `Error Message`.
pub fn error(text: impl Into<String>) -> Doc {
    Doc::texts([("Error Message", text.into())])
}

/// Under `Information`.
pub fn information(text: impl Into<String>) -> Doc {
    Doc::texts([("Information", text.into())])
}

/// Under `Note`.
pub fn note(text: impl Into<String>) -> Doc {
    Doc::texts([("Note", text.into())])
}

pub fn bad_key() -> Doc {
    error(
        "the parameter apikey is invalid or missing. Please claim your free API key on (https://www.alphavantage.co/support/#api-key). It should take less than 20 seconds.",
    )
}

pub fn no_such_function(name: &str) -> Doc {
    error(format!("This API function ({name}) does not exist."))
}

pub fn invalid_call(function: &str) -> Doc {
    error(format!(
        "Invalid API call. Please retry or visit the documentation (https://www.alphavantage.co/documentation/) for {function}."
    ))
}

pub fn demo_key() -> Doc {
    information(
        "The **demo** API key is for demo purposes only. Please claim your free API key at (https://www.alphavantage.co/support/#api-key) to explore our full API offerings. It takes fewer than 20 seconds.",
    )
}

pub fn demo_burst() -> Doc {
    information("Please query the demo URLs at no more than 2 requests per second.")
}

pub fn per_day(settings: &Settings, key: &str) -> Doc {
    let limit = settings.per_day;
    if settings.old_notices {
        return old_limits();
    }
    information(format!(
        "We have detected your API key as {key} and our standard API rate limit is {limit} requests per day. Please subscribe to any of the premium plans at {PREMIUM} to instantly remove all daily rate limits."
    ))
}

fn old_limits() -> Doc {
    note(format!(
        "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute and 500 calls per day. Please visit {PREMIUM} if you would like to target a higher API call frequency."
    ))
}

pub fn per_second(settings: &Settings) -> Doc {
    match settings.plan {
        Plan::Free if settings.old_notices => old_limits(),
        Plan::Free => information(format!(
            "Thank you for using Alpha Vantage! Please consider spreading out your free API requests more sparingly (1 request per second). You may subscribe to any of the premium plans at {PREMIUM} to lift the free key rate limit (25 requests per day), raise the per-second burst limit, and instantly unlock all premium endpoints"
        )),
        Plan::Premium(_) => information(format!(
            "Burst pattern detected. Please consider spreading out your API requests more evenly across a 1-minute window and query no more than {} requests per second. Please contact support@alphavantage.co if you are targeting a higher API request volume.",
            settings.premium_per_second
        )),
    }
}

pub fn per_minute() -> Doc {
    information(
        "Minute-level rate limit exceed. Please stay under the number of API requests per minute for your premium subscription plan. Please contact support@alphavantage.co if you are targeting a higher API request volume.",
    )
}

pub fn premium_function() -> Doc {
    information(format!(
        "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe to any of the premium plans at {PREMIUM} to instantly unlock all premium endpoints"
    ))
}

pub fn premium_full() -> Doc {
    information(format!(
        "Thank you for using Alpha Vantage! The outputsize=full parameter value is a premium feature for the TIME_SERIES_DAILY endpoint. You may subscribe to any of the premium plans at {PREMIUM} to instantly unlock all premium features"
    ))
}

pub fn not_entitled(entitlement: &str) -> Doc {
    let what = if entitlement == "delayed" {
        "15-minute delayed US market data"
    } else {
        "realtime US market data access"
    };
    information(format!("Thank you for using Alpha Vantage! You are not yet entitled to {what}."))
}

pub fn invalid_news() -> Doc {
    information(
        "Invalid inputs. Please refer to the API documentation https://www.alphavantage.co/documentation#newsapi and try again.",
    )
}

pub fn artificial() -> Doc {
    let row = |symbol: &str, close: &str| {
        Doc::texts([
            ("symbol", symbol),
            ("timestamp", "2099-01-02 19:59:55.291"),
            ("open", close),
            ("high", close),
            ("low", close),
            ("close", close),
            ("volume", "1234567"),
            ("previous_close", close),
        ])
    };
    Doc::Object(vec![
        ("endpoint".into(), Doc::text("Realtime Bulk Quotes")),
        (
            "message".into(),
            Doc::text(format!(
                "This is a premium endpoint. ***THE SAMPLE DATA SCHEMA BELOW IS ARTIFICIAL AND FOR ILLUSTRATION PURPOSES ONLY***. To access the actual data, please subscribe to any premium plan that mentions 'Realtime US Market Data' in its description at {PREMIUM} for your personal non-professional use."
            )),
        ),
        ("data".into(), Doc::List(vec![row("MSFT", "412.34"), row("AAPL", "210.98"), row("IBM", "190.12")])),
    ])
}
