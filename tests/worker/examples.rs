//! The clients under `examples/stream`, as a reader of `docs/stream.md` runs them.

use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command},
};

use anyhow::{Context, Result};
use serde_json::Value;
use tickwise_tests::{Server, root, until};

/// A client that prints what it gets, ended with the test.
struct Example(Child);

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Example {
    fn start(command: &mut Command, output: &Path) -> Result<Self> {
        let started = command.stdout(File::create(output)?).spawn();
        Ok(Self(started.with_context(|| format!("{command:?} cannot be started"))?))
    }
}

/// The messages printed so far; the last line may be under way.
fn printed(output: &Path) -> Vec<Value> {
    let text = fs::read_to_string(output).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_kind<'a>(messages: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    messages.iter().filter(move |message| message["type"] == kind)
}

/// It follows, comes back after `kill -9`, and misses nothing.
async fn resumes(mut command: Command) -> Result<()> {
    let mut server = Server::start(&[("REPLAY_SPEED", "300")]).await?;
    let output = server.dir().join("printed");
    let _example = Example::start(command.arg(server.stream_url()).arg("AAPL"), &output)?;
    let quotes = |at_least: usize| {
        let output = &output;
        until("quotes", move || async move {
            let messages = printed(output);
            (of_kind(&messages, "quote").count() >= at_least).then_some(messages)
        })
    };
    quotes(40).await?;
    server.kill();
    let before = of_kind(&printed(&output), "quote").count();
    server.restart().await?;
    let messages = quotes(before + 40).await?;
    assert_eq!(of_kind(&messages, "snapshot").count(), 1, "resumed, not begun anew");
    let seqs: Vec<u64> = of_kind(&messages, "quote").map(|quote| quote["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
    assert!(of_kind(&messages, "bar").count() > 0 && of_kind(&messages, "status").count() >= 2);
    Ok(())
}

/// It ends by itself after as many quotes as were asked for.
async fn counts(mut command: Command) -> Result<()> {
    let server = Server::start(&[("REPLAY_SPEED", "300")]).await?;
    let output = server.dir().join("printed");
    command.arg(server.stream_url()).args(["AAPL", "IBM", "--quotes", "20"]);
    let mut example = Example::start(&mut command, &output)?;
    let ended = until("its end", || {
        let ended = example.0.try_wait().ok().flatten();
        async move { ended }
    });
    assert!(ended.await?.success());
    let messages = printed(&output);
    assert_eq!(of_kind(&messages, "quote").count(), 20);
    assert_eq!(of_kind(&messages, "snapshot").count(), 2, "one a symbol");
    Ok(())
}

fn python() -> Command {
    let mut command = Command::new("python3");
    command.arg(root().join("examples/stream/client.py"));
    command
}

fn javascript() -> Command {
    let mut command = Command::new("node");
    command.arg("--experimental-websocket").arg(root().join("examples/stream/client.mjs"));
    command
}

#[tokio::test]
async fn the_client_in_python_resumes() -> Result<()> {
    resumes(python()).await
}

#[tokio::test]
async fn the_client_in_python_ends_when_it_has_enough() -> Result<()> {
    counts(python()).await
}

#[tokio::test]
async fn the_client_in_javascript_resumes() -> Result<()> {
    resumes(javascript()).await
}

#[tokio::test]
async fn the_client_in_javascript_ends_when_it_has_enough() -> Result<()> {
    counts(javascript()).await
}
