//! The HTTP API as one table: the Worker answers by it, and the OpenAPI
//! description is made from it. A new path is a row in [`ROUTES`], an
//! [`Endpoint`], its handler in the Worker and its description.

use percent_encoding::percent_decode_str;

/// What a route does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the paths of the table say it")]
pub enum Endpoint {
    Health,
    Description,
    StreamDescription,
    Stocks,
    Stock,
    Bars,
    ManyBars,
    Indicators,
    IndicatorList,
    Prediction,
    Predictions,
    CreateAlert,
    Alerts,
    DeleteAlert,
    Record,
    Models,
    Model,
    Golden,
    Status,
    Market,
    Movers,
    Search,
    Overview,
    News,
    Stream,
    Metrics,
}

/// A method of a route. `HEAD` is answered wherever `GET` is, `OPTIONS` everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Method {
    Get,
    Post,
    Delete,
}

/// How long an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// Not at all: it changes at every moment, or concerns one client.
    NoStore,
    /// As long as the server says, each time it is asked, that it still holds.
    Revalidate,
    /// So many seconds.
    Seconds(u32),
    /// For ever: its name changes when it does.
    Immutable,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path; `{name}` stands for one segment.
    pub path: &'static str,
    /// What it does.
    pub endpoint: Endpoint,
    /// How long successful answers may be kept, unless the answer itself knows better.
    pub cache: Cache,
    /// The parameters of its query; any other is refused.
    pub query: &'static [&'static str],
}

use Cache::{Immutable, NoStore, Revalidate, Seconds};
use Method::{Delete, Get, Post};

/// Every path of the API. Where two fit, the first one answers.
#[rustfmt::skip]
pub static ROUTES: &[Route] = &[
    route(Get, "/api/v1/health", Endpoint::Health, NoStore),
    route(Get, "/api/v1/openapi.json", Endpoint::Description, Revalidate),
    route(Get, "/api/v1/asyncapi.json", Endpoint::StreamDescription, Revalidate),
    route(Get, "/api/v1/stocks", Endpoint::Stocks, NoStore),
    route(Get, "/api/v1/stocks/{symbol}", Endpoint::Stock, NoStore),
    route(Get, "/api/v1/stocks/{symbol}/bars", Endpoint::Bars, Revalidate).takes(&["interval", "from", "to", "limit", "format"]),
    route(Get, "/api/v1/bars", Endpoint::ManyBars, Revalidate).takes(&["symbols", "interval", "from", "to", "limit"]),
    route(Get, "/api/v1/stocks/{symbol}/indicators", Endpoint::Indicators, Revalidate).takes(&["name", "interval", "from", "to", "limit", "format"]),
    route(Get, "/api/v1/indicators", Endpoint::IndicatorList, Seconds(3600)),
    route(Get, "/api/v1/predictions/{symbol}", Endpoint::Prediction, Revalidate),
    route(Post, "/api/v1/predictions", Endpoint::Predictions, NoStore),
    route(Get, "/api/v1/predictions/{symbol}/record", Endpoint::Record, Revalidate).takes(&["limit", "format"]),
    route(Post, "/api/v1/alerts", Endpoint::CreateAlert, NoStore),
    route(Get, "/api/v1/alerts", Endpoint::Alerts, NoStore),
    route(Delete, "/api/v1/alerts/{id}", Endpoint::DeleteAlert, NoStore),
    route(Get, "/api/v1/models", Endpoint::Models, Revalidate),
    route(Get, "/api/v1/models/{id}", Endpoint::Model, Revalidate),
    route(Get, "/api/v1/models/{id}/golden", Endpoint::Golden, NoStore),
    route(Get, "/api/v1/status", Endpoint::Status, NoStore),
    route(Get, "/api/v1/market", Endpoint::Market, NoStore),
    route(Get, "/api/v1/movers", Endpoint::Movers, NoStore),
    route(Get, "/api/v1/search", Endpoint::Search, NoStore).takes(&["q"]),
    route(Get, "/api/v1/stocks/{symbol}/overview", Endpoint::Overview, NoStore),
    route(Get, "/api/v1/stocks/{symbol}/news", Endpoint::News, NoStore),
    route(Get, "/api/v1/stream", Endpoint::Stream, NoStore),
    route(Get, "/metrics", Endpoint::Metrics, NoStore),
];

const fn route(method: Method, path: &'static str, endpoint: Endpoint, cache: Cache) -> Route {
    Route { method, path, endpoint, cache, query: &[] }
}

/// Why no route answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRoute {
    /// There is nothing at the path.
    UnknownPath,
    /// The path has other methods.
    MethodNotAllowed,
}

/// The route for a request, and the values of its path's parameters, in order
/// and percent-decoded.
///
/// # Errors
/// Why there is none.
pub fn find(method: &str, path: &str) -> Result<(&'static Route, Vec<String>), NoRoute> {
    let method = if method == "HEAD" { "GET" } else { method };
    let mut known = false;
    for route in ROUTES {
        let Some(parameters) = route.parameters(path) else { continue };
        if route.method.as_str() == method {
            return Ok((route, parameters));
        }
        known = true;
    }
    Err(if known { NoRoute::MethodNotAllowed } else { NoRoute::UnknownPath })
}

/// The methods of a path, as the `Allow` header lists them; empty where there
/// is nothing.
pub fn allowed(path: &str) -> String {
    let mut methods = Vec::new();
    for route in ROUTES.iter().filter(|route| route.parameters(path).is_some()) {
        methods.push(route.method.as_str());
        methods.extend((route.method == Get).then_some("HEAD"));
    }
    methods.extend((!methods.is_empty()).then_some("OPTIONS"));
    methods.dedup();
    methods.join(", ")
}

impl Method {
    /// Upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Get => "GET",
            Post => "POST",
            Delete => "DELETE",
        }
    }
}

impl Cache {
    /// The value of `Cache-Control`.
    pub fn header(self) -> String {
        match self {
            NoStore => "no-store".into(),
            Revalidate => "no-cache".into(),
            Seconds(seconds) => format!("public, max-age={seconds}"),
            Immutable => "public, max-age=31536000, immutable".into(),
        }
    }
}

impl Route {
    const fn takes(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    /// The values of `{…}`, if the path is this route's.
    fn parameters(&self, path: &str) -> Option<Vec<String>> {
        let mut values = Vec::new();
        let mut segments = path.split('/');
        for expected in self.path.split('/') {
            let segment = segments.next()?;
            if expected.starts_with('{') && !segment.is_empty() {
                values.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned());
            } else if segment != expected {
                return None;
            }
        }
        segments.next().is_none().then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_route_hides_another() {
        for route in ROUTES {
            let (found, _) = find(route.method.as_str(), route.path).unwrap();
            assert_eq!(found.endpoint, route.endpoint, "{}", route.path);
        }
    }

    #[test]
    fn parameters_are_decoded() {
        let (route, parameters) = find("GET", "/api/v1/stocks/%5EGSPC/bars").unwrap();
        assert_eq!((route.endpoint, parameters), (Endpoint::Bars, vec!["^GSPC".to_owned()]));
        let (route, _) = find("HEAD", "/api/v1/health").unwrap();
        assert_eq!(route.endpoint, Endpoint::Health);
    }

    #[test]
    fn what_is_not_there_and_what_cannot_be_done_differ() {
        for path in ["/", "/api/v1", "/api/v1/stocks/", "/api/v1/stocks/A/b/c", "/api/v1/stocks/%ff"] {
            assert_eq!(find("GET", path), Err(NoRoute::UnknownPath), "{path}");
        }
        assert_eq!(find("POST", "/api/v1/stocks"), Err(NoRoute::MethodNotAllowed));
        assert_eq!(allowed("/api/v1/stocks"), "GET, HEAD, OPTIONS");
        assert_eq!(allowed("/api/v1/nope"), "");
    }
}
