//! History and stream, joined at random instants.

use std::time::Duration;

use anyhow::Result;
use futures_util::future::try_join_all;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tickwise_market::Interval;
use tickwise_protocol::{rest::Bars, stream::ServerMessage};
use tickwise_tests::{Client, Server, rounds};

const SYMBOLS: [&str; 5] = ["AAPL", "FB", "GOOG", "IBM", "MSFT"];

/// Quotes followed after each join.
const QUOTES: usize = 5;

#[tokio::test]
async fn history_and_stream_join_at_random_instants() -> Result<()> {
    let server = Server::start(&[("REPLAY_SPEED", "300"), ("TICKWISE_BENCH", "1")]).await?;
    let joins = rounds(25, 1_000);
    try_join_all(SYMBOLS.iter().zip(0..).map(|(symbol, seed)| {
        let server = &server;
        async move {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            for _ in 0..joins / SYMBOLS.len() {
                join(server, symbol, &mut random).await?;
            }
            anyhow::Ok(())
        }
    }))
    .await?;
    Ok(())
}

/// The volume of the day's bar and the sizes of the quotes after it add up to
/// what each quote says of the day: nothing is missing, nothing counted twice.
async fn join(server: &Server, symbol: &str, random: &mut impl Rng) -> Result<()> {
    let bars: Bars = server.get(&format!("/api/v1/stocks/{symbol}/bars?interval=1d&limit=1")).await?;
    let mut volume = bars.bars[0].volume;
    let mut day_closed = !bars.forming;
    // An instant, not a synchronisation: whatever happens meanwhile is to be told.
    tokio::time::sleep(Duration::from_millis(random.random_range(0..400))).await;
    let mut client = Client::connect(server).await?;
    client.subscribe(&[symbol], &[(symbol, bars.seq)]).await?;
    let mut last_seq = bars.seq;
    while last_seq < bars.seq + QUOTES as u64 {
        match client.message().await? {
            ServerMessage::Quote(quote) => {
                assert_eq!(quote.seq, last_seq + 1, "{symbol}");
                let is = |sum: f64| (quote.volume - sum).abs() < 1e-6 * sum;
                let opens = day_closed && is(quote.size);
                assert!(
                    opens || is(volume + quote.size),
                    "{symbol} {}: {volume} before {quote:?}",
                    quote.seq
                );
                day_closed &= !opens;
                (last_seq, volume) = (quote.seq, quote.volume);
            }
            ServerMessage::Bar(bar) => day_closed |= bar.interval == Interval::Day,
            ServerMessage::Snapshot(snapshot) => {
                panic!("{symbol}: a snapshot instead of what follows: {snapshot:?}")
            }
            _ => {}
        }
    }
    Ok(())
}
