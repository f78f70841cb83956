//! Every page fits its window and has a way back.

use std::{fs, path::Path};

use anyhow::Result;
use tickwise_tests::{Browser, Engine, Server};

use crate::{CHART, DESKTOP, PHONE, PRICE};

pub async fn everything_fits_a_phone_and_both_themes(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    for (path, ready, name) in
        [("/", "[data-testid=verdict]", "watchlist"), ("/stocks/IBM", "[data-testid=forecast]", "stock")]
    {
        let page = Browser::open(engine, &server.url(path), PHONE).await?;
        page.wait_for(&format!("!!document.querySelector('{ready}')")).await?;
        for theme in ["light", "dark"] {
            if page.eval("document.documentElement.dataset.theme").await? != theme {
                page.click("[data-testid=theme]").await?;
            }
            page.wait_for(&format!("document.documentElement.dataset.theme === '{theme}'")).await?;
            assert_eq!(page.eval("document.documentElement.scrollWidth").await?, PHONE.0, "{path}");
            page.screenshot(&format!("{name}-phone-{theme}")).await?;
        }
        page.close().await?;
    }
    Ok(())
}

pub async fn unknown_addresses_and_symbols_have_a_way_back(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(engine, &server.url("/nowhere"), DESKTOP).await?;
    page.wait_for("document.body.innerText.includes('no such page')").await?;
    page.click("main a").await?;
    page.wait_for(&format!("!!{PRICE}")).await?;
    page.click("a[href='/stocks/AAPL']").await?;
    page.wait_for(&format!("!!{CHART} && {CHART}.dataset.fan === 'true'")).await?;
    page.eval("void history.back()").await?;
    page.wait_for("location.pathname === '/nowhere' || !!document.querySelector('.watchlist')").await?;
    let page2 = Browser::open(engine, &server.url("/stocks/NOPE"), DESKTOP).await?;
    page2.wait_for("!!document.querySelector('[role=alert]')").await?;
    page2.close().await?;
    page.close().await
}

/// With what an old browser makes of the dashboard's script: a syntax error.
pub async fn a_browser_that_is_too_old_is_told_so(engine: Engine) -> Result<()> {
    let newer = |assets: &Path| Ok(fs::write(assets.join("tickwise-frontend.js"), "syntax of tomorrow")?);
    let server = Server::start_with_assets(&[], newer).await?;
    let page = Browser::open(engine, &server.url("/"), PHONE).await?;
    page.wait_for("document.body.innerText.includes('Safari 16.4')").await?;
    page.close().await
}
