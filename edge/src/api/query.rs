//! What every route does with its query: it takes the parameters that
//! [`tickwise_protocol::routes`] names, each once, and refuses all others.

use std::{borrow::Cow, collections::BTreeSet};

use tickwise_protocol::routes::Route;
use worker::Url;

use crate::error::EdgeError;

/// Parameters that are lists, and may be given several times.
const LISTS: [&str; 2] = ["name", "symbols"];

/// Refuses parameters that the route does not have, since a misspelt one would silently
/// change the answer, and those given twice.
///
/// # Errors
/// [`EdgeError::BadParameter`].
pub fn check(route: &Route, url: &Url) -> Result<(), EdgeError> {
    let mut seen = BTreeSet::new();
    for (name, _) in url.query_pairs() {
        if !route.query.contains(&name.as_ref()) {
            return Err(bad("query", format!("there is no parameter {name:?} here; {}", known(route.query))));
        }
        let is_list = LISTS.contains(&name.as_ref());
        if !seen.insert(name.clone()) && !is_list {
            return Err(bad("query", format!("{name:?} is given twice")));
        }
    }
    Ok(())
}

fn known(names: &[&str]) -> String {
    match names {
        [] => "there are none".into(),
        [one] => format!("there is {one}"),
        [others @ .., last] => format!("there are {} and {last}", others.join(", ")),
    }
}

/// The refusal of a parameter.
pub fn bad(parameter: &'static str, detail: String) -> EdgeError {
    EdgeError::BadParameter { parameter, detail }
}

/// The value of a parameter.
pub fn value<'a>(url: &'a Url, name: &str) -> Option<Cow<'a, str>> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// The values of a list.
pub fn values<'a>(url: &'a Url, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
    url.query_pairs().filter(move |(known, _)| known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use tickwise_protocol::routes::{self, ROUTES};

    use super::*;

    fn refusal(path: &str, query: &str) -> Option<String> {
        let (route, _) = routes::find("GET", path).unwrap();
        let url = Url::parse(&format!("https://x.invalid{path}?{query}")).unwrap();
        check(route, &url).err().map(|error| error.to_string())
    }

    #[test]
    fn every_route_refuses_what_it_does_not_know() {
        for route in ROUTES {
            let url = Url::parse(&format!("https://x.invalid{}?nonsense=1", route.path)).unwrap();
            let problem = check(route, &url).unwrap_err().problem();
            assert_eq!(
                (problem.status, problem.parameter.as_deref()),
                (400, Some("query")),
                "{}",
                route.path
            );
        }
        assert_eq!(
            refusal("/api/v1/health", "a=1").unwrap(),
            "query: there is no parameter \"a\" here; there are none"
        );
        let known = "there are interval, from, to, limit and format";
        assert!(refusal("/api/v1/stocks/IBM/bars", "From=2012").unwrap().ends_with(known));
    }

    #[test]
    fn only_lists_are_given_twice() {
        assert!(refusal("/api/v1/stocks/IBM/bars", "limit=1&limit=2").unwrap().contains("twice"));
        assert_eq!(refusal("/api/v1/stocks/IBM/indicators", "name=rsi&name=sma&limit=1"), None);
    }
}
