//! Coming back to the stream: after every kind of message, and to another numbering.

use std::{collections::BTreeMap, fs};

use anyhow::Result;
use tickwise_market::Interval;
use tickwise_protocol::{
    rest::{Bars, Indicators},
    stream::{Point, ServerMessage, Since, Snapshot},
};
use tickwise_tests::{Client, Server, within};

/// Messages after which a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Snapshot,
    Status,
    Quote,
    Bar,
    Forecast,
    Pong,
    Error,
}

fn kind(message: &ServerMessage) -> Option<Kind> {
    Some(match message {
        ServerMessage::Snapshot(_) => Kind::Snapshot,
        ServerMessage::Status(_) => Kind::Status,
        ServerMessage::Quote(_) => Kind::Quote,
        ServerMessage::Bar(_) => Kind::Bar,
        ServerMessage::Forecast(_) => Kind::Forecast,
        ServerMessage::Pong => Kind::Pong,
        ServerMessage::Error(_) => Kind::Error,
        ServerMessage::Alert(_) => return None,
    })
}

/// What a client has got over all of its connections.
#[derive(Default)]
struct Got {
    /// The place of the last quote or snapshot: the contract of `docs/stream.md`.
    place: Option<Point>,
    /// From which to which number each quote reaches.
    quotes: Vec<(u64, u64)>,
    /// Closes, by the number of the quote that closed them, and by interval.
    bars: BTreeMap<(u64, Interval), f64>,
    acknowledged: u64,
}

impl Got {
    fn take(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::Snapshot(snapshot) => {
                assert_eq!(self.place, None, "nothing was missed that only a snapshot could tell");
                self.place = Some(Point { epoch: snapshot.epoch, seq: snapshot.seq });
            }
            ServerMessage::Quote(quote) => {
                let place = self.place.as_mut().unwrap();
                assert_eq!(quote.from_seq.unwrap_or(quote.seq), place.seq + 1, "without gap or repetition");
                self.quotes.push((place.seq + 1, quote.seq));
                place.seq = quote.seq;
            }
            ServerMessage::Bar(bar) => {
                let known = self.bars.insert((bar.seq, bar.interval), bar.bar.close);
                assert!(known.is_none_or(|close| close == bar.bar.close), "the same as often as it is sent");
            }
            _ => {}
        }
    }

    /// Reads until a message of a kind, after some quotes, and breaks the connection.
    async fn read_until(&mut self, server: &Server, last: Kind) -> Result<()> {
        let mut client = Client::connect(server).await?;
        let since: Vec<_> = self.place.iter().map(|place| ("AAPL", Since::Point(*place))).collect();
        client.resume(&["AAPL"], &since).await?;
        loop {
            let message = client.message().await?;
            self.take(&message);
            if kind(&message) == Some(last) {
                return Ok(());
            }
            let seq = self.place.map_or(0, |place| place.seq);
            if seq >= self.acknowledged + 100 {
                client.acknowledge(&[("AAPL", seq)]).await?;
                self.acknowledged = seq;
                match last {
                    Kind::Pong => client.send(r#"{"type":"ping"}"#).await?,
                    Kind::Error => client.send("?").await?,
                    _ => {}
                }
            }
        }
    }
}

#[tokio::test]
async fn after_every_kind_of_message_a_client_resumes_without_gap_or_repetition() -> Result<()> {
    // A session in some eight seconds: minutes close all the time.
    let server = Server::start(&[("REPLAY_SPEED", "3000"), ("REPLAY_FROM", "2013-01-02")]).await?;
    let mut steady = Client::connect(&server).await?;
    steady.subscribe(&["AAPL"], &[]).await?;
    let mut got = Got::default();
    got.read_until(&server, Kind::Snapshot).await?;
    let began = got.place.unwrap().seq;
    for _ in 0..8 {
        for last in [Kind::Status, Kind::Bar, Kind::Quote, Kind::Bar, Kind::Pong, Kind::Error] {
            got.read_until(&server, last).await?;
        }
    }
    got.read_until(&server, Kind::Forecast).await?;
    got.read_until(&server, Kind::Quote).await?;

    let until = got.place.unwrap().seq;
    let mut expected = BTreeMap::new();
    let mut acknowledged = 0;
    loop {
        match steady.message().await? {
            ServerMessage::Bar(bar) => {
                expected.insert((bar.seq, bar.interval), bar.bar.close);
            }
            ServerMessage::Quote(quote) if quote.seq >= until => break,
            ServerMessage::Quote(quote) if quote.seq >= acknowledged + 200 => {
                acknowledged = quote.seq;
                steady.acknowledge(&[("AAPL", acknowledged)]).await?;
            }
            _ => {}
        }
    }
    let in_range = |bars: &BTreeMap<(u64, Interval), f64>| -> Vec<_> {
        bars.iter().filter(|((seq, _), _)| (began + 1..=until).contains(seq)).map(|(k, v)| (*k, *v)).collect()
    };
    let expected = in_range(&expected);
    assert!(expected.len() > 20, "{expected:?}");
    assert_eq!(in_range(&got.bars), expected, "every bar has come");
    Ok(())
}

#[tokio::test]
async fn a_bar_names_the_quote_that_is_still_to_come() -> Result<()> {
    let server = Server::start(&[("REPLAY_SPEED", "300")]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    let mut last = 0;
    let bar = loop {
        match client.message().await? {
            ServerMessage::Snapshot(snapshot) => last = snapshot.seq,
            ServerMessage::Quote(quote) => last = quote.seq,
            ServerMessage::Bar(bar) => break bar,
            _ => {}
        }
    };
    assert_eq!(bar.seq, last + 1);
    drop(client);
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[("AAPL", last)]).await?;
    let ServerMessage::Bar(again) = client.message().await? else { panic!("the bar comes again") };
    assert_eq!(again, bar);
    assert_eq!(client.quote().await?.seq, bar.seq);
    Ok(())
}

/// What a subscription to a symbol is answered with first.
async fn first(server: &Server, since: Since) -> Result<ServerMessage> {
    let mut client = Client::connect(server).await?;
    client.resume(&["IBM"], &[("IBM", since)]).await?;
    client.message().await
}

async fn snapshot(server: &Server, since: Since) -> Result<Snapshot> {
    match first(server, since).await? {
        ServerMessage::Snapshot(snapshot) => Ok(snapshot),
        other => panic!("{since:?}: {other:?}"),
    }
}

#[tokio::test]
async fn a_number_belongs_to_its_epoch() -> Result<()> {
    let mut server = Server::start(&[("REPLAY_SPEED", "300")]).await?;
    let bars: Bars = server.get("/api/v1/stocks/IBM/bars?interval=1d&limit=1").await?;
    let indicators: Indicators = server.get("/api/v1/stocks/IBM/indicators?name=sma(2)&limit=1").await?;
    let place = Point { epoch: bars.epoch, seq: bars.seq };
    assert!(place.epoch > 0 && place.seq > 0 && indicators.epoch == place.epoch);
    // Quotes that follow, so that there is something to resume.
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["IBM"], &[("IBM", place.seq)]).await?;
    let mut last = client.quote().await?.seq;
    while last < place.seq + 20 {
        last = client.quote().await?.seq;
    }
    for since in [Since::Seq(place.seq), Since::Point(place)] {
        let followed = first(&server, since).await?;
        assert!(
            matches!(followed, ServerMessage::Bar(_) | ServerMessage::Quote(_)),
            "{since:?}: {followed:?}"
        );
    }
    for epoch in [0, place.epoch - 1, place.epoch + 1, u64::MAX] {
        let other = snapshot(&server, Since::Point(Point { epoch, ..place })).await?;
        assert_eq!(other.epoch, place.epoch);
    }
    // Numbers beyond those of JavaScript are numbers too.
    for seq in [(1 << 53) + 1, u64::MAX] {
        snapshot(&server, Since::Seq(seq)).await?;
        snapshot(&server, Since::Point(Point { seq, ..place })).await?;
    }

    // An epoch lasts as long as the storage does.
    server.kill();
    server.restart().await?;
    let kept: Bars = server.get("/api/v1/stocks/IBM/bars?interval=1d&limit=1").await?;
    assert_eq!(kept.epoch, place.epoch);
    server.kill();
    fs::remove_dir_all(server.dir().join("state"))?;
    server.restart().await?;
    let lost = within("a number of old in the new epoch", async {
        loop {
            let bars: Bars = server.get("/api/v1/stocks/IBM/bars?interval=1d&limit=1").await?;
            if bars.seq > 3 {
                break anyhow::Ok(bars);
            }
        }
    });
    let lost = lost.await??;
    assert!(lost.epoch > place.epoch);
    let stale = snapshot(&server, Since::Point(Point { epoch: place.epoch, seq: lost.seq })).await?;
    assert_eq!(stale.epoch, lost.epoch);
    Ok(())
}

#[tokio::test]
async fn a_ping_is_answered_in_kind() -> Result<()> {
    let server = Server::start(&[]).await?;
    let mut client = Client::connect(&server).await?;
    client.send(r#"{"type":"ping"}"#).await?;
    assert_eq!(client.text().await?, r#"{"type":"pong"}"#);
    client.send("ping").await?;
    assert_eq!(client.text().await?, "pong");
    Ok(())
}
