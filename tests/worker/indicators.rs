//! Rolling indicators in the Feed: after a restart they go on from what was stored.

use std::fs;

use anyhow::Result;
use serde_json::{Value, json};
use tickwise_protocol::Origin;
use tickwise_protocol::rest::{Indicators, Stock};
use tickwise_tests::{Server, until};

use crate::alerts::{body, create, list};

/// How states came about since a length of the server's log: `[read, built, rebuilt]`.
fn states(server: &Server, log_from: usize) -> [u64; 3] {
    let log = fs::read_to_string(server.dir().join("log")).unwrap_or_default();
    let lines = log.get(log_from..).unwrap_or_default().lines();
    let entries = lines.filter_map(|line| serde_json::from_str::<Value>(line.trim()).ok());
    entries.fold([0; 3], |sums, entry| {
        let count = |name: &str| entry["indicator_states"][name].as_u64().unwrap_or(0);
        [sums[0] + count("read"), sums[1] + count("built"), sums[2] + count("rebuilt")]
    })
}

fn log_length(server: &Server) -> usize {
    fs::read_to_string(server.dir().join("log")).unwrap_or_default().len()
}

async fn newest(server: &Server, symbol: &str, query: &str, limit: usize) -> Result<Indicators> {
    server.get(&format!("/api/v1/stocks/{symbol}/indicators?{query}&limit={limit}")).await
}

/// The values at the newest closed bar, which come from states, are those of a series.
async fn check(server: &Server, symbol: &str, query: &str) -> Result<()> {
    let from_states = newest(server, symbol, query, 2).await?;
    let closed = from_states.times_ms.len() - 1 - usize::from(from_states.forming);
    let series = newest(server, symbol, query, 100).await?;
    let same = series.times_ms.iter().position(|time_ms| *time_ms == from_states.times_ms[closed]).unwrap();
    for (from_states, series) in from_states.indicators.iter().zip(&series.indicators) {
        for (from_states, series) in from_states.outputs.iter().zip(&series.outputs) {
            assert!(from_states.values[closed].is_some());
            assert_eq!(from_states.values[closed], series.values[same], "{}", from_states.name);
        }
    }
    Ok(())
}

#[tokio::test]
async fn after_kill_9_indicators_and_alerts_go_on_from_stored_states() -> Result<()> {
    // Minutes close every 100 ms.
    let mut server = Server::start(&[("REPLAY_SPEED", "600")]).await?;
    let never = json!({ "measure": "sma(30)", "interval": "1m", "is": "above", "value": 1e6 });
    create(&server, None, body("IBM", never)).await?;
    let query = "name=ema(12)&name=obv&interval=1m";
    check(&server, "IBM", query).await?;
    until("the alert's indicator", || async { (states(&server, 0) == [0, 3, 0]).then_some(()) }).await?;
    for _ in 0..2 {
        let before = log_length(&server);
        server.kill();
        server.restart().await?;
        check(&server, "IBM", query).await?;
        until("states that were read", || async { (states(&server, before)[0] == 3).then_some(()) }).await?;
        assert_eq!(states(&server, before), [3, 0, 0]);
    }
    Ok(())
}

#[tokio::test]
async fn a_split_builds_indicators_anew_and_fires_no_alert() -> Result<()> {
    // A day takes twelve seconds, within which the states of the first have to be built. Microsoft was split
    // two for one on the second, Tuesday 2003-02-18, from 48.30 to 24.96.
    let server = Server::start(&[("REPLAY_FROM", "2003-02-14"), ("REPLAY_SPEED", "2000")]).await?;
    let halved = json!({ "measure": "sma(2)", "interval": "1d", "is": "below", "value": 40 });
    let made = create(&server, None, body("MSFT", halved)).await?;
    let query = "name=sma(2)&name=rsi(14)";
    check(&server, "MSFT", query).await?;
    until("the day after the split", || async {
        let stock: Stock = server.get("/api/v1/stocks/MSFT").await.ok()?;
        matches!(stock.origin, Origin::Replay { date, .. } if date.to_string().as_str() > "2003-02-18")
            .then_some(())
    })
    .await?;
    check(&server, "MSFT", query).await?;
    assert_eq!(states(&server, 0), [0, 2, 2]);
    let average = newest(&server, "MSFT", query, 1).await?.indicators[0].outputs[0].values[0];
    assert!((20.0..30.0).contains(&average.unwrap()), "{average:?}");
    assert_eq!(list(&server, &made.token).await?[0].fired, None);
    Ok(())
}
