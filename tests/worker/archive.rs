//! From Feed through Queue to R2, in the real workerd.

use std::{collections::BTreeMap, io::Write, time::Duration};

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use tickwise_protocol::{Origin, Quote, archive::Segment, stream::ServerMessage};
use tickwise_tests::{Client, PATIENCE, Server, Stored, http, send, until, until_for};

/// Hundreds of events in a few seconds.
const SPEED: (&str, &str) = ("REPLAY_SPEED", "1200");

/// The quotes of consecutive segments, each event of which is there once.
fn quotes(stored: &[Stored]) -> BTreeMap<u64, Quote> {
    let mut quotes = BTreeMap::new();
    let mut next = 1;
    for Stored { segment, events } in stored {
        assert_eq!(segment.first, next, "{segment:?}");
        for event in events {
            assert_eq!(event.seq, next);
            next += 1;
            let quote = event.messages.iter().find_map(|message| match message {
                ServerMessage::Quote(quote) => Some(quote.clone()),
                ServerMessage::Snapshot(snapshot) => snapshot.quote.clone(),
                _ => None,
            });
            let quote = quote.unwrap();
            assert!(quote.origin == Origin::Replay { date: segment.date, lap: 0 }, "{quote:?} {segment:?}");
            quotes.insert(event.seq, quote);
        }
        assert_eq!(segment.last, next - 1, "{segment:?}");
    }
    quotes
}

async fn archived_to(server: &Server, seq: u64, patience: Duration) -> Result<Vec<Stored>> {
    until_for(patience, "the archive", || async {
        let stored = server.archived("AAPL").await.ok()?;
        (stored.last()?.segment.last >= seq).then_some(stored)
    })
    .await
}

#[tokio::test]
async fn every_event_is_archived_once_although_workerd_is_killed() -> Result<()> {
    let mut server = Server::start(&[SPEED]).await?;
    let mut seen = BTreeMap::new();
    let mut last = 0;
    for round in 0..5 {
        let mut client = Client::connect(&server).await?;
        let since = [("AAPL", last)];
        client.subscribe(&["AAPL"], if round == 0 { &[] } else { &since }).await?;
        // At another place of the way from the log to the bucket each time.
        for _ in 0..250 + 90 * round {
            let quote = client.quote().await?;
            last = quote.seq;
            seen.insert(quote.seq, quote);
        }
        server.kill();
        server.restart().await?;
    }
    // It goes on without anybody who listens.
    let stored = archived_to(&server, last, PATIENCE).await?;
    let archived = quotes(&stored);
    assert!(seen.len() > 1_000 && stored.len() > 4, "{} in {}", seen.len(), stored.len());
    for (seq, quote) in seen {
        assert_eq!(archived[&seq], quote);
    }
    assert!(server.archive_keys("dead/").await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_nobody_listens_to_any_more_is_archived_too() -> Result<()> {
    let server = Server::start(&[SPEED]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    // Too few for a full segment. Until the minute is over, workerd takes the Feed out of memory.
    let mut last = client.quote().await?;
    while last.seq < 40 {
        last = client.quote().await?;
    }
    drop(client);
    // A segment that is not full may wait a minute.
    let stored = archived_to(&server, last.seq, Duration::from_secs(60) + PATIENCE).await?;
    let archived = quotes(&stored);
    assert_eq!(archived[&last.seq], last);
    Ok(())
}

#[tokio::test]
async fn a_message_delivered_again_changes_nothing() -> Result<()> {
    let server = Server::start_with_queue(&[SPEED]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    let stored = archived_to(&server, 1, PATIENCE).await?;
    let segment = &stored[0].segment;
    let bytes = server.archive_object(&segment.key()).await?;
    let line = |seq| format!("{{\"seq\":{seq},\"messages\":[]}}");
    // Whatever it says: these events are stored.
    let again: Vec<String> = (segment.first..=segment.last).map(line).collect();
    server.send_to_queue(&segment.message(&again)?).await?;
    // Messages are taken in order: when this one has come, so has the other.
    let after = Segment { symbol: "ZZZZ".parse()?, first: 1, last: 1, date: segment.date };
    server.send_to_queue(&after.message(&[line(1)])?).await?;
    until("the message after it", || async { server.archive_object(&after.key()).await.ok() }).await?;
    assert_eq!(server.archive_object(&segment.key()).await?, bytes);
    let mut expected = GzEncoder::new(Vec::new(), Compression::default());
    writeln!(expected, "{}", line(1))?;
    assert_eq!(server.archive_object(&after.key()).await?, expected.finish()?);
    Ok(())
}

#[tokio::test]
async fn poison_lands_in_the_dead_letters_and_is_counted() -> Result<()> {
    let server = Server::start_with_queue(&[("METRICS_TOKEN", "count")]).await?;
    let segment = Segment { symbol: "AAPL".parse()?, first: 7, last: 8, date: "2012-09-04".parse()? };
    let incomplete = segment.message(&["{\"seq\":7,\"messages\":[]}".into()])?;
    for poison in ["not a segment", incomplete.as_str(), "not a segment"] {
        server.send_to_queue(poison).await?;
    }
    let keys = until("the dead letters", || async {
        server.archive_keys("dead/").await.ok().filter(|keys| keys.len() == 2)
    })
    .await?;
    let mut letters = BTreeMap::new();
    for key in keys {
        let letter: Value = serde_json::from_slice(&server.archive_object(&key).await?)?;
        letters.insert(letter["body"].as_str().unwrap().to_owned(), letter["reason"].to_string());
    }
    assert!(letters["not a segment"].contains("first line"), "{letters:?}");
    assert!(letters[&incomplete].contains("1 events where the segment has 2"), "{letters:?}");
    assert!(server.archive_keys("raw/").await?.is_empty());
    let metrics = http().get(server.url("/metrics")).bearer_auth("count");
    let text = send(metrics).await?.error_for_status()?.text().await?;
    assert!(text.contains("\ntickwise_dead_letters 2\n"), "{text}");
    Ok(())
}

#[tokio::test]
async fn without_an_archive_nothing_is_kept_and_all_else_works() -> Result<()> {
    let server = Server::start(&[SPEED, ("ARCHIVE", "false")]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    while client.quote().await?.seq < 700 {}
    assert!(server.archive_keys("").await?.is_empty());
    Ok(())
}
