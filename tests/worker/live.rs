//! The Scheduler against the simulated vendor over HTTP.

use std::{cell::Cell, fs, path::Path};

use anyhow::Result;
use jiff::civil::date;
use serde_json::Value;
use tickwise_market::Calendar;
use tickwise_protocol::{
    Origin,
    service::{Fetched, Found, LiveStatus, Movers, ServiceStatus},
};
use tickwise_tests::{
    Server, get, http, send,
    sim::{Access, Fault, Logged, Options, Plan, Scripted, Settings, SimClock, Simulator},
    until,
};

/// Appears nowhere: a test searches everything for it.
const KEY: &str = "Q7ZSECRETKEY0XY9";
const SYMBOLS: &str = "AAPL,FB,GOOG,IBM,MSFT";

/// A vendor after the close of 2012-12-04.
async fn vendor(plan: Plan) -> Result<Simulator> {
    let settings = Settings { plan, access: Access::EndOfDay, ..Settings::default() };
    let clock = SimClock::starting_at(date(2012, 12, 4).at(18, 0, 0, 0), 1.0);
    Simulator::start(Options { settings, clock, ..Options::default() }).await
}

async fn server(vendor: &Simulator, plan: &str, symbols: &str) -> Result<Server> {
    let url = vendor.url();
    Server::start(&[
        ("ALPHAVANTAGE_API_KEY", KEY),
        ("ALPHAVANTAGE_URL", &url),
        ("ALPHAVANTAGE_PLAN", plan),
        ("SYMBOLS", symbols),
    ])
    .await
}

async fn live(server: &Server) -> Result<LiveStatus> {
    let status: ServiceStatus = server.get("/api/v1/status").await?;
    assert_eq!(status.source, "live");
    Ok(status.live.unwrap())
}

fn asked(log: &[Logged], function: &str) -> usize {
    log.iter().filter(|request| request.function == function).count()
}

#[tokio::test]
async fn a_replay_says_so_and_has_no_vendor_to_ask() -> Result<()> {
    let server = Server::start(&[]).await?;
    let status: ServiceStatus = server.get("/api/v1/status").await?;
    assert_eq!((status.source.as_str(), status.live), ("replay", None));
    assert!(status.market.changes_ms.unwrap() > status.now_ms);
    for path in ["movers", "search?q=apple", "stocks/IBM/overview", "stocks/IBM/news"] {
        let (status, problem) = server.problem(&format!("/api/v1/{path}")).await?;
        assert_eq!((status, problem.kind.as_str()), (409, "/docs/problems#no-live-source"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_free_key_fetches_each_close_once_and_then_rests() -> Result<()> {
    let vendor = vendor(Plan::Free).await?;
    let server = server(&vendor, "free", SYMBOLS).await?;
    let close_ms = Calendar::Nyse.session(date(2012, 12, 4)).unwrap().close_ms;
    let fetched = until("every close", || async {
        let live = live(&server).await.ok()?;
        let all = live.symbols.iter().all(|symbol| symbol.exchange_time_ms == Some(close_ms));
        (all && live.next.reason == "up_to_date").then_some(live)
    });
    let live = fetched.await?;
    assert_eq!((live.plan.as_str(), live.budget.per_day, live.budget.left), ("free", Some(25), Some(17)));
    for symbol in &live.symbols {
        let day = date(2012, 12, 4);
        assert!(
            symbol.price.unwrap() > 1.0 && symbol.origin == Some(Origin::EndOfDay { date: day }),
            "{symbol:?}"
        );
    }
    let log = vendor.log();
    assert_eq!((asked(&log, "TOP_GAINERS_LOSERS"), asked(&log, "TIME_SERIES_DAILY")), (1, 5));
    assert!(log.iter().all(|request| request.outcome == "ok"), "{log:?}");
    assert!(log.windows(2).all(|pair| pair[1].at_ms - pair[0].at_ms >= 1_000), "{log:?}");

    // Movers are there already.
    let movers: Fetched<Movers> = server.get("/api/v1/movers").await?;
    assert!(!movers.data.gainers.is_empty() && !movers.stale);
    // Identical searches share one request.
    let search = || server.get::<Fetched<Vec<Found>>>("/api/v1/search?q=Apple");
    let (one, two) = tokio::join!(search(), search());
    assert_eq!(one?.data, two?.data);
    assert_eq!((vendor.log().len(), asked(&vendor.log(), "SYMBOL_SEARCH")), (7, 1));
    // What London trades is found, and has no Feed: other hours, and pence.
    let tesco: Fetched<Vec<Found>> = server.get("/api/v1/search?q=Tesco").await?;
    assert_eq!((tesco.data[0].symbol.as_str(), tesco.data[0].currency.as_str()), ("TSCO.LON", "GBX"));
    assert_eq!(server.problem("/api/v1/stocks/TSCO.LON").await?.0, 404);
    Ok(())
}

#[tokio::test]
async fn with_an_access_token_the_api_answers_nobody_else() -> Result<()> {
    let server = Server::start(&[("ACCESS_TOKEN", "let-me-in")]).await?;
    for path in ["status", "stocks", "stream"] {
        assert_eq!(server.problem(&format!("/api/v1/{path}")).await?.0, 401, "{path}");
    }
    let client = http();
    for (token, status) in [("let-me-in", 200), ("let-me-inn", 401), ("", 401)] {
        let answer = send(client.get(server.url("/api/v1/status")).bearer_auth(token)).await?;
        assert_eq!(answer.status(), status, "{token:?}");
    }
    Ok(())
}

#[tokio::test]
async fn cron_pokes_the_scheduler() -> Result<()> {
    let vendor = vendor(Plan::Free).await?;
    let url = vendor.url();
    let vars = [("ALPHAVANTAGE_API_KEY", KEY), ("ALPHAVANTAGE_URL", url.as_str()), ("SYMBOLS", "IBM")];
    // The local route of cron triggers answers only where there are no static assets.
    let server = Server::start_without_assets(&vars).await?;
    assert!(vendor.log().is_empty());
    server.poke().await?;
    until("the first request", || async { vendor.log().into_iter().next() }).await?;
    Ok(())
}

#[tokio::test]
async fn every_fault_is_told_apart_and_what_is_known_stays() -> Result<()> {
    let vendor = vendor(Plan::Premium(75)).await?;
    let mut server = server(&vendor, "premium75", "IBM").await?;
    let before: Fetched<Value> = server.get("/api/v1/stocks/IBM/news").await?;
    let faults = [
        (Fault::Html(503), 503, "no answer"),
        (Fault::Html(200), 503, "no answer"),
        (Fault::Empty, 503, "no answer"),
        (Fault::Truncated(500), 503, "cannot be read"),
        (Fault::Garbage, 503, "cannot be read"),
        (Fault::Reset, 503, "no answer"),
        (Fault::Hang(20_000), 503, "no answer in time"),
        (Fault::ErrorMessage("the parameter apikey is invalid or missing.".into()), 503, "key is refused"),
        (Fault::WrongTypes, 503, "cannot be read"),
        (Fault::InvalidCall, 404, "knows nothing"),
        (Fault::Information("Something nobody has seen.".into()), 503, "refused"),
        (Fault::PerSecond, 503, "limit a second"),
        (Fault::PerMinute, 503, "limit a minute"),
    ];
    for (number, (fault, status, words)) in faults.into_iter().enumerate() {
        vendor.script(Scripted { fault: fault.clone(), function: Some("SYMBOL_SEARCH".into()), times: 1 });
        let (found, problem) = server.problem(&format!("/api/v1/search?q=x{number}")).await?;
        let detail = problem.detail.unwrap();
        assert!(found == status && detail.contains(words), "{fault:?}: {found} {detail}");
        if !matches!(fault, Fault::ErrorMessage(_) | Fault::PerMinute) {
            let _: Fetched<Vec<Found>> = server.get(&format!("/api/v1/search?q=ok{number}")).await?;
        }
        if matches!(fault, Fault::ErrorMessage(_)) {
            let live = live(&server).await?;
            assert!(live.circuits.iter().any(|circuit| circuit.class == "key" && circuit.open));
            let (_, problem) = server.problem("/api/v1/search?q=again").await?;
            assert!(problem.detail.unwrap().contains("does not allow"));
            // Another plan is another setting: what failed is tried again.
            server.restart_with(&[("ALPHAVANTAGE_PLAN", "premium150")]).await?;
        }
    }
    // An hour later the vendor says that the day is over: the last value stays, and says that it is old.
    server.restart_with(&[("CLOCK_OFFSET_MS", "3600000")]).await?;
    vendor.script(Scripted { fault: Fault::PerDay, function: None, times: 9 });
    let after: Fetched<Value> = server.get("/api/v1/stocks/IBM/news").await?;
    assert!(after.stale && after.fetched_ms == before.fetched_ms && after.data == before.data);
    Ok(())
}

#[tokio::test]
async fn neither_kill_9_nor_clock_jumps_exceed_the_budget() -> Result<()> {
    let vendor = vendor(Plan::Free).await?;
    let mut server = server(&vendor, "free", "IBM").await?;
    let asked = Cell::new(0);
    let search = || {
        asked.set(asked.get() + 1);
        format!("/api/v1/search?q=q{}", asked.get())
    };
    for _ in 0..4 {
        // Killed while the vendor thinks: the request is counted, its answer is not.
        vendor.set(|settings| settings.latency_ms = 10_000);
        let before = vendor.log().len();
        let lost = tokio::spawn(get(server.url(&search())));
        until("the request at the vendor", || async { (vendor.log().len() > before).then_some(()) }).await?;
        server.kill();
        assert!(lost.await?.is_err());
        vendor.set(|settings| settings.latency_ms = 0);
        server.restart().await?;
        let sent = live(&server).await?.budget.sent_utc;
        assert!(sent as usize >= vendor.log().len());
    }
    let spent = until("the end of the budget", || async {
        let answer = server.get::<Value>(&search()).await;
        let left = live(&server).await.ok()?.budget.left?;
        assert!(answer.is_ok() || left == 0, "{answer:?}");
        (left == 0).then_some(())
    });
    spent.await?;
    let sent = vendor.log().len();
    // What was counted when the process died may never have left.
    assert!((19..=23).contains(&sent), "{sent}");
    for offset_ms in ["86400000", "-86400000", "34560000000", "-34560000000", "0"] {
        server.restart_with(&[("CLOCK_OFFSET_MS", offset_ms)]).await?;
        let (status, problem) = server.problem("/api/v1/search?q=more").await?;
        assert_eq!((status, problem.kind.as_str()), (503, "/docs/problems#live-unavailable"));
    }
    let log = vendor.log();
    assert_eq!(log.len(), sent, "the vendor's own clock has not turned the day");
    assert!(log.iter().all(|request| request.outcome != "per_day"), "{log:?}");
    Ok(())
}

#[tokio::test]
async fn the_key_appears_nowhere() -> Result<()> {
    let vendor = vendor(Plan::Free).await?;
    let server = server(&vendor, "free", "IBM").await?;
    let echo = format!("We have detected your API key as {KEY} and something new about {KEY}.");
    vendor.fail(Fault::Information(echo.clone()));
    vendor.fail(Fault::ErrorMessage(echo));
    vendor.fail(Fault::PerDay);
    let mut told = String::new();
    let paths = [
        "status",
        "search?q=a",
        "search?q=b",
        "search?q=c",
        "movers",
        "stocks/IBM/overview",
        "market",
        "health",
        "status",
    ];
    for path in paths {
        let response = get(server.url(&format!("/api/v1/{path}"))).await?;
        told += &format!("{:?}", response.headers());
        told += &response.text().await?;
    }
    told += &get(server.url("/")).await?.text().await?;
    assert!(vendor.log().len() >= 3 && !told.contains(KEY));
    let mut files = 0;
    search_files(server.dir(), &mut files)?;
    assert!(files > 10, "{files}");
    Ok(())
}

/// Logs, databases and assets below a folder.
fn search_files(folder: &Path, files: &mut usize) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search_files(&path, files)?;
        } else if path.is_file() {
            *files += 1;
            let bytes = fs::read(&path)?;
            assert!(!bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes()), "{}", path.display());
        }
    }
    Ok(())
}
