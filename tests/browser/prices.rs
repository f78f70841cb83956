//! Prices that move, a connection that breaks, and whose prices they are.

use anyhow::Result;
use jiff::civil::date;
use tickwise_tests::{
    Browser, Engine, Server,
    sim::{Access, Options, Plan, Settings, SimClock, Simulator},
};

use crate::{CONNECTION, DESKTOP, PHONE, PRICE};

pub async fn prices_move_within_five_seconds_of_load(engine: Engine) -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(engine, &server.url("/"), DESKTOP).await?;
    page.wait_for(&format!("!!{PRICE} && !!{PRICE}.dataset.seq")).await?;
    page.eval(&format!(
        "void (window.first = {PRICE}.textContent, new MutationObserver(() => {{ \
            if (!window.changedAt && {PRICE}.textContent !== window.first) window.changedAt = performance.now() \
        }}).observe({PRICE}, {{ childList: true, characterData: true, subtree: true }}))"
    ))
    .await?;
    page.wait_for("window.changedAt > 0").await?;
    let changed_ms = page.eval("window.changedAt").await?.as_f64().unwrap();
    assert!(changed_ms < 5_000.0, "the price changed {changed_ms} ms after navigation");
    page.wait_for(&format!("{CONNECTION}.dataset.state === 'replay'")).await?;
    page.wait_for("document.querySelectorAll('.sparkline polyline[points*=\",\"]').length === 5").await?;
    page.wait_for("!!document.querySelector('[data-testid=verdict]')").await?;
    let note = page.eval("document.querySelector('[data-testid=origin-note]').textContent").await?;
    assert!(note.as_str().unwrap().contains("the path between them is simulated"), "{note}");
    let hidden = "(c => c.scrollWidth - c.clientWidth)(document.querySelector('[data-testid=model-card]'))";
    assert_eq!(page.eval(hidden).await?, 0, "the model's table is as wide as its card");
    page.screenshot("watchlist").await?;
    assert_eq!(page.console().await?, Vec::<String>::new());
    page.close().await
}

pub async fn after_kill_9_the_page_says_so_and_recovers(engine: Engine) -> Result<()> {
    let mut server = Server::start(&[]).await?;
    let page = Browser::open(engine, &server.url("/stocks/AAPL"), DESKTOP).await?;
    page.wait_for(&format!(
        "!!{PRICE} && {PRICE}.dataset.seq > 3 && {CONNECTION}.dataset.state === 'replay'"
    ))
    .await?;
    server.kill();
    page.wait_for(&format!(
        "{CONNECTION}.dataset.state === 'reconnecting' && /in \\d+ s/.test({CONNECTION}.textContent)"
    ))
    .await?;
    page.screenshot("reconnecting").await?;
    let seq = page.eval(&format!("+{PRICE}.dataset.seq")).await?.as_u64().unwrap();
    server.restart().await?;
    page.wait_for(&format!("{CONNECTION}.dataset.state === 'replay' && +{PRICE}.dataset.seq > {seq}"))
        .await?;
    assert_eq!(page.eval(&format!("{CONNECTION}.dataset.gaps")).await?, "0");
    page.close().await
}

pub async fn a_simulated_vendor_is_never_shown_as_a_real_one(engine: Engine) -> Result<()> {
    let settings = Settings { plan: Plan::Premium(75), access: Access::Realtime, ..Settings::default() };
    let clock = SimClock::starting_at(date(2012, 12, 4).at(10, 0, 0, 0), 1.0);
    let vendor = Simulator::start(Options { settings, clock, ..Options::default() }).await?;
    let url = vendor.url();
    let server = Server::start(&[
        ("ALPHAVANTAGE_API_KEY", "SIMULATED"),
        ("ALPHAVANTAGE_URL", &url),
        ("ALPHAVANTAGE_PLAN", "premium75"),
        ("ALPHAVANTAGE_ENTITLEMENT", "realtime"),
        ("SYMBOLS", "AAPL,IBM"),
    ])
    .await?;
    // The first to look, before the server knows anything.
    let page = Browser::open(engine, &server.url("/stocks/AAPL"), DESKTOP).await?;
    page.wait_for(&format!("{PRICE}?.dataset.seq > 0")).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast]')").await?;
    page.wait_for("!document.querySelector('[role=alert]')").await?;
    let note = "document.querySelector('[data-testid=origin-note]')?.textContent ?? ''";
    let is_noted = format!("({note}).startsWith('A simulated vendor plays 2012-12-04.')");
    let is_in_badge = format!("{CONNECTION}.textContent.includes('Simulated vendor')");
    page.wait_for(&is_noted).await?;
    page.wait_for(&is_in_badge).await?;
    page.close().await?;

    let page = Browser::open(engine, &server.url("/"), PHONE).await?;
    page.wait_for(&is_noted).await?;
    page.wait_for(&is_in_badge).await?;
    page.wait_for("document.querySelectorAll('.sparkline polyline[points*=\",\"]').length === 2").await?;
    page.wait_for("!!document.querySelector('[data-testid=status-panel]')").await?;
    let text = page.eval("document.body.innerText").await?;
    assert!(!text.as_str().unwrap().contains("not listed"), "{text}");
    page.close().await
}
