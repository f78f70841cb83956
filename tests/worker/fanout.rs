use std::collections::BTreeMap;

use anyhow::Result;
use futures_util::future::try_join_all;
use tickwise_protocol::stream::ServerMessage;
use tickwise_tests::{Client, Server};

const SYMBOLS: [&str; 5] = ["AAPL", "FB", "GOOG", "IBM", "MSFT"];
const CLIENTS: usize = 100;
const QUOTES_EACH: usize = 60;

/// What a client saw of each symbol: sequence numbers and prices.
type Seen = BTreeMap<String, BTreeMap<u64, f64>>;

#[tokio::test]
async fn a_hundred_clients_see_the_same_sequence() -> Result<()> {
    let server = Server::start(&[("REPLAY_SPEED", "120")]).await?;
    let seen = try_join_all((0..CLIENTS).map(|_| watch(&server))).await?;
    let mut truth: Seen = BTreeMap::new();
    for seen in &seen {
        for (symbol, quotes) in seen {
            let (first, last) = (quotes.keys().next().unwrap(), quotes.keys().last().unwrap());
            assert_eq!(last - first + 1, quotes.len() as u64, "{symbol}: no gap");
            for (seq, price) in quotes {
                let known = *truth.entry(symbol.clone()).or_default().entry(*seq).or_insert(*price);
                assert_eq!(known, *price, "{symbol} {seq}");
            }
        }
    }
    Ok(())
}

/// Follows all symbols until enough quotes of each have come, each once and in order.
async fn watch(server: &Server) -> Result<Seen> {
    let mut client = Client::connect(server).await?;
    client.subscribe(&SYMBOLS, &[]).await?;
    let mut seen: Seen = BTreeMap::new();
    let mut last = BTreeMap::new();
    while seen.len() < SYMBOLS.len() || seen.values().any(|quotes| quotes.len() < QUOTES_EACH) {
        match client.message().await? {
            ServerMessage::Snapshot(snapshot) => {
                last.insert(snapshot.symbol.to_string(), snapshot.seq);
            }
            ServerMessage::Quote(quote) => {
                let symbol = quote.symbol.to_string();
                assert_eq!(quote.seq, last[&symbol] + 1, "{symbol}");
                last.insert(symbol.clone(), quote.seq);
                seen.entry(symbol).or_default().insert(quote.seq, quote.price);
            }
            _ => {}
        }
    }
    Ok(seen)
}
