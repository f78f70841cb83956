//! What is expected of wrangler and workerd themselves, at the versions of package-lock.json.

use std::io::Read;

use anyhow::Result;
use flate2::read::GzDecoder;
use serde_json::Value;
use tickwise_tests::{Server, get, until};

/// AAPL's Feed after 576 quotes of 2012-09-04, as the workerd of wrangler 4.86 left it.
const FEED: &[u8] = include_bytes!("feed_of_workerd_1_20260426.sqlite.gz");
const FEED_PATH: &str =
    "v3/do/tickwise-Feed/92968c831f2ed92178af2410ab519386f3bd9558def714358d25150c526a42ac.sqlite";
const LAST_SEQ: u64 = 576;

#[tokio::test]
async fn state_of_an_older_workerd_is_read() -> Result<()> {
    let mut feed = Vec::new();
    GzDecoder::new(FEED).read_to_end(&mut feed)?;
    let server = Server::start_over(&[(FEED_PATH, &feed)], &[]).await?;
    let stock: Value = server.get("/api/v1/stocks/AAPL").await?;
    let seq = stock["quote"]["seq"].as_u64().unwrap();
    assert!(seq >= LAST_SEQ, "quote {seq} begins a new sequence");
    let fresh: Value = server.get("/api/v1/stocks/IBM").await?;
    assert!(fresh["quote"]["seq"].as_u64().unwrap() < LAST_SEQ, "a fresh Feed begins at one");
    Ok(())
}

#[tokio::test]
async fn the_scheduled_handler_answers_beside_static_assets() -> Result<()> {
    let server = Server::start(&[]).await?;
    server.poke().await
}

/// Streams until somebody cancels, and says so afterwards.
const STREAMER: &str = r#"
let isCancelled = false;
export default {
  fetch(request) {
    if (new URL(request.url).pathname !== "/stream") return Response.json(isCancelled);
    const chunk = new Uint8Array(65536);
    return new Response(new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        controller.enqueue(chunk);
      },
      cancel() { isCancelled = true; },
    }));
  },
};
"#;

#[tokio::test]
async fn a_streamed_body_whose_client_leaves_is_cancelled() -> Result<()> {
    let config = "name = \"streamer\"\nmain = \"streamer.js\"\ncompatibility_date = \"2026-04-01\"\n";
    let server = Server::start_other(config, &[("streamer.js", STREAMER)]).await?;
    let mut body = get(server.url("/stream")).await?;
    assert!(body.chunk().await?.is_some());
    assert!(!server.get::<bool>("/").await?, "somebody still reads");
    drop(body);
    until("the cancelled body", || async { server.get::<bool>("/").await.ok()?.then_some(()) }).await
}
