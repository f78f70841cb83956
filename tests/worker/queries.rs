//! What parameters mean, and what is refused, alike on every route.

use anyhow::Result;
use reqwest::Method;
use serde_json::Value;
use tickwise_protocol::{
    Problem,
    rest::{Bars, ManyBars},
    routes::ROUTES,
};
use tickwise_tests::{Server, http, send};

/// 2012-12-04 15:00 in New York.
const AFTERNOON_MS: i64 = 1_354_651_200_000;

#[tokio::test]
async fn a_range_means_what_it_says() -> Result<()> {
    let server = Server::start(&[("REPLAY_FROM", "2013-02-01"), ("REPLAY_SPEED", "1")]).await?;
    let bars = async |query: &str| -> Result<Bars> {
        server.get(&format!("/api/v1/stocks/IBM/bars?interval=5m&limit=5000&{query}")).await
    };
    for from in [
        "2012-12-04T15:00:00",
        "2012-12-04T15:00",
        "2012-12-04T15:00:00-05:00",
        "2012-12-04T20:00:00Z",
        "1354651200",
        "1354651200000",
        "1354651200000000",
    ] {
        let hour = bars(&format!("from={from}&to=2012-12-05")).await?.bars;
        assert_eq!((hour.len(), hour[0].time_ms), (12, AFTERNOON_MS), "{from}");
    }
    let day = bars("from=20121204&to=20121205").await?.bars;
    assert_eq!((day.len(), day), (78, bars("from=2012-12-04&to=2012-12-05").await?.bars));
    let years: Bars = server.get("/api/v1/stocks/IBM/bars?from=2011&to=2012").await?;
    assert_eq!(years.bars.len(), 252, "the sessions of 2011");
    for to in ["9999-01-01", "9999-12-31", "9999-12-31T23:59:59Z", "9998-12-31"] {
        let all: Bars = server.get(&format!("/api/v1/stocks/IBM/bars?from=2013-01-02&to={to}")).await?;
        assert!(all.bars.len() > 20 && all.quote.is_some(), "{to}");
    }
    for wrong in ["5", "12345678", "253402214400000", "2012-13-01", "2012-12-04T15:00:00[Europe/Berlin]"] {
        for parameter in ["from", "to"] {
            let (status, problem) =
                server.problem(&format!("/api/v1/stocks/IBM/bars?{parameter}={wrong}")).await?;
            assert_eq!((status, problem.parameter.as_deref()), (400, Some(parameter)), "{wrong}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn unknown_parameters_are_refused_on_every_route() -> Result<()> {
    let server = Server::start(&[("METRICS_TOKEN", "secret")]).await?;
    for route in ROUTES {
        let path = route.path.replace("{symbol}", "IBM").replace("{id}", "current");
        let method = Method::from_bytes(route.method.as_str().as_bytes())?;
        let response = send(http().request(method, server.url(&format!("{path}?nonsense=1")))).await?;
        assert_eq!(response.status(), 400, "{path}");
        let problem: Problem = response.json().await?;
        assert_eq!(problem.parameter.as_deref(), Some("query"), "{path}");
        assert!(problem.detail.unwrap().contains("nonsense"), "{path}");
    }
    let (status, problem) = server.problem("/api/v1/stocks/IBM/bars?limit=1&limit=2").await?;
    assert_eq!((status, problem.parameter.as_deref()), (400, Some("query")));
    Ok(())
}

#[tokio::test]
async fn bars_of_many_symbols_are_those_of_each_and_a_bad_one_spoils_no_other() -> Result<()> {
    let server = Server::start(&[("REPLAY_SPEED", "0.001")]).await?;
    let query = "interval=1d&from=2012-08-01&to=2012-09-01";
    let many: ManyBars =
        server.get(&format!("/api/v1/bars?symbols=MSFT,NOPE,aapl&symbols=IBM&{query}")).await?;
    let asked: Vec<&str> = many.bars.iter().map(|answer| answer.symbol.as_str()).collect();
    assert_eq!(asked, ["MSFT", "NOPE", "aapl", "IBM"]);
    for answer in many.bars {
        if answer.symbol == "NOPE" {
            let problem = answer.problem.unwrap();
            assert_eq!((problem.status, problem.kind.as_str()), (404, "/docs/problems#unknown-symbol"));
            assert_eq!(answer.bars, None);
        } else {
            let alone: Bars = server.get(&format!("/api/v1/stocks/{}/bars?{query}", answer.symbol)).await?;
            assert_eq!(alone.bars.len(), 23);
            assert_eq!((answer.bars, answer.problem), (Some(alone), None));
        }
    }
    let all: Value = server.get("/api/v1/bars?symbols=AAPL,IBM&limit=5000").await?;
    assert!(all["bars"].as_array().unwrap().iter().all(|answer| answer["bars"]["quote"].is_object()));
    let fifty: Vec<String> = (0..51).map(|i| format!("S{i}")).collect();
    for (query, parameter) in [
        ("", "symbols"),
        ("symbols=", "symbols"),
        ("symbols=AAPL,AAPL", "symbols"),
        (&format!("symbols={}", fifty.join(",")), "symbols"),
        (&format!("symbols={}&limit=1001", fifty[1..].join(",")), "limit"),
        ("symbols=AAPL&format=csv", "query"),
        ("symbols=AAPL&from=then", "from"),
    ] {
        let (status, problem) = server.problem(&format!("/api/v1/bars?{query}")).await?;
        assert_eq!((status, problem.parameter.as_deref()), (400, Some(parameter)), "{query}");
    }
    Ok(())
}
