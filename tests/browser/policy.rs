//! Nothing is loaded from elsewhere.

use std::cell::RefCell;

use anyhow::{Context, Result};
use tickwise_tests::{Browser, Engine, Server, get, until};

use crate::DESKTOP;

pub async fn the_policy_is_strict_and_no_request_leaves_the_origin(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    let response = get(server.url("/")).await?;
    let policy = response.headers()["content-security-policy"].to_str()?.to_owned();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval'") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    let page = Browser::open(engine, &server.url("/stocks/GOOG"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast]')").await?;
    let foreign = page
        .eval("performance.getEntriesByType('resource').map(e => e.name).filter(n => new URL(n).host !== location.host)")
        .await?;
    assert_eq!(foreign, serde_json::json!([]));
    assert_eq!(page.console().await?, Vec::<String>::new());
    page.close().await
}

/// The other journeys' empty consoles mean something.
pub async fn the_console_is_heard(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(engine, &server.url("/"), DESKTOP).await?;
    page.eval("void console.error('a word')").await?;
    // By the window's own Promise: Firefox keeps what a driver's script itself throws from the page.
    page.eval("void window.Promise.reject('rejected')").await?;
    page.eval("void (new Image().src = 'https://elsewhere.invalid/image.png')").await?;
    let heard = RefCell::new(Vec::new());
    until("three entries", || async {
        let entries = page.console().await.ok()?;
        heard.borrow_mut().extend(entries);
        let has = |text: &&str| heard.borrow().iter().any(|entry: &String| entry.contains(*text));
        ["a word", "rejected", "elsewhere.invalid"].iter().all(has).then_some(())
    })
    .await
    .with_context(|| format!("{:#?}", heard.borrow()))?;
    page.close().await
}
