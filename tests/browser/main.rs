//! The dashboard in a real Chromium, over the real Worker.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly"
)]

use std::{fs, path::Path};

use anyhow::{Context, Result};
use jiff::civil::date;
use tickwise_tests::{
    Browser, Server, get, root,
    sim::{Access, Options, Plan, Settings, SimClock, Simulator},
};

const DESKTOP: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (360, 760);

const PRICE: &str = "document.querySelector('[data-testid=price-AAPL]')";
const CHART: &str = "document.querySelector('[data-testid=chart]')";
const CONNECTION: &str = "document.querySelector('[data-testid=connection]')";

/// Counts the canvas's colours: one before anything is painted.
const COLOURS: &str = "(() => { const c = document.querySelector('canvas'); if (!c.width) return 0; \
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; const s = new Set(); \
    for (let i = 0; i < d.length; i += 4) s.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]); return s.size })()";

#[tokio::test]
async fn prices_move_within_five_seconds_of_load() -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(&server.url("/"), DESKTOP).await?;
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
    page.wait_for("document.querySelectorAll('.sparkline polyline[points]').length === 5").await?;
    page.wait_for("!!document.querySelector('[data-testid=verdict]')").await?;
    let note = page.eval("document.querySelector('[data-testid=origin-note]').textContent").await?;
    assert!(note.as_str().unwrap().contains("the path between them is simulated"), "{note}");
    let hidden = "(c => c.scrollWidth - c.clientWidth)(document.querySelector('[data-testid=model-card]'))";
    assert_eq!(page.eval(hidden).await?, 0, "the model's table is as wide as its card");
    page.screenshot("watchlist").await?;
    assert_eq!(page.console().await?, Vec::<String>::new());
    page.close().await
}

#[tokio::test]
async fn the_chart_is_painted_with_its_fan_and_changes_with_ticks() -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(&server.url("/stocks/AAPL"), DESKTOP).await?;
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

#[tokio::test]
async fn the_chart_answers_pointer_keys_and_menu() -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(&server.url("/stocks/MSFT"), DESKTOP).await?;
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

#[tokio::test]
async fn after_kill_9_the_page_says_so_and_recovers() -> Result<()> {
    let mut server = Server::start(&[]).await?;
    let page = Browser::open(&server.url("/stocks/AAPL"), DESKTOP).await?;
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

#[tokio::test]
async fn without_weights_the_page_says_why_there_is_no_forecast() -> Result<()> {
    let missing = |assets: &Path| Ok(fs::remove_dir_all(assets.join("models"))?);
    let server = Server::start_with_assets(&[], missing).await?;
    let page = Browser::open(&server.url("/stocks/AAPL"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast-error] .error')").await?;
    page.wait_for("!!document.querySelector('[data-testid=model-error]')").await?;
    page.wait_for(&format!("{COLOURS} > 10")).await?;
    assert_eq!(page.eval(&format!("{CHART}.dataset.fan")).await?, "false");
    page.screenshot("no-forecast").await?;
    // The browser itself reports the refused requests: the other tests' empty consoles mean something.
    assert!(page.console().await?.iter().any(|entry| entry.contains("/api/v1/predictions/AAPL")));
    page.close().await
}

#[tokio::test]
async fn a_young_stock_says_what_its_forecast_needs_or_stands_on() -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(&server.url("/stocks/FB"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast-error]')").await?;
    let said = page.eval("document.querySelector('[data-testid=forecast-error]').textContent").await?;
    assert!(said.as_str().unwrap().contains("needs 100 closed daily bars"), "{said}");
    page.close().await?;

    let server = Server::start(&[("REPLAY_FROM", "2012-11-01")]).await?;
    let page = Browser::open(&server.url("/stocks/FB"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast] .warning')").await?;
    let said = page.eval("document.querySelector('[data-testid=forecast] .warning').textContent").await?;
    assert!(said.as_str().unwrap().contains("days are known: the ranges are wider"), "{said}");
    page.screenshot("young-stock").await?;
    page.close().await
}

#[tokio::test]
async fn everything_fits_a_phone_and_both_themes() -> Result<()> {
    let server = Server::start(&[]).await?;
    for (path, ready, name) in
        [("/", "[data-testid=verdict]", "watchlist"), ("/stocks/IBM", "[data-testid=forecast]", "stock")]
    {
        let page = Browser::open(&server.url(path), PHONE).await?;
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

#[tokio::test]
async fn a_simulated_vendor_is_never_shown_as_a_real_one() -> Result<()> {
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
    let page = Browser::open(&server.url("/stocks/AAPL"), DESKTOP).await?;
    page.wait_for(&format!("{PRICE}?.dataset.seq > 0")).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast]')").await?;
    page.wait_for("!document.querySelector('[role=alert]')").await?;
    let note = "document.querySelector('[data-testid=origin-note]')?.textContent ?? ''";
    let is_noted = format!("({note}).startsWith('A simulated vendor plays 2012-12-04.')");
    let is_in_badge = format!("{CONNECTION}.textContent.includes('Simulated vendor')");
    page.wait_for(&is_noted).await?;
    page.wait_for(&is_in_badge).await?;
    page.close().await?;

    let page = Browser::open(&server.url("/"), PHONE).await?;
    page.wait_for(&is_noted).await?;
    page.wait_for(&is_in_badge).await?;
    page.wait_for("document.querySelectorAll('.sparkline polyline[points]').length === 2").await?;
    page.wait_for("!!document.querySelector('[data-testid=status-panel]')").await?;
    let text = page.eval("document.body.innerText").await?;
    assert!(!text.as_str().unwrap().contains("not listed"), "{text}");
    page.close().await
}

#[tokio::test]
async fn the_policy_is_strict_and_no_request_leaves_the_origin() -> Result<()> {
    let server = Server::start(&[]).await?;
    let response = get(server.url("/")).await?;
    let policy = response.headers()["content-security-policy"].to_str()?.to_owned();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval'") && policy.contains("default-src 'none'"),
        "{policy}"
    );
    let page = Browser::open(&server.url("/stocks/GOOG"), DESKTOP).await?;
    page.wait_for("!!document.querySelector('[data-testid=forecast]')").await?;
    let foreign = page
        .eval("performance.getEntriesByType('resource').map(e => e.name).filter(n => new URL(n).host !== location.host)")
        .await?;
    assert_eq!(foreign, serde_json::json!([]));
    assert_eq!(page.console().await?, Vec::<String>::new());
    page.close().await
}

#[tokio::test]
async fn unknown_addresses_and_symbols_have_a_way_back() -> Result<()> {
    let server = Server::start(&[]).await?;
    let page = Browser::open(&server.url("/nowhere"), DESKTOP).await?;
    page.wait_for("document.body.innerText.includes('no such page')").await?;
    page.click("main a").await?;
    page.wait_for(&format!("!!{PRICE}")).await?;
    page.click("a[href='/stocks/AAPL']").await?;
    page.wait_for(&format!("!!{CHART} && {CHART}.dataset.fan === 'true'")).await?;
    page.eval("void history.back()").await?;
    page.wait_for("location.pathname === '/nowhere' || !!document.querySelector('.watchlist')").await?;
    let page2 = Browser::open(&server.url("/stocks/NOPE"), DESKTOP).await?;
    page2.wait_for("!!document.querySelector('[role=alert]')").await?;
    page2.close().await?;
    page.close().await
}

#[tokio::test]
async fn the_golden_forecast_is_the_same_in_chromium() -> Result<()> {
    let module = |assets: &Path| {
        fs::create_dir(assets.join("golden"))?;
        for file in ["tickwise_golden.js", "tickwise_golden_bg.wasm"] {
            fs::copy(root().join("target/golden").join(file), assets.join("golden").join(file))?;
        }
        Ok(())
    };
    let server = Server::start_with_assets(&[], module).await?;
    let page = Browser::open(&server.url("/"), DESKTOP).await?;
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
