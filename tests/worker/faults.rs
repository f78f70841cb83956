use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use tickwise_protocol::{
    rest::{Bars, Health},
    stream::ServerMessage,
};
use tickwise_tests::{Client, Server, until};

#[tokio::test]
async fn after_kill_9_the_sequence_goes_on_without_gap_or_duplicate() -> Result<()> {
    let mut server = Server::start(&[("REPLAY_SPEED", "120")]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    let mut quotes = vec![client.quote().await?];
    for _ in 0..2 {
        for _ in 0..50 {
            quotes.push(client.quote().await?);
        }
        server.kill();
        // What workerd had sent before it died is still read.
        while let Ok(message) = client.message().await {
            if let ServerMessage::Quote(quote) = message {
                quotes.push(quote);
            }
        }
        server.restart().await?;
        client = Client::connect(&server).await?;
        client.subscribe(&["AAPL"], &[("AAPL", quotes[quotes.len() - 1].seq)]).await?;
    }
    for _ in 0..50 {
        quotes.push(client.quote().await?);
    }
    for pair in quotes.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        assert!(pair[1].exchange_time_ms > pair[0].exchange_time_ms);
        let volume = pair[0].volume + pair[1].size;
        assert!((pair[1].volume - volume).abs() < 1e-6 * volume, "not even a trade's size is lost");
    }
    Ok(())
}

#[tokio::test]
async fn without_weights_everything_else_works() -> Result<()> {
    let missing = |assets: &Path| Ok(fs::remove_dir_all(assets.join("models"))?);
    degraded(Server::start_with_assets(&[], missing).await?).await
}

#[tokio::test]
async fn corrupt_weights_are_refused_and_everything_else_works() -> Result<()> {
    with_weights(|bytes| {
        let last = bytes.len() - 1;
        bytes[last] ^= 0x40;
    })
    .await
}

#[tokio::test]
async fn truncated_weights_are_refused_and_everything_else_works() -> Result<()> {
    with_weights(|bytes| bytes.truncate(bytes.len() / 2)).await
}

#[tokio::test]
async fn a_manifest_of_another_model_is_refused_and_everything_else_works() -> Result<()> {
    let other = |assets: &Path| {
        let path = model(assets)?.join("manifest.json");
        let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
        manifest["architecture"] = "another".into();
        Ok(fs::write(path, serde_json::to_vec(&manifest)?)?)
    };
    degraded(Server::start_with_assets(&[], other).await?).await
}

async fn with_weights(damage: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
    let damaged = |assets: &Path| {
        let path = model(assets)?.join("model.safetensors");
        let mut bytes = fs::read(&path)?;
        damage(&mut bytes);
        Ok(fs::write(path, bytes)?)
    };
    degraded(Server::start_with_assets(&[], damaged).await?).await
}

/// The folder of the model in use.
fn model(assets: &Path) -> Result<PathBuf> {
    let models = assets.join("models");
    Ok(models.join(fs::read_to_string(models.join("current"))?.trim()))
}

async fn degraded(server: Server) -> Result<()> {
    let health: Health = server.get("/api/v1/health").await?;
    assert_eq!((health.status.as_str(), &health.model), ("degraded", &None));
    let reason = health.model_error.unwrap();
    let (status, problem) = server.problem("/api/v1/predictions/AAPL").await?;
    assert_eq!((status, problem.kind.as_str()), (503, "/docs/problems#no-model"));
    let detail = problem.detail.unwrap();
    assert!(detail.contains(&reason), "{detail} / {reason}");
    let bars: Bars = server.get("/api/v1/stocks/AAPL/bars").await?;
    assert!(!bars.bars.is_empty());
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    client.quote().await?;
    Ok(())
}

#[tokio::test]
async fn a_damaged_recording_is_an_error_of_its_symbol_alone() -> Result<()> {
    let damaged = |assets: &Path| Ok(fs::write(assets.join("replay/IBM.arrow"), b"ARROW1 nothing more")?);
    let server = Server::start_with_assets(&[], damaged).await?;
    let (status, problem) = server.problem("/api/v1/stocks/IBM/bars").await?;
    assert_eq!(status, 500);
    let detail = problem.detail.unwrap();
    assert!(detail.contains("recorded bars"), "{detail}");
    let bars: Bars = server.get("/api/v1/stocks/AAPL/bars").await?;
    assert!(!bars.bars.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_named() -> Result<()> {
    let server = Server::start(&[("REPLAY_SPEED", "-1")]).await?;
    let (status, problem) = server.problem("/api/v1/stocks/AAPL/bars").await?;
    assert_eq!(status, 500);
    let detail = problem.detail.unwrap();
    assert!(detail.contains("REPLAY_SPEED"), "{detail}");
    Ok(())
}

#[tokio::test]
async fn a_replay_that_does_not_loop_ends_and_says_so() -> Result<()> {
    let vars = [("REPLAY_FROM", "2013-02-27"), ("REPLAY_LOOP", "false"), ("REPLAY_SPEED", "20000")];
    let server = Server::start(&vars).await?;
    let ended = until("the end of the replay", || async {
        let stocks: serde_json::Value = server.get("/api/v1/stocks").await.ok()?;
        (stocks[0]["state"] == "ended").then_some(())
    });
    ended.await?;
    let bars: Bars = server.get("/api/v1/stocks/AAPL/bars?limit=1").await?;
    assert!(!bars.forming, "the last day is closed");
    Ok(())
}
