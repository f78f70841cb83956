//! Many readers and one paced publisher, over WebSockets on this machine.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use futures_util::{SinkExt, StreamExt, future::try_join_all};
use memchr::memmem;
use tickwise_tests::Server;
use tokio::{net::TcpStream, sync::Semaphore, task::JoinHandle, time};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config, tungstenite::Message};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const SUBSCRIBE: &str = r#"{"type":"subscribe","symbols":["AAPL"]}"#;

/// How often a reader acknowledges, as the dashboard does, each by its own clock.
const ACKNOWLEDGE_EVERY: Duration = Duration::from_secs(1);

/// Published messages are padded to this.
const MESSAGE_BYTES: usize = 120;

/// Once nothing has come for so long, nothing more will.
const SILENCE: Duration = Duration::from_secs(4);

/// A server with readers connected to it.
pub struct Readers {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<Heard>>,
}

/// What all readers of a server share.
#[derive(Default)]
struct Shared {
    received: AtomicU64,
    joined: AtomicU64,
    bytes: AtomicU64,
    stop: AtomicBool,
}

/// What one reader has heard.
#[derive(Default)]
struct Heard {
    latencies_ms: Vec<f32>,
    last_seq: Option<u64>,
    holes: u64,
    repeated: u64,
}

/// How much is published.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub messages_per_sec: f64,
    pub seconds: f64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub expected: u64,
    pub received: u64,
    /// Places at which a reader missed a sequence number.
    pub holes: u64,
    pub repeated: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    pub deliveries_per_sec: f64,
    /// Of a quote as the readers get it.
    pub frame_bytes: u64,
}

impl Readers {
    /// Connects them all; with `acknowledging` they speak our protocol.
    pub async fn connect(server: &Server, count: usize, acknowledging: bool) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let gate = Semaphore::new(32);
        let connecting = (0..count).map(|_| async {
            let _turn = gate.acquire().await?;
            let (mut socket, _) = connect_async_with_config(server.stream_url(), None, true).await?;
            socket.send(Message::text(SUBSCRIBE)).await?;
            anyhow::Ok(socket)
        });
        let sockets = try_join_all(connecting).await?;
        let read = |(index, socket)| {
            let first = Instant::now() + ACKNOWLEDGE_EVERY.mul_f64(index as f64 / count as f64);
            tokio::spawn(read(socket, Arc::clone(&shared), acknowledging.then_some(first)))
        };
        let readers = Self { tasks: sockets.into_iter().enumerate().map(read).collect(), shared };
        while acknowledging && readers.shared.joined.load(Relaxed) < count as u64 {
            time::sleep(Duration::from_millis(20)).await;
        }
        // The hub answers nothing; this is more than it needs.
        time::sleep(Duration::from_secs(1)).await;
        Ok(readers)
    }

    /// Publishes, waits until everything has come, and disconnects.
    pub async fn measure(self, server: &Server, load: Load) -> Result<Outcome> {
        let (mut publisher, _) = connect_async_with_config(server.publish_url(), None, true).await?;
        let count = (load.messages_per_sec * load.seconds).round() as u64;
        let mut pace = time::interval(Duration::from_secs_f64(1.0 / load.messages_per_sec));
        let began = Instant::now();
        for seq in 1..=count {
            pace.tick().await;
            publisher.send(Message::text(quote(seq))).await?;
        }
        let expected = count * self.tasks.len() as u64;
        let mut last = (self.shared.received.load(Relaxed), Instant::now());
        while last.0 < expected && last.1.elapsed() < SILENCE {
            time::sleep(Duration::from_millis(10)).await;
            let received = self.shared.received.load(Relaxed);
            if received != last.0 {
                last = (received, Instant::now());
            }
        }
        let elapsed = last.1 - began;
        let _ = publisher.close(None).await;
        let bytes = self.shared.bytes.load(Relaxed);
        let heard = self.disconnect().await?;
        let mut outcome = Outcome { expected, frame_bytes: bytes, ..Outcome::default() };
        let mut latencies = Vec::new();
        for reader in heard {
            outcome.holes += reader.holes;
            outcome.repeated += reader.repeated;
            latencies.extend(reader.latencies_ms);
        }
        latencies.sort_by(f32::total_cmp);
        let quantile = |p: f64| {
            let index = (latencies.len().saturating_sub(1) as f64 * p) as usize;
            latencies.get(index).copied().map_or(f64::NAN, f64::from)
        };
        outcome.received = latencies.len() as u64;
        (outcome.p50_ms, outcome.p99_ms, outcome.max_ms) = (quantile(0.5), quantile(0.99), quantile(1.0));
        outcome.deliveries_per_sec = outcome.received as f64 / elapsed.as_secs_f64();
        Ok(outcome)
    }

    async fn disconnect(self) -> Result<Vec<Heard>> {
        self.shared.stop.store(true, Relaxed);
        let mut heard = Vec::new();
        for task in self.tasks {
            heard.push(task.await?);
        }
        ensure!(!heard.is_empty(), "no reader");
        Ok(heard)
    }
}

/// One quote, for the hub and for us.
fn quote(seq: u64) -> String {
    let ts = now_ms();
    let quote = format!(r#"{{"symbol":"AAPL","seq":{seq},"ts":{ts:.3},"price":101.25,"pad":""#);
    let pad = MESSAGE_BYTES.saturating_sub(quote.len() + 2);
    format!("{quote}{}\"}}", "x".repeat(pad))
}

/// Reads until it is told to stop, and acknowledges from the given instant on.
async fn read(mut socket: Socket, shared: Arc<Shared>, mut acknowledge_at: Option<Instant>) -> Heard {
    let mut heard = Heard::default();
    let mut first = true;
    while !shared.stop.load(Relaxed) {
        let message = match time::timeout(Duration::from_millis(250), socket.next()).await {
            Err(_) => continue,
            Ok(Some(Ok(Message::Text(message)))) => message,
            Ok(Some(Ok(_))) => continue,
            Ok(_) => break,
        };
        if std::mem::take(&mut first) {
            shared.joined.fetch_add(1, Relaxed);
        }
        let at_ms = now_ms();
        let (Some(ts), Some(seq)) = (number(&message, "\"ts\":"), number(&message, "\"seq\":")) else {
            continue;
        };
        heard.latencies_ms.push((at_ms - ts) as f32);
        let seq = seq as u64;
        match heard.last_seq {
            Some(last) if seq <= last => heard.repeated += 1,
            Some(last) if seq > last + 1 => heard.holes += 1,
            _ => {}
        }
        heard.last_seq = Some(seq);
        shared.bytes.store(message.len() as u64, Relaxed);
        shared.received.fetch_add(1, Relaxed);
        if let Some(at) = acknowledge_at.as_mut().filter(|at| **at <= Instant::now()) {
            *at += ACKNOWLEDGE_EVERY;
            let text = format!(r#"{{"type":"ack","seqs":{{"AAPL":{seq}}}}}"#);
            if socket.send(Message::text(text)).await.is_err() {
                break;
            }
        }
    }
    let _ = time::timeout(Duration::from_millis(500), socket.close(None)).await;
    heard
}

/// The number after a key of a JSON text, wherever in it: that must not make our longer quotes dearer.
fn number(text: &str, key: &str) -> Option<f64> {
    let rest = text.get(memmem::find(text.as_bytes(), key.as_bytes())? + key.len()..)?;
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | 'e' | '+'));
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1e3)
}

/// The middle of some numbers.
///
/// # Errors
/// When there are none.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> Result<f64> {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().context("no numbers")
}
