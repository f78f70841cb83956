//! What a load generator may do, and nobody else.

use anyhow::Result;
use serde_json::{Value, json};
use tickwise_tests::{Client, Server};

#[tokio::test]
async fn nobody_publishes_unless_benchmarking() -> Result<()> {
    let server = Server::start(&[("SOURCE", "live")]).await?;
    let (status, problem) = server.problem("/bench/publish").await?;
    assert_eq!((status, problem.kind.as_str()), (404, "/docs/problems#unknown-path"));
    let refused = Client::connect_to(&server.publish_url()).await.err().unwrap().to_string();
    assert!(refused.contains("404"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn what_a_load_generator_publishes_is_numbered_stored_and_keeps_its_stamp() -> Result<()> {
    let server = Server::start(&[("SOURCE", "live"), ("TICKWISE_BENCH", "1")]).await?;
    let mut client = Client::connect(&server).await?;
    client.subscribe(&["AAPL"], &[]).await?;
    client.text().await?;
    let mut publisher = Client::connect_to(&server.publish_url()).await?;
    let mut seen = Vec::new();
    for seq in 1..=50 {
        let ts = 1_764_028_800_000.125 + f64::from(seq);
        publisher
            .send(&json!({"t": "q", "s": "AAPL", "seq": 7, "ts": ts, "b": seq, "pad": "x"}).to_string())
            .await?;
        let text = client.text().await?;
        let quote: Value = serde_json::from_str(&text)?;
        assert_eq!((&quote["type"], &quote["seq"], &quote["ts"]), (&json!("quote"), &json!(seq), &json!(ts)));
        assert_eq!(quote["price"].as_f64(), Some(f64::from(seq)));
        seen.push(text);
    }
    let mut resumed = Client::connect(&server).await?;
    resumed.subscribe(&["AAPL"], &[("AAPL", 1)]).await?;
    for text in &seen[1..] {
        assert_eq!(&resumed.text().await?, text);
    }
    Ok(())
}
