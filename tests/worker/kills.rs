//! `kill -9` at random moments while quotes are published and read.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use jiff::civil::date;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use tickwise_protocol::{rest::Stock, stream::ServerMessage};
use tickwise_tests::{
    Client, PATIENCE, Server, rounds,
    sim::{Access, Plan},
    until, until_for,
};
use tokio::{sync::watch, task::JoinHandle};

use crate::live_feed::{self, Received};

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

/// The whole way of live prices: from the vendor, within its quota, through
/// Scheduler, Feed and Gateway to every reader, and into the archive.
#[tokio::test]
async fn kill_9_at_random_moments_of_live_prices() -> Result<()> {
    let at = date(2012, 12, 4).at(10, 0, 0, 0);
    let vendor = live_feed::vendor(Plan::Premium(75), Access::Realtime, at, 5.0).await?;
    let vars = [
        ("ALPHAVANTAGE_PLAN", "premium75"),
        ("ALPHAVANTAGE_ENTITLEMENT", "realtime"),
        ("SYMBOLS", "AAPL,IBM"),
    ];
    let mut server = live_feed::server(&vendor, &vars).await?;
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let (end, until_end) = watch::channel(None);
    let url: Arc<str> = server.stream_url().into();
    let readers: Vec<JoinHandle<Result<Received>>> =
        (0..3).map(|_| tokio::spawn(follow(Arc::clone(&url), until_end.clone()))).collect();
    until("the first price", || async { stored(&server).await.ok().filter(|price| *price > 0) }).await?;
    for _ in 0..rounds(3, 50) {
        tokio::time::sleep(Duration::from_millis(random.random_range(100..2_500))).await;
        server.kill();
        server.restart().await?;
    }
    let stock: Stock = server.get("/api/v1/stocks/AAPL").await?;
    let last = stock.quote.context("no quote")?.seq + 3;
    end.send(Some(last))?;
    let mut seen = Vec::new();
    for reader in readers {
        let received = reader.await??;
        received.check();
        seen.extend(received.quotes.into_iter().filter(|quote| quote.seq <= last));
    }
    // A segment that is not full may wait a minute.
    let archived = until_for(Duration::from_secs(60) + PATIENCE, "the archive", || async {
        let stored = server.archived("AAPL").await.ok()?;
        (stored.last()?.segment.last >= last).then_some(stored)
    });
    let archived: Vec<_> = archived.await?.into_iter().flat_map(|stored| stored.events).collect();
    for (seq, event) in (1..).zip(&archived) {
        assert_eq!(event.seq, seq, "each event is archived once");
    }
    for quote in seen {
        let event = &archived[usize::try_from(quote.seq)? - 1];
        assert!(event.messages.contains(&ServerMessage::Quote(quote)), "{event:?}");
    }
    let log = vendor.log();
    assert!(!log.is_empty() && log.iter().all(|request| request.outcome == "ok"), "{log:?}");
    Ok(())
}

/// Follows live prices of AAPL until a number has come, resuming whenever the connection is lost.
async fn follow(url: Arc<str>, mut end: watch::Receiver<Option<u64>>) -> Result<Received> {
    let mut received = Received::default();
    loop {
        let mut client = until("the server", || async { Client::connect_to(&url).await.ok() }).await?;
        let since = [("AAPL", received.last_seq())];
        let since = if received.quotes.is_empty() { &[][..] } else { &since };
        let subscribed = client.subscribe(&["AAPL"], since).await;
        while subscribed.is_ok() {
            if end.borrow_and_update().is_some_and(|last| received.last_seq() >= last) {
                return Ok(received);
            }
            let message = tokio::select! {
                message = client.message() => message,
                _ = end.changed() => continue,
            };
            match message {
                Ok(message) => received.take(message),
                Err(_) => break,
            }
        }
    }
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
