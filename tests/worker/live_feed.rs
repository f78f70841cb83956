//! Prices of the simulated vendor on their way to clients: Scheduler, Feed,
//! Gateway, and back through faults and `kill -9`.

use anyhow::Result;
use jiff::civil::{Date, DateTime, date};
use tickwise_market::{Calendar, Interval};
use tickwise_protocol::{
    Origin, Quote,
    rest::{Bars, Forecast, Health, Stock},
    service::{Fetched, Found, LiveStatus, ServiceStatus},
    stream::{ClosedBar, ServerMessage},
};
use tickwise_tests::{
    Client, Server,
    sim::{Access, Fault, Options, Plan, Scripted, Settings, SimClock, Simulator},
    until, within,
};

pub(crate) async fn vendor(plan: Plan, access: Access, at: DateTime, speed: f64) -> Result<Simulator> {
    let settings = Settings { plan, access, ..Settings::default() };
    Simulator::start(Options { settings, clock: SimClock::starting_at(at, speed), ..Options::default() })
        .await
}

pub(crate) async fn server(vendor: &Simulator, vars: &[(&str, &str)]) -> Result<Server> {
    let url = vendor.url();
    let own = [("ALPHAVANTAGE_API_KEY", "SIMULATED"), ("ALPHAVANTAGE_URL", url.as_str())];
    Server::start(&[&own[..], vars].concat()).await
}

async fn status(server: &Server) -> Result<LiveStatus> {
    Ok(server.get::<ServiceStatus>("/api/v1/status").await?.live.unwrap())
}

/// What a client has received of one symbol.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) quotes: Vec<Quote>,
    bars: Vec<ClosedBar>,
}

impl Received {
    pub(crate) fn last_seq(&self) -> u64 {
        self.quotes.last().map_or(0, |quote| quote.seq)
    }

    pub(crate) fn take(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Quote(quote) => self.quotes.push(quote),
            ServerMessage::Bar(bar) => self.bars.push(bar),
            _ => {}
        }
    }

    /// Reads on until there are `more` quotes.
    async fn read(&mut self, client: &mut Client, more: usize) -> Result<()> {
        let wanted = self.quotes.len() + more;
        while self.quotes.len() < wanted {
            let message = client.next(|message| {
                matches!(message, ServerMessage::Quote(_) | ServerMessage::Bar(_)).then_some(message)
            });
            self.take(message.await?);
        }
        Ok(())
    }

    /// What was sent before the server died.
    async fn drain(&mut self, mut client: Client) -> Result<()> {
        let draining = async {
            while let Ok(message) = client.message().await {
                self.take(message);
            }
        };
        within("the end of the stream", draining).await
    }

    /// Nothing missing, nothing twice.
    pub(crate) fn check(&self) {
        for pair in self.quotes.windows(2) {
            assert_eq!(pair[1].seq, pair[0].seq + 1, "{pair:?}");
            assert!(pair[1].exchange_time_ms >= pair[0].exchange_time_ms, "{pair:?}");
        }
        for pair in self.bars.windows(2) {
            assert!(pair[0].seq <= pair[1].seq, "{pair:?}");
        }
        let mut closed: Vec<_> = self.bars.iter().map(|bar| (bar.interval, bar.bar.time_ms)).collect();
        closed.sort_unstable();
        closed.dedup();
        assert_eq!(closed.len(), self.bars.len(), "{closed:?}");
    }
}

pub(crate) async fn subscribed(server: &Server, symbol: &str, received: &Received) -> Result<Client> {
    let mut client = Client::connect(server).await?;
    let since = [(symbol, received.last_seq())];
    client.subscribe(&[symbol], if received.quotes.is_empty() { &[] } else { &since }).await?;
    Ok(client)
}

#[tokio::test]
async fn realtime_quotes_lose_nothing_through_faults_and_kill_9() -> Result<()> {
    // Fast enough that minutes close; slow enough that viewers, counted for a quarter of an hour
    // of the market, are counted again in time.
    let at = date(2012, 12, 4).at(10, 0, 0, 0);
    let vendor = vendor(Plan::Premium(75), Access::Realtime, at, 5.0).await?;
    let vars = [
        ("ALPHAVANTAGE_PLAN", "premium75"),
        ("ALPHAVANTAGE_ENTITLEMENT", "realtime"),
        ("SYMBOLS", "AAPL,IBM"),
    ];
    let mut server = server(&vendor, &vars).await?;
    assert_eq!(server.get::<Health>("/api/v1/health").await?.source, "live");
    let mut received = Received::default();
    let mut client = subscribed(&server, "IBM", &received).await?;
    received.read(&mut client, 4).await?;
    let quote = received.quotes.last().unwrap();
    assert!(quote.origin == Origin::Live && quote.simulated, "{quote:?}");
    let watched = until("a viewer at the Scheduler", || async {
        let live = status(&server).await.ok()?;
        let ibm = live.symbols.iter().find(|entry| entry.symbol.as_str() == "IBM")?.clone();
        (ibm.viewers >= 1 && live.simulated).then_some(ibm)
    });
    watched.await?;

    // Every kind of fault: meanwhile the last value stays, with its age, and afterwards it goes on.
    let faults = [
        Fault::PerSecond,
        Fault::Information("Something nobody has seen.".into()),
        Fault::Garbage,
        Fault::Html(503),
        Fault::Truncated(500),
        Fault::Empty,
        Fault::Hang(20_000),
    ];
    let failed = || vendor.log().iter().filter(|request| request.outcome == "fault").count();
    for (number, fault) in faults.into_iter().enumerate() {
        vendor.script(Scripted { fault, function: Some("REALTIME_BULK_QUOTES".into()), times: 1 });
        until(&format!("fault {number}"), || async { (failed() > number).then_some(()) }).await?;
        let live = status(&server).await?;
        let kept = live.symbols.iter().find(|entry| entry.symbol.as_str() == "IBM").unwrap();
        assert!(kept.price.is_some() && kept.age_ms.is_some() && kept.origin == Some(Origin::Live));
        let stock: Stock = server.get("/api/v1/stocks/IBM").await?;
        assert!(stock.quote.is_some_and(|quote| quote.price > 0.0));
        // One quote may have been on its way.
        received.read(&mut client, 2).await?;
    }

    for _ in 0..3 {
        server.kill();
        received.drain(client).await?;
        server.restart().await?;
        client = subscribed(&server, "IBM", &received).await?;
        received.read(&mut client, 2).await?;
        // History and stream join by number.
        let bars: Bars = server.get("/api/v1/stocks/IBM/bars?interval=1m&limit=5000").await?;
        while received.last_seq() <= bars.seq {
            received.read(&mut client, 1).await?;
        }
        let joint = received.quotes.iter().find(|quote| quote.seq == bars.seq);
        assert_eq!(joint, bars.quote.as_ref());
        let streamed = received.bars.iter().filter(|bar| bar.interval == Interval::Minute);
        for bar in streamed.filter(|bar| bar.seq <= bars.seq) {
            assert!(bars.bars.contains(&bar.bar), "{bar:?} is not in the history");
        }
    }
    received.check();
    assert!(!received.bars.is_empty());
    let log = vendor.log();
    assert!(log.iter().all(|request| ["ok", "fault"].contains(&request.outcome.as_str())), "{log:?}");
    let forecast: Forecast = server.get("/api/v1/predictions/IBM").await?;
    assert_eq!(forecast.origin_date, date(2012, 12, 3), "the last closed day");
    Ok(())
}

#[tokio::test]
async fn between_live_prices_and_a_replay_the_numbers_go_on() -> Result<()> {
    let vendor = vendor(Plan::Free, Access::EndOfDay, date(2012, 12, 4).at(18, 0, 0, 0), 1.0).await?;
    let mut server = server(&vendor, &[("SYMBOLS", "IBM")]).await?;
    let mut received = Received::default();
    let mut client = subscribed(&server, "IBM", &received).await?;
    received.read(&mut client, 2).await?;
    let mut last = received.last_seq();
    for source in ["replay", "live", "replay"] {
        server.restart_with(&[("SOURCE", source)]).await?;
        let mut client = Client::connect(&server).await?;
        client.subscribe(&["IBM"], &[("IBM", last)]).await?;
        // What was followed is not resumed in what has taken its place.
        let message = client.message().await?;
        let ServerMessage::Snapshot(snapshot) = message else { panic!("{source}: {message:?}") };
        assert!(snapshot.seq >= last, "{snapshot:?}");
        assert_eq!(matches!(snapshot.origin, Origin::Replay { .. }), source == "replay", "{snapshot:?}");
        last = snapshot.seq;
        if source == "replay" {
            last = client.quote().await?.seq;
            assert_eq!(last, snapshot.seq + 1);
        }
    }
    Ok(())
}

fn close_ms(day: Date) -> i64 {
    Calendar::Nyse.session(day).unwrap().close_ms
}

#[tokio::test]
async fn a_free_key_streams_each_close_once_across_days_and_kill_9() -> Result<()> {
    let at = date(2012, 12, 4).at(18, 0, 0, 0);
    let vendor = vendor(Plan::Free, Access::EndOfDay, at, 1.0).await?;
    let mut server = server(&vendor, &[("SYMBOLS", "IBM")]).await?;
    let mut received = Received::default();
    let mut client = subscribed(&server, "IBM", &received).await?;
    // The movers' closing price, then the day itself.
    received.read(&mut client, 2).await?;
    let day = date(2012, 12, 4);
    for quote in &received.quotes {
        assert_eq!((&quote.origin, quote.exchange_time_ms), (&Origin::EndOfDay { date: day }, close_ms(day)));
    }
    let bars: Bars = server.get("/api/v1/stocks/IBM/bars").await?;
    assert_eq!((bars.bars.len(), bars.seq, bars.forming, bars.simulated), (100, 2, false, false));
    let forecast: Forecast = server.get("/api/v1/predictions/IBM").await?;
    assert_eq!((forecast.origin_date, &forecast.origin), (day, &Origin::EndOfDay { date: day }));

    // Symbols that nobody has named are unknown until somebody finds them.
    assert_eq!(server.problem("/api/v1/stocks/MSFT/bars").await?.0, 404);
    let found: Fetched<Vec<Found>> = server.get("/api/v1/search?q=MSFT").await?;
    assert_eq!(found.data[0].symbol.as_str(), "MSFT");
    let price = until("a price of what was found", || async {
        let stock: Stock = server.get("/api/v1/stocks/MSFT").await.ok()?;
        stock.quote.filter(|_| !stock.name.is_empty())
    });
    assert!(price.await?.price > 1.0);
    assert_eq!(server.get::<Vec<Stock>>("/api/v1/stocks").await?.len(), 2);

    // Killed; the next day has passed when it is back.
    server.kill();
    received.drain(client).await?;
    vendor.advance_ms(86_400_000);
    server.restart_with(&[("CLOCK_OFFSET_MS", "86400000")]).await?;
    client = subscribed(&server, "IBM", &received).await?;
    received.read(&mut client, 2).await?;
    received.check();
    let next = date(2012, 12, 5);
    let last = received.quotes.last().unwrap();
    assert_eq!((last.seq, &last.origin), (4, &Origin::EndOfDay { date: next }));
    let bars: Bars = server.get("/api/v1/stocks/IBM/bars").await?;
    assert_eq!((bars.bars.len(), bars.quote.as_ref()), (101, Some(last)));
    let log = vendor.log();
    assert!(log.iter().all(|request| request.outcome == "ok") && log.len() <= 10, "{log:?}");
    Ok(())
}

#[tokio::test]
async fn with_too_short_a_history_a_forecast_says_how_much_it_needs() -> Result<()> {
    let vendor = vendor(Plan::Free, Access::EndOfDay, date(2012, 6, 29).at(18, 0, 0, 0), 1.0).await?;
    let server = server(&vendor, &[("SYMBOLS", "FB")]).await?;
    let history = until("the history", || async {
        let bars: Bars = server.get("/api/v1/stocks/FB/bars").await.ok()?;
        (bars.bars.len() > 1).then_some(bars.bars.len())
    });
    let have = history.await?;
    let (status, problem) = server.problem("/api/v1/predictions/FB").await?;
    assert_eq!((status, problem.kind.as_str()), (409, "/docs/problems#not-enough-bars"));
    let words = format!("a forecast needs 100 closed daily bars, FB has {have}");
    assert_eq!(problem.detail.as_deref(), Some(words.as_str()));
    Ok(())
}

#[tokio::test]
async fn with_a_key_a_replay_can_be_forced_and_without_one_live_is_refused() -> Result<()> {
    let vendor = vendor(Plan::Free, Access::EndOfDay, date(2012, 12, 4).at(18, 0, 0, 0), 1.0).await?;
    let mut server = server(&vendor, &[("SOURCE", "replay")]).await?;
    assert_eq!(server.get::<Health>("/api/v1/health").await?.source, "replay");
    assert_eq!(server.get::<ServiceStatus>("/api/v1/status").await?.live, None);
    let stock: Stock = server.get("/api/v1/stocks/AAPL").await?;
    assert!(matches!(stock.origin, Origin::Replay { .. }) && vendor.log().is_empty());
    server.restart_with(&[("SOURCE", "live"), ("ALPHAVANTAGE_API_KEY", "")]).await?;
    let (status, problem) = server.problem("/api/v1/stocks").await?;
    assert_eq!(status, 500);
    let detail = problem.detail.unwrap();
    assert!(detail.contains("ALPHAVANTAGE_API_KEY"), "{detail}");
    Ok(())
}
