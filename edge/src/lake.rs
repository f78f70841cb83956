//! From the Queue into object storage: every segment of events once, and what
//! cannot be stored where it is seen.
//!
//! A Queue delivers at least once. The key of a segment follows from what is in
//! it, and an object that exists is not written again, so a second delivery
//! changes nothing but tells the Feed again. What was refused too often comes
//! back through the dead-letter queue and is kept under `dead/`.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use futures_util::future::join_all;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tickwise_protocol::archive::Segment;
use wasm_bindgen::JsValue;
use worker::{
    Bucket, Conditional, Env, HttpMetadata, MessageBatch, MessageExt, Queue, QueueContentType,
    QueueRetryOptionsBuilder, RawMessage, RawMessageBuilder, js_sys,
};

use crate::{
    console,
    error::EdgeError,
    live::{Archived, call},
};

/// The binding of the Queue.
const QUEUE: &str = "EVENTS";

/// The binding of the bucket.
const BUCKET: &str = "LAKE";

/// Messages come back through a queue of this name when they were refused too often.
const DEAD_LETTERS: &str = "tickwise-events-dead";

/// What could not be stored lies here.
const DEAD_PREFIX: &str = "dead/";

/// After a failure of the platform, which passes.
const RETRY_SECS: u32 = 5;

/// A message that could not be stored as a segment.
#[derive(Serialize)]
struct DeadLetter<'a> {
    reason: String,
    body: &'a str,
}

/// The Queue that Feeds send their segments to.
///
/// # Errors
/// [`EdgeError::Config`] where it is not bound.
pub fn events(env: &Env) -> Result<Queue, EdgeError> {
    env.queue(QUEUE).map_err(|_| not_bound("the Queue EVENTS"))
}

/// Sends a segment's message.
///
/// # Errors
/// When the platform fails.
pub async fn send(queue: &Queue, message: &str) -> Result<(), EdgeError> {
    let message = RawMessageBuilder::new(JsValue::from_str(message));
    Ok(queue.send_raw(message.build_with_content_type(QueueContentType::Text)).await?)
}

/// Stores the messages of a batch; those that cannot be stored come again.
pub async fn consume(batch: &MessageBatch<String>, env: &Env) {
    let is_dead = batch.queue() == DEAD_LETTERS;
    let stored = batch.raw_iter().map(|message| async move {
        let body = body(&message);
        let outcome = if is_dead { keep_dead(env, &body).await } else { keep(env, &body).await };
        match outcome {
            Ok(()) => message.ack(),
            Err(error) => {
                console::warn(format_args!("message {}: {error}", message.id()));
                // It is as wrong now as later: to the dead letters with it.
                let is_hopeless = matches!(error, EdgeError::BadBody(_));
                let wait_secs = if is_hopeless { 0 } else { RETRY_SECS };
                message.retry_with_options(
                    &QueueRetryOptionsBuilder::new().with_delay_seconds(wait_secs).build(),
                );
            }
        }
    });
    join_all(stored).await;
}

/// How many dead letters there are, counted up to 1,000; `None` without a bucket.
///
/// # Errors
/// When the platform fails.
pub async fn dead_letters(env: &Env) -> Result<Option<usize>, EdgeError> {
    let Ok(bucket) = bucket(env) else { return Ok(None) };
    Ok(Some(bucket.list().prefix(DEAD_PREFIX).execute().await?.objects().len()))
}

async fn keep(env: &Env, body: &str) -> Result<(), EdgeError> {
    let (segment, lines) =
        Segment::parse_message(body).map_err(|error| EdgeError::BadBody(error.to_string()))?;
    put_once(&bucket(env)?, segment.key(), "application/gzip", gzip(lines)?).await?;
    let Segment { symbol, first, last, .. } = segment;
    let feed = env.durable_object("FEED")?.id_from_name(symbol.as_str())?.get_stub()?;
    let answer = call(&feed, &format!("/{symbol}/archived"), &Archived { first, last }).await?;
    match answer.status_code() {
        200..300 => Ok(()),
        status => Err(worker::Error::RustError(format!("the Feed of {symbol} answers {status}")).into()),
    }
}

async fn keep_dead(env: &Env, body: &str) -> Result<(), EdgeError> {
    let reason = match Segment::parse_message(body) {
        Err(error) => error.to_string(),
        Ok(_) => "a segment that could not be stored or confirmed; its Feed sends it again".into(),
    };
    // Named by its content: the same message is the same letter.
    let hash: String = Sha256::digest(body.as_bytes()).iter().take(16).map(|b| format!("{b:02x}")).collect();
    let letter = serde_json::to_vec(&DeadLetter { reason, body })?;
    put_once(&bucket(env)?, format!("{DEAD_PREFIX}{hash}.json"), "application/json", letter).await
}

/// Writes an object unless there is one.
async fn put_once(bucket: &Bucket, key: String, kind: &str, bytes: Vec<u8>) -> Result<(), EdgeError> {
    let absent = Conditional { etag_does_not_match: Some("*".into()), ..Conditional::default() };
    let metadata = HttpMetadata { content_type: Some(kind.into()), ..HttpMetadata::default() };
    bucket.put(key, bytes).only_if(absent).http_metadata(metadata).execute().await?;
    Ok(())
}

fn bucket(env: &Env) -> Result<Bucket, EdgeError> {
    env.bucket(BUCKET).map_err(|_| not_bound("the R2 bucket LAKE"))
}

fn not_bound(what: &str) -> EdgeError {
    let detail = format!("needs {what}: bind it in wrangler.toml, or set ARCHIVE to false");
    EdgeError::Config { name: "ARCHIVE", detail }
}

/// The text of a message, or what JSON makes of it.
fn body(message: &RawMessage) -> String {
    let body = message.body();
    let json = || js_sys::JSON::stringify(&body).ok().and_then(|text| text.as_string());
    body.as_string().or_else(json).unwrap_or_default()
}

/// Without a time in its header: the same lines are the same bytes.
fn gzip(lines: &str) -> Result<Vec<u8>, EdgeError> {
    let failed = |error: std::io::Error| worker::Error::RustError(error.to_string());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(lines.as_bytes()).and_then(|()| encoder.write_all(b"\n")).map_err(failed)?;
    Ok(encoder.finish().map_err(failed)?)
}
