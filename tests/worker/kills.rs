//! `kill -9` at random moments while quotes are published and read.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use tickwise_protocol::{rest::Stock, stream::ServerMessage};
use tickwise_tests::{Client, Server, rounds, until};
use tokio::{sync::watch, task::JoinHandle};

const READERS: usize = 8;

/// Quotes published after the last kill.
const MORE: u64 = 50;

const PACE: Duration = Duration::from_millis(5);

/// What is published is known: its prices are 1, 2, 3 and so on. After a crash
/// the publisher goes on behind what the Feed has stored. Every reader ends with
/// a sequence in which each price has its own number, none missing, none twice.
#[tokio::test]
async fn kill_9_at_random_moments() -> Result<()> {
    let mut server = Server::start(&[("SOURCE", "live"), ("TICKWISE_BENCH", "1")]).await?;
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let (end, until_end) = watch::channel(None);
    let url: Arc<str> = server.stream_url().into();
    let readers: Vec<JoinHandle<Result<Seen>>> =
        (0..READERS).map(|_| tokio::spawn(read(Arc::clone(&url), until_end.clone()))).collect();
    let kills = rounds(3, 50);
    for kill in 1..=kills {
        let publisher = tokio::spawn(publish(server.publish_url(), stored(&server).await?, u64::MAX));
        tokio::time::sleep(Duration::from_millis(random.random_range(100..1_500))).await;
        server.kill();
        ensure!(publisher.await?.is_err(), "the publisher notices");
        server.restart().await?;
        println!("kill {kill} of {kills}: {} quotes stored", stored(&server).await?);
    }
    let last = stored(&server).await? + MORE;
    publish(server.publish_url(), last - MORE, last).await?;
    end.send(Some(last))?;
    for reader in readers {
        let seen = reader.await??;
        let first = *seen.first().context("nothing seen")?;
        for (nth, quote) in (0..).zip(&seen) {
            assert_eq!(*quote, (first.0 + nth, first.1 + nth));
        }
        assert_eq!(seen.last().map(|(_, price)| *price), Some(last));
    }
    Ok(())
}

/// Sequence numbers and prices.
type Seen = Vec<(u64, u64)>;

/// The last price that the Feed has stored.
async fn stored(server: &Server) -> Result<u64> {
    let stock: Stock = server.get("/api/v1/stocks/AAPL").await?;
    Ok(stock.quote.map_or(0, |quote| quote.price as u64))
}

/// Publishes the prices after `after` up to `last`.
async fn publish(url: String, after: u64, last: u64) -> Result<()> {
    let mut publisher = Client::connect_to(&url).await?;
    for price in after + 1..=last {
        publisher.send(&json!({"ts": 0, "price": price}).to_string()).await?;
        tokio::time::sleep(PACE).await;
    }
    Ok(())
}

/// Follows, resuming whenever the connection is lost, until the last price has come.
async fn read(url: Arc<str>, mut end: watch::Receiver<Option<u64>>) -> Result<Seen> {
    let mut seen = Seen::new();
    loop {
        let mut client = until("the server", || async { Client::connect_to(&url).await.ok() }).await?;
        let since: Vec<(&str, u64)> = seen.last().map(|(seq, _)| ("AAPL", *seq)).into_iter().collect();
        let subscribed = client.subscribe(&["AAPL"], &since).await;
        while subscribed.is_ok() {
            let last = *end.borrow_and_update();
            if last.is_some() && seen.last().map(|(_, price)| *price) == last {
                return Ok(seen);
            }
            let message = tokio::select! {
                message = client.message() => message,
                _ = end.changed() => continue,
            };
            match message {
                Ok(ServerMessage::Quote(quote)) => seen.push((quote.seq, quote.price as u64)),
                Ok(ServerMessage::Snapshot(snapshot)) => {
                    ensure!(seen.is_empty(), "what was seen is not resumed: {snapshot:?}");
                    seen.extend(snapshot.quote.map(|quote| (quote.seq, quote.price as u64)));
                }
                Ok(_) => {}
                Err(_) => break,
            }
            if let Some((seq, _)) = seen.last().filter(|(seq, _)| seq.is_multiple_of(100)) {
                let _ = client.acknowledge(&[("AAPL", *seq)]).await;
            }
        }
    }
}
