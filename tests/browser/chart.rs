//! The chart of one symbol.

use anyhow::Result;
use tickwise_tests::{Browser, Engine, Server};

use crate::{CHART, COLOURS, DESKTOP, PRICE};

pub async fn the_chart_is_painted_with_its_fan_and_changes_with_ticks(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(engine, &server.url("/stocks/AAPL"), DESKTOP).await?;
    page.wait_for(&format!("!!{CHART} && {CHART}.dataset.fan === 'true'")).await?;
    page.wait_for(&format!("{COLOURS} > 10")).await?;
    page.wait_for(&format!("{PRICE}.dataset.seq > 0")).await?;
    let before = page
        .eval(&format!(
            "({CHART}.toDataURL(), {{ draws: +{CHART}.dataset.draws, url: {CHART}.toDataURL() }})"
        ))
        .await?;
    let (draws, url) = (before["draws"].as_u64().unwrap(), before["url"].as_str().unwrap());
    page.wait_for(&format!("+{CHART}.dataset.draws > {draws} && {CHART}.toDataURL() !== '{url}'")).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast]')").await?;
    page.screenshot("stock").await?;
    assert_eq!(page.console().await?, Vec::<String>::new());
    page.close().await
}

pub async fn the_chart_answers_pointer_keys_and_menu(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(engine, &server.url("/stocks/MSFT"), DESKTOP).await?;
    page.wait_for(&format!("!!{CHART} && {CHART}.dataset.fan === 'true'")).await?;
    let legend = "document.querySelector('[data-testid=legend]').textContent";
    let newest = page.eval(legend).await?;
    page.eval(&format!("void {CHART}.focus()")).await?;
    for _ in 0..3 {
        page.type_into("canvas", "\u{e012}").await?;
    }
    page.wait_for(&format!("!{legend}.startsWith({:?})", &newest.as_str().unwrap()[..10])).await?;
    // Another interval, another indicator, and one that does not exist.
    page.eval("void [...document.querySelectorAll('button')].find(b => b.textContent === '5m').click()")
        .await?;
    page.wait_for(&format!("{legend}.includes(':')")).await?;
    page.type_into(".indicators input", "ema(100)\u{e007}").await?;
    page.wait_for(&format!("{CHART}.getAttribute('aria-label').includes('ema(100)')")).await?;
    page.type_into(".indicators input", "nonsense(3)\u{e007}").await?;
    page.wait_for("!!document.querySelector('.indicators .error')").await?;
    assert_eq!(page.console().await?, Vec::<String>::new());
    page.close().await
}
