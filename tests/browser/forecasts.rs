//! Forecasts: their absence and what they stand on are said, their numbers are right.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use tickwise_tests::{Browser, Engine, Server, root};

use crate::{CHART, COLOURS, DESKTOP};

pub async fn without_weights_the_page_says_why_there_is_no_forecast(engine: Engine) -> Result<()> {
    let missing = |assets: &Path| Ok(fs::remove_dir_all(assets.join("models"))?);
    let server = Server::start_with_assets(&[], missing).await?;
    let page = Browser::open(engine, &server.url("/stocks/AAPL"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast-error] .error')").await?;
    page.wait_for("!!document.querySelector('[data-testid=model-error]')").await?;
    page.wait_for(&format!("{COLOURS} > 10")).await?;
    assert_eq!(page.eval(&format!("{CHART}.dataset.fan")).await?, "false");
    page.screenshot("no-forecast").await?;
    if engine == Engine::Chromium {
        // The others do not report refused requests.
        assert!(page.console().await?.iter().any(|entry| entry.contains("/api/v1/predictions/AAPL")));
    }
    page.close().await
}

pub async fn a_young_stock_says_what_its_forecast_needs_or_stands_on(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(engine, &server.url("/stocks/FB"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast-error]')").await?;
    let said = page.eval("document.querySelector('[data-testid=forecast-error]').textContent").await?;
    assert!(said.as_str().unwrap().contains("needs 100 closed daily bars"), "{said}");
    page.close().await?;

    let server = Server::start(&[("REPLAY_FROM", "2012-11-01")]).await?;
    let page = Browser::open(engine, &server.url("/stocks/FB"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast] .warning')").await?;
    let said = page.eval("document.querySelector('[data-testid=forecast] .warning').textContent").await?;
    assert!(said.as_str().unwrap().contains("days are known: the ranges are wider"), "{said}");
    page.screenshot("young-stock").await?;
    page.close().await
}

pub async fn the_golden_forecast_is_the_same(engine: Engine) -> Result<()> {
    let module = |assets: &Path| {
        fs::create_dir(assets.join("golden"))?;
        for file in ["tickwise_golden.js", "tickwise_golden_bg.wasm"] {
            fs::copy(root().join("target/golden").join(file), assets.join("golden").join(file))?;
        }
        Ok(())
    };
    let server = Server::start_with_assets(&[], module).await?;
    let page = Browser::open(engine, &server.url("/"), DESKTOP).await?;
    page.eval(
        "void (async () => { \
            const id = (await (await fetch('/models/current')).text()).trim(); \
            const bytes = async name => new Uint8Array(await (await fetch(`/models/${id}/${name}`)).arrayBuffer()); \
            const files = await Promise.all(['manifest.json', 'model.safetensors', 'golden.json'].map(bytes)); \
            const { default: start, forecast } = await import('/golden/tickwise_golden.js'); \
            await start(); \
            return { id, quantiles: [...forecast(...files)] }; \
        })().then(done => window.golden = done, error => window.golden = String(error))",
    )
    .await?;
    page.wait_for("window.golden !== undefined").await?;
    let answer = page.eval("window.golden").await?;
    let quantiles: Vec<f64> =
        serde_json::from_value(answer["quantiles"].clone()).with_context(|| answer.to_string())?;
    let file = root().join("public/models").join(answer["id"].as_str().unwrap()).join("golden.json");
    let golden: serde_json::Value = serde_json::from_slice(&fs::read(file)?)?;
    let expected: Vec<Vec<f64>> = serde_json::from_value(golden["quantiles"].clone())?;
    let expected = expected.concat();
    assert_eq!((quantiles.len(), expected.len()), (20 * 7, 20 * 7));
    for (index, (ours, theirs)) in quantiles.iter().zip(&expected).enumerate() {
        assert!((ours - theirs).abs() <= 1e-5, "day {}, level {}: {ours} {theirs}", index / 7 + 1, index % 7);
    }
    page.close().await
}
