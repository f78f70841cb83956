//! Forecasts are on the record before anybody is told, and stay there.

use anyhow::Result;
use serde_json::{Value, json};
use tickwise_protocol::Origin;
use tickwise_record::{Exclusion, Record, verify};
use tickwise_tests::{Server, get, until};

/// A session lasts 6.5 s.
const FAST: [(&str, &str); 1] = [("REPLAY_SPEED", "3600")];

async fn record(server: &Server, limit: usize) -> Result<Record> {
    server.get(&format!("/api/v1/predictions/IBM/record?limit={limit}")).await
}

#[tokio::test]
async fn a_forecast_is_on_the_record_once_and_is_scored_as_days_close() -> Result<()> {
    let mut server = Server::start(&FAST).await?;
    let empty = record(&server, 520).await?;
    assert_eq!((empty.anchor.number, empty.live.forecasts), (0, 0));
    let forecast: Value = server.get("/api/v1/predictions/IBM").await?;
    let issued = record(&server, 520).await?;
    let first = &issued.entries[0];
    assert_eq!(first.entry.number, 1);
    assert_eq!(json!(first.entry.quantiles), forecast["quantiles"], "as issued, to the last digit");
    assert_eq!(json!(first.entry.origin), forecast["origin"]);
    assert!(first.entry.naive.iter().all(|row| row.len() == 7));

    // Nobody listens: being asked is enough.
    let scored = until("three scored forecasts", || async {
        let _: Value = server.get("/api/v1/predictions/IBM").await.ok()?;
        let record = record(&server, 520).await.ok()?;
        (record.replayed.forecasts >= 3).then_some(record)
    });
    let scored = scored.await?;
    assert_eq!(verify(&scored), []);
    assert_eq!(scored.live.forecasts, 0, "replayed days are no live record");
    let entries = &scored.entries;
    assert!(entries.iter().all(|scored| matches!(scored.entry.origin, Origin::Replay { lap: 0, .. })));
    assert!(entries.windows(2).all(|pair| pair[0].entry.origin_date < pair[1].entry.origin_date));
    assert_eq!(entries[0].hash, first.hash, "nothing issued is written again");

    // kill -9 loses nothing, and the same forecast computed again is no new entry.
    server.kill();
    server.restart().await?;
    let _: Value = server.get("/api/v1/predictions/IBM").await?;
    let after = record(&server, 520).await?;
    assert_eq!(verify(&after), []);
    assert_eq!(
        after.entries[..entries.len()].iter().map(|e| e.hash).collect::<Vec<_>>(),
        entries.iter().map(|e| e.hash).collect::<Vec<_>>()
    );
    let origins: Vec<_> = after.entries.iter().map(|scored| scored.entry.origin_date).collect();
    assert!(origins.is_sorted_by(|a, b| a < b), "{origins:?}");
    Ok(())
}

#[tokio::test]
async fn a_day_played_in_two_laps_counts_once() -> Result<()> {
    let last_days = [("REPLAY_FROM", "2013-02-26"), ("REPLAY_SPEED", "7200")];
    let server = Server::start(&last_days).await?;
    let record = until("a second lap", || async {
        let _: Value = server.get("/api/v1/predictions/IBM").await.ok()?;
        let record = record(&server, 520).await.ok()?;
        let repeated = record.entries.iter().any(|scored| scored.excluded == Some(Exclusion::Repeated));
        repeated.then_some(record)
    });
    let record = record.await?;
    assert_eq!(verify(&record), []);
    let counted = record.entries.iter().filter(|scored| scored.excluded.is_none());
    let mut dates: Vec<_> = counted.map(|scored| scored.entry.origin_date).collect();
    dates.sort();
    assert!(dates.is_sorted_by(|a, b| a < b), "{dates:?}");
    Ok(())
}

#[tokio::test]
async fn the_record_is_served_as_csv_and_refuses_what_it_does_not_know() -> Result<()> {
    let server = Server::start(&[]).await?;
    let _: Value = server.get("/api/v1/predictions/IBM").await?;
    let response = get(server.url("/api/v1/predictions/IBM/record?format=csv")).await?;
    assert!(response.headers()["content-type"].to_str()?.starts_with("text/csv"));
    let text = response.text().await?;
    let words = get(server.url("/api/v1/predictions/IBM/record?format=text")).await?.text().await?;
    assert_eq!(words, "No forecast of this symbol has been scored here yet.");
    let columns: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
    assert_eq!(columns, [24; 21], "a header and a line for each horizon");
    for (path, status, parameter) in [
        ("predictions/IBM/record?limit=521", 400, Some("limit")),
        ("predictions/IBM/record?format=arrow", 400, Some("format")),
        ("predictions/IBM/record?format=", 400, Some("format")),
        ("predictions/IBM/record?since=1", 400, Some("query")),
        ("predictions/NOPE/record", 404, None),
    ] {
        let (found, problem) = server.problem(&format!("/api/v1/{path}")).await?;
        assert_eq!((found, problem.parameter.as_deref()), (status, parameter), "{path}");
    }
    Ok(())
}
