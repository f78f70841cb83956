use anyhow::Result;
use tickwise_market::{Calendar, Interval};
use tickwise_protocol::{
    rest::Bars,
    stream::{
        MAX_CLIENT_MESSAGE_BYTES, MESSAGE_BURST, ServerMessage, SourceState, StreamErrorCode,
        UNACKNOWLEDGED_WINDOW,
    },
};
use tickwise_tests::{Client, Server, until};

/// Fast enough that minutes close while a test waits.
const FAST: [(&str, &str); 1] = [("REPLAY_SPEED", "300")];

#[tokio::test]
async fn a_subscription_begins_with_a_snapshot_and_its_status() -> Result<()> {
    let server = Server::start(&FAST).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    let ServerMessage::Snapshot(snapshot) = client.message().await? else { panic!("no snapshot") };
    let ServerMessage::Status(status) = client.message().await? else { panic!("no status") };
    assert_eq!(status.state, SourceState::Streaming);
    assert!(snapshot.simulated && snapshot.forming.contains_key(&Interval::Day));
    let mut last = snapshot.quote.unwrap();
    for seq in snapshot.seq + 1..snapshot.seq + 40 {
        let quote = client.quote().await?;
        assert_eq!(quote.seq, seq);
        assert!(quote.exchange_time_ms >= last.exchange_time_ms && quote.volume > last.volume);
        last = quote;
    }
    Ok(())
}

#[tokio::test]
async fn bad_messages_are_answered_and_the_connection_lives() -> Result<()> {
    let server = Server::start(&FAST).await?;
    let mut client = Client::connect(&server).await?;
    for text in [
        "",
        "{",
        "[]",
        r#"{"type":"dance"}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","symbols":[""]}"#,
    ] {
        client.send(text).await?;
        assert_eq!(client.error().await?.code, StreamErrorCode::Malformed, "{text}");
    }
    client.send_binary(&[0, 159, 146, 150]).await?;
    assert_eq!(client.error().await?.code, StreamErrorCode::Malformed);
    client.send(&format!("{{\"type\":\"{}\"}}", "x".repeat(MAX_CLIENT_MESSAGE_BYTES))).await?;
    assert_eq!(client.error().await?.code, StreamErrorCode::TooLarge);
    client.subscribe(&["NOPE"], &[]).await?;
    let error = client.error().await?;
    assert_eq!((error.code, error.symbol.as_deref()), (StreamErrorCode::UnknownSymbol, Some("NOPE")));
    client.subscribe(&["IBM"], &[]).await?;
    assert_eq!(client.quote().await?.symbol.as_str(), "IBM");
    client.send("ping").await?;
    while client.text().await? != "pong" {}
    Ok(())
}

#[tokio::test]
async fn too_many_symbols_are_refused() -> Result<()> {
    let server = Server::start(&[]).await?;
    let mut client = Client::connect(&server).await?;
    let names: Vec<String> = (0..51).map(|i| format!("S{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    client.subscribe(&names, &[]).await?;
    for _ in 0..50 {
        assert_eq!(client.error().await?.code, StreamErrorCode::UnknownSymbol);
    }
    Ok(())
}

#[tokio::test]
async fn a_reader_that_acknowledges_nothing_is_sent_the_latest_quotes() -> Result<()> {
    // Some hundred quotes a second: the window is full after a few of them.
    let server = Server::start(&[("REPLAY_SPEED", "3000"), ("REPLAY_FROM", "2013-01-02")]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    let mut last = client.quote().await?;
    let mut minutes = 0;
    let conflated = loop {
        match client.message().await? {
            ServerMessage::Quote(quote) => {
                let from_seq = quote.from_seq.unwrap_or(quote.seq);
                assert_eq!(from_seq, last.seq + 1, "nothing is missing");
                last = quote.clone();
                if quote.from_seq.is_some() {
                    break quote;
                }
            }
            ServerMessage::Bar(bar) if bar.interval == Interval::Minute => minutes += 1,
            _ => {}
        }
    };
    assert!(conflated.seq > UNACKNOWLEDGED_WINDOW && minutes > 0);
    client.acknowledge(&[("AAPL", conflated.seq)]).await?;
    while client.quote().await?.from_seq.is_some() {}
    Ok(())
}

#[tokio::test]
async fn who_talks_too_much_is_told_and_then_closed() -> Result<()> {
    let server = Server::start(&[]).await?;
    let mut client = Client::connect(&server).await?;
    for _ in 0..2 * MESSAGE_BURST {
        client.send(r#"{"type":"ack","seqs":{}}"#).await?;
    }
    assert_eq!(client.error().await?.code, StreamErrorCode::TooManyMessages);
    let closed = client.end().await;
    assert!(closed.contains("too many messages"), "{closed}");
    Ok(())
}

#[tokio::test]
async fn an_address_holds_only_so_many_connections() -> Result<()> {
    let server = Server::start(&[("CONNECTIONS_PER_ADDRESS", "3")]).await?;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(Client::connect(&server).await?);
    }
    let refused = Client::connect(&server).await.err().unwrap().to_string();
    assert!(refused.contains("429"), "{refused}");
    clients.pop();
    until("a place", || async { Client::connect(&server).await.ok() }).await?;
    Ok(())
}

#[tokio::test]
async fn readers_at_two_gateways_get_the_same() -> Result<()> {
    let vars = [FAST[0], ("CONNECTIONS_PER_ADDRESS", "1"), ("GATEWAY_SHARDS", "16")];
    let server = Server::start(&vars).await?;
    let mut readers = Vec::new();
    for address in ["192.0.2.1", "192.0.2.2", "2001:db8:1:2::1"] {
        readers.push(Client::connect_from(&server, address).await?);
    }
    // A host has a whole network of addresses.
    let refused = Client::connect_from(&server, "2001:db8:1:2::ffff").await.err().unwrap().to_string();
    assert!(refused.contains("429"), "{refused}");
    let mut texts = Vec::new();
    for reader in &mut readers {
        reader.subscribe(&["AAPL"], &[]).await?;
    }
    for reader in &mut readers {
        let mut quotes = Vec::new();
        for _ in 0..100 {
            quotes.push(reader.quote().await?);
        }
        texts.push(quotes);
    }
    let last = texts.iter().map(|quotes| quotes[0].seq).max().unwrap();
    for quotes in &mut texts {
        assert!(quotes.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1));
        quotes.retain(|quote| (last..last + 20).contains(&quote.seq));
    }
    assert!(texts[0].len() == 20 && texts.iter().all(|quotes| *quotes == texts[0]));
    Ok(())
}

#[tokio::test]
async fn a_symbol_named_often_is_one_subscription() -> Result<()> {
    let server = Server::start(&FAST).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"; 400], &[]).await?;
    let mut last = client.quote().await?.seq;
    for _ in 0..50 {
        match client.message().await? {
            ServerMessage::Snapshot(snapshot) => panic!("{snapshot:?}"),
            ServerMessage::Quote(quote) => {
                assert_eq!(quote.seq, last + 1);
                last = quote.seq;
            }
            _ => {}
        }
    }
    Ok(())
}

#[tokio::test]
async fn who_subscribes_again_and_again_has_to_acknowledge() -> Result<()> {
    let server = Server::start(&FAST).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    let first = client.quote().await?.seq;
    // By the rate of messages it might.
    for _ in 0..MESSAGE_BURST * 2 {
        if client.subscribe(&["AAPL"], &[("AAPL", first)]).await.is_err() {
            break;
        }
        client.quote().await.ok();
    }
    let closed = client.end().await;
    assert!(closed.contains("too slow"), "{closed}");
    Ok(())
}

#[tokio::test]
async fn a_day_that_closes_brings_a_forecast() -> Result<()> {
    // A session in some eight seconds.
    let server = Server::start(&[("REPLAY_SPEED", "3000"), ("REPLAY_FROM", "2013-01-02")]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    let (mut closed, mut last) = (None, 0);
    let forecast = loop {
        match client.message().await? {
            ServerMessage::Bar(bar) if bar.interval == Interval::Day => closed = Some(bar.bar),
            ServerMessage::Quote(quote) if quote.seq >= last + 200 => {
                last = quote.seq;
                client.acknowledge(&[("AAPL", last)]).await?;
            }
            ServerMessage::Forecast(forecast) if closed.is_some() => break forecast,
            _ => {}
        }
    };
    let day = Calendar::Nyse.session(forecast.origin_date).unwrap();
    assert_eq!((closed.unwrap().time_ms, forecast.symbol.as_str()), (day.open_ms, "AAPL"));
    Ok(())
}

#[tokio::test]
async fn a_client_resumes_exactly_where_it_stopped() -> Result<()> {
    let server = Server::start(&FAST).await?;
    let mut steady = Client::connect(&server).await?;
    steady.subscribe(&["MSFT"], &[]).await?;
    let first = steady.quote().await?;
    let mut expected = vec![first.clone()];
    for _ in 0..60 {
        expected.push(steady.quote().await?);
    }

    let mut resumed = Client::connect(&server).await?;
    resumed.subscribe(&["MSFT"], &[("MSFT", first.seq - 1)]).await?;
    for quote in &expected {
        assert_eq!(&resumed.quote().await?, quote);
    }

    // A number that was never given out cannot be resumed: a snapshot comes instead.
    let mut ahead = Client::connect(&server).await?;
    ahead.subscribe(&["MSFT"], &[("MSFT", 1_000_000_000)]).await?;
    assert!(matches!(ahead.message().await?, ServerMessage::Snapshot(_)));
    Ok(())
}

#[tokio::test]
async fn nothing_comes_after_unsubscribing() -> Result<()> {
    let server = Server::start(&FAST).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL", "IBM"], &[]).await?;
    while client.quote().await?.symbol.as_str() != "AAPL" {}
    client.send(r#"{"type":"unsubscribe","symbols":["AAPL"]}"#).await?;
    // What was under way may still come, then IBM alone.
    let mut in_a_row = 0;
    while in_a_row < 40 {
        in_a_row = if client.quote().await?.symbol.as_str() == "IBM" { in_a_row + 1 } else { 0 };
    }
    Ok(())
}

#[tokio::test]
async fn history_and_stream_join_without_hole_or_overlap() -> Result<()> {
    let server = Server::start(&FAST).await?;
    let bars: Bars = server.get("/api/v1/stocks/AAPL/bars?interval=1d&limit=1").await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[("AAPL", bars.seq)]).await?;
    let mut volume = bars.bars[0].volume;
    let mut close = bars.bars[0].close;
    let mut announced = Vec::new();
    while announced.len() < 3 {
        match client.message().await? {
            ServerMessage::Quote(quote) => {
                volume += quote.size;
                close = quote.price;
                assert!((volume - quote.volume).abs() < 1e-6 * volume, "nothing is missing or counted twice");
            }
            ServerMessage::Bar(bar) if bar.interval == Interval::Minute => announced.push(bar.bar),
            _ => {}
        }
    }
    assert!(close > 0.0);
    let served: Bars = server.get("/api/v1/stocks/AAPL/bars?interval=1m&limit=100").await?;
    for bar in announced {
        assert!(served.bars.contains(&bar), "what the stream closes is what the history shows: {bar:?}");
    }
    Ok(())
}
