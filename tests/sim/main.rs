//! The simulator over real HTTP, read by the client's parser.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::time::{Duration, Instant};

use jiff::{Timestamp, civil::date, tz::TimeZone};
use tickwise_alphavantage::{
    ApiKey, BulkSymbols, Entitlement, Failure, FailureClass, Function, IntradayInterval, NewsQuery,
    NewsTicker, OutputSize, Reply, Request, Series, SeriesRow, parse,
};
use tickwise_market::{Calendar, Symbol};
use tickwise_tests::sim::{Access, Day, Fault, Options, Plan, Scripted, Settings, SimClock, Simulator};

const KEY: &str = "ABCDEFGHIJ012345";

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

fn quote(name: &str) -> Request {
    Request::new(Function::GlobalQuote { symbol: symbol(name) })
}

fn daily(size: OutputSize) -> Request {
    Request::new(Function::Daily { symbol: symbol("IBM"), size })
}

/// A simulator that stands at a time in New York on 2012-12-04.
async fn simulator(hour: i8, minute: i8, settings: Settings) -> Simulator {
    let clock = SimClock::starting_at(date(2012, 12, 4).at(hour, minute, 0, 0), 0.0);
    Simulator::start(Options { settings, clock, ..Options::default() }).await.unwrap()
}

fn unhurried() -> Settings {
    Settings { free_per_second: 0, ..Settings::default() }
}

fn premium(access: Access) -> Settings {
    Settings { plan: Plan::Premium(75), premium_per_second: 100, access, ..Settings::default() }
}

async fn ask(simulator: &Simulator, request: &Request) -> Result<Reply, Failure> {
    let url = request.url(&simulator.url(), &ApiKey::new(KEY).unwrap());
    let unavailable = |_| Failure::Unavailable { status: 0 };
    let answer = reqwest::get(url.expose()).await.map_err(unavailable)?;
    let status = answer.status().as_u16();
    let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let body = answer.bytes().await.map_err(unavailable)?;
    parse(request, status, &content_type, &body)
}

async fn series(simulator: &Simulator, request: &Request) -> Series {
    match ask(simulator, request).await {
        Ok(Reply::Series(series)) => series,
        other => panic!("{other:?}"),
    }
}

async fn price(simulator: &Simulator, request: &Request) -> (f64, jiff::civil::Date) {
    match ask(simulator, request).await {
        Ok(Reply::Quote(quote)) => (quote.price, quote.latest_trading_day),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_function_is_answered_in_json_and_csv() {
    let simulator =
        simulator(12, 0, Settings { plan: Plan::Premium(1200), ..premium(Access::Realtime) }).await;
    let ibm = || symbol("IBM");
    let functions = [
        Function::GlobalQuote { symbol: ibm() },
        Function::Intraday {
            symbol: ibm(),
            interval: IntradayInterval::FiveMinutes,
            adjusted: false,
            extended_hours: false,
            month: None,
            size: OutputSize::Compact,
        },
        Function::Daily { symbol: ibm(), size: OutputSize::Full },
        Function::DailyAdjusted { symbol: ibm(), size: OutputSize::Full },
        Function::Weekly { symbol: ibm() },
        Function::WeeklyAdjusted { symbol: ibm() },
        Function::Monthly { symbol: ibm() },
        Function::MonthlyAdjusted { symbol: ibm() },
        Function::SymbolSearch { keywords: "apple".into() },
        Function::ListingStatus { date: None, state: Default::default() },
        Function::FxDaily { from: symbol("EUR"), to: symbol("USD"), size: OutputSize::Compact },
        Function::CryptoDaily { symbol: symbol("BTC"), market: symbol("EUR") },
        // From here on JSON only.
        Function::BulkQuotes {
            symbols: BulkSymbols::new(vec![ibm(), symbol("AAPL"), symbol("GONE")]).unwrap(),
        },
        Function::MarketStatus,
        Function::Overview { symbol: ibm() },
        Function::News(NewsQuery { tickers: vec![NewsTicker::Stock(ibm())], ..NewsQuery::default() }),
        Function::TopMovers,
        Function::Earnings { symbol: ibm() },
        Function::ExchangeRate { from: symbol("USD"), to: symbol("JPY") },
    ];
    for function in functions {
        let request = Request::new(function);
        let json = ask(&simulator, &request).await;
        assert!(json.is_ok(), "{}: {json:?}", request.query_text());
        let csv = ask(&simulator, &request.clone().csv()).await;
        match (json, csv) {
            // CSV does not say when it was refreshed.
            (Ok(Reply::Series(json)), Ok(Reply::Series(csv))) => {
                assert_eq!(json.rows, csv.rows, "{}", request.query_text());
            }
            (json, csv) => assert_eq!(json, csv, "{}", request.query_text()),
        }
    }
    let log = simulator.log();
    assert_eq!(log.len(), 38);
    assert!(log.iter().all(|one| one.outcome == "ok" && !one.query.contains("apikey")), "{log:?}");
}

#[tokio::test]
async fn bars_are_those_of_the_recording() {
    let simulator = simulator(12, 0, premium(Access::EndOfDay)).await;
    let full = series(&simulator, &daily(OutputSize::Full)).await;
    let compact = series(&simulator, &daily(OutputSize::Compact)).await;
    assert_eq!(compact.rows.len(), 100);
    assert_eq!(full.rows[full.rows.len() - 100..], compact.rows);
    assert_eq!(compact.last().unwrap().0.date(), date(2012, 12, 3), "today has not closed");
    assert_eq!(full.rows[0].date(), date(2000, 3, 1));
    let weekly = series(&simulator, &Request::new(Function::Weekly { symbol: symbol("IBM") })).await;
    let total = |series: &Series| series.rows.iter().map(|row| row.bar.volume).sum::<f64>();
    assert_eq!(total(&weekly), total(&full));
}

#[tokio::test]
async fn prices_move_with_the_entitlement() {
    let simulator = simulator(12, 0, premium(Access::Realtime)).await;
    let realtime = quote("IBM").entitled(Entitlement::Realtime);
    let delayed = quote("IBM").entitled(Entitlement::Delayed);
    let (noon, day) = price(&simulator, &realtime).await;
    assert_eq!(day, date(2012, 12, 4));
    assert_eq!(price(&simulator, &quote("IBM")).await.1, date(2012, 12, 3), "without it, the last close");
    simulator.advance_ms(15 * 60_000);
    assert_eq!(price(&simulator, &delayed).await, (noon, day), "a quarter of an hour later");
    let Ok(Reply::Quote(late)) = ask(&simulator, &delayed).await else { panic!() };
    assert_eq!(late.delay_minutes, Some(15));
    assert_ne!(price(&simulator, &realtime).await.0, noon);
    simulator.advance_ms(5 * 3_600_000);
    let (close, day) = price(&simulator, &quote("IBM")).await;
    assert_eq!((close, day), (price(&simulator, &realtime).await.0, date(2012, 12, 4)), "after the close");
}

/// The minutes of a month.
fn minutes(name: &str, extended_hours: bool) -> Request {
    let (symbol, interval, size) = (symbol(name), IntradayInterval::Minute, OutputSize::Full);
    let function =
        Function::Intraday { symbol, interval, adjusted: false, extended_hours, month: None, size };
    Request::new(function).entitled(Entitlement::Realtime)
}

#[tokio::test]
async fn extended_hours_hold_the_regular_ones() {
    let simulator = simulator(8, 0, premium(Access::Realtime)).await;
    let bars = async |extended_hours| series(&simulator, &minutes("IBM", extended_hours)).await.rows;
    let regular = bars(false).await;
    let extended = bars(true).await;
    let is_regular = |row: &&SeriesRow| Calendar::Nyse.session_at(row.bar.time_ms).is_some();
    let within: Vec<_> = extended.iter().filter(is_regular).cloned().collect();
    assert_eq!(within, regular);
    let times: Vec<_> = extended.iter().map(|row| row.local.time()).collect();
    assert!(times.iter().all(|at| (4..20).contains(&at.hour())), "{times:?}");
    assert!(times.iter().any(|at| at.hour() < 9) && times.iter().any(|at| at.hour() > 16));
    let last = extended.last().unwrap();
    assert_eq!(last.date(), date(2012, 12, 4), "today, before the opening");
    assert_eq!(regular.last().unwrap().date(), date(2012, 12, 3));
    let gaps = extended.windows(2).filter(|pair| pair[1].bar.time_ms - pair[0].bar.time_ms > 60_000).count();
    assert!(gaps > 100, "no trade, no bar: {gaps}");
}

#[tokio::test]
async fn bulk_quotes_tell_extended_hours_beside_the_regular_session() {
    let simulator = simulator(8, 0, premium(Access::Realtime)).await;
    let bulk = BulkSymbols::new(vec![symbol("IBM"), symbol("TSCO.LON")]).unwrap();
    let request = Request::new(Function::BulkQuotes { symbols: bulk });
    let ibm = async || match ask(&simulator, &request).await {
        Ok(Reply::Quotes(quotes)) => {
            assert_eq!(quotes.len(), 1, "only shares of the United States");
            quotes.into_iter().next().unwrap()
        }
        other => panic!("{other:?}"),
    };
    let early = ibm().await;
    assert_eq!((early.close, early.volume), (None, None), "before the opening");
    let yesterday = early.previous_close.unwrap();
    assert!((early.extended_hours.unwrap() / yesterday - 1.0).abs() < 0.05, "{early:?}");
    assert_eq!(early.time.local.date(), date(2012, 12, 4));
    simulator.advance_ms(4 * 3_600_000);
    let noon = ibm().await;
    assert_eq!((noon.previous_close, noon.extended_hours), (Some(yesterday), None));
    simulator.advance_ms(6 * 3_600_000);
    let late = ibm().await;
    let (close, day) = price(&simulator, &quote("IBM")).await;
    assert_eq!((late.close, day), (Some(close), date(2012, 12, 4)), "the close of the session");
    assert!((late.extended_hours.unwrap() / close - 1.0).abs() < 0.01, "{late:?}");
    assert_eq!(late.time.local.hour(), 17, "{late:?}");
}

#[tokio::test]
async fn london_is_told_by_the_clocks_of_new_york() {
    let simulator = simulator(11, 0, premium(Access::Realtime)).await;
    let search = Request::new(Function::SymbolSearch { keywords: "tesco".into() });
    let Ok(Reply::Matches(found)) = ask(&simulator, &search).await else { panic!() };
    assert_eq!((found[0].symbol.as_str(), found[0].currency.as_str()), ("TSCO.LON", "GBX"));
    assert_eq!(found[0].region, "United Kingdom");
    let rows = series(&simulator, &minutes("TSCO.LON", true)).await.rows;
    let first = |day| rows.iter().find(|row| row.date() == day).unwrap().local.time().to_string();
    assert_eq!(first(date(2012, 12, 3)), "03:00:00");
    assert_eq!(first(date(2012, 11, 16)), "03:00:00");
    let last = rows.iter().rfind(|row| row.date() == date(2012, 12, 3)).unwrap();
    assert_eq!(last.local.time().to_string(), "11:29:00");
    let overview = Request::new(Function::Overview { symbol: symbol("TSCO.LON") });
    assert_eq!(ask(&simulator, &overview).await, Err(Failure::UnknownSymbol));
}

#[tokio::test]
async fn a_free_key_has_a_day_and_a_second() {
    let simulator = simulator(12, 0, Settings::default()).await;
    assert!(ask(&simulator, &quote("IBM")).await.is_ok());
    assert_eq!(ask(&simulator, &quote("IBM")).await, Err(Failure::PerSecondLimit));
    for _ in 0..23 {
        simulator.advance_ms(1_000);
        assert!(ask(&simulator, &quote("IBM")).await.is_ok());
    }
    simulator.advance_ms(1_000);
    assert_eq!(ask(&simulator, &quote("IBM")).await, Err(Failure::PerDayLimit), "refused ones count");
    let spent = simulator.log();
    assert_eq!((spent.len(), spent.last().unwrap().outcome.as_str()), (26, "per_day"));
    simulator.advance_ms(24 * 3_600_000);
    assert!(ask(&simulator, &quote("IBM")).await.is_ok());
}

#[tokio::test]
async fn the_day_turns_at_midnight_somewhere_or_rolls() {
    const MINUTE_MS: i64 = 60_000;
    let midnight_ms = |at_ms: i64, zone: TimeZone| {
        let today = zone.to_datetime(Timestamp::from_millisecond(at_ms).unwrap()).date();
        let midnight = today.tomorrow().unwrap().at(0, 0, 0, 0);
        zone.to_ambiguous_timestamp(midnight).compatible().unwrap().as_millisecond()
    };
    for day in [Day::Utc, Day::NewYork, Day::Rolling] {
        let settings = Settings { day, per_day: 1, count_refused: false, ..unhurried() };
        let simulator = simulator(12, 0, settings).await;
        assert!(ask(&simulator, &quote("IBM")).await.is_ok(), "{day:?}");
        let asked_ms = simulator.log()[0].at_ms;
        let turns_ms = match day {
            Day::Utc => midnight_ms(asked_ms, TimeZone::UTC),
            Day::NewYork => midnight_ms(asked_ms, jiff::tz::get!("America/New_York")),
            Day::Rolling => asked_ms + 1_440 * MINUTE_MS,
        };
        // Close before midnight there is no time to ask.
        if turns_ms - asked_ms > 2 * MINUTE_MS {
            simulator.advance_ms(turns_ms - asked_ms - MINUTE_MS);
            assert_eq!(ask(&simulator, &quote("IBM")).await, Err(Failure::PerDayLimit), "{day:?}");
        }
        simulator.advance_ms(2 * MINUTE_MS);
        assert!(ask(&simulator, &quote("IBM")).await.is_ok(), "{day:?}");
    }
}

#[tokio::test]
async fn keys_of_one_address_may_share_their_day() {
    for (counts_by_address, outcome) in [(false, "ok"), (true, "per_day")] {
        let settings = Settings { per_day: 1, counts_by_address, ..unhurried() };
        let simulator = simulator(12, 0, settings).await;
        assert!(ask(&simulator, &quote("IBM")).await.is_ok());
        let url = quote("IBM").url(&simulator.url(), &ApiKey::new("ANOTHERKEY123456").unwrap());
        reqwest::get(url.expose()).await.unwrap();
        assert_eq!(simulator.log()[1].outcome, outcome);
    }
}

#[tokio::test]
async fn dividends_stand_on_their_ex_dates() {
    let simulator = simulator(12, 0, premium(Access::EndOfDay)).await;
    let paid = async |name: &str| -> Vec<(jiff::civil::Date, f64)> {
        let function = Function::DailyAdjusted { symbol: symbol(name), size: OutputSize::Full };
        let rows = series(&simulator, &Request::new(function)).await.rows;
        let paid = rows.iter().filter_map(|row| Some((row.date(), row.dividend.filter(|paid| *paid > 0.0)?)));
        paid.filter(|(date, _)| date.year() == 2012).collect()
    };
    // As the companies told them. The adjusted closes they follow from are rounded to cents.
    for (name, expected) in [
        ("AAPL", &[((8, 9), 2.65), ((11, 7), 2.65)][..]),
        ("IBM", &[((2, 8), 0.75), ((5, 8), 0.85), ((8, 8), 0.85), ((11, 7), 0.85)]),
        ("GOOG", &[]),
    ] {
        let paid = paid(name).await;
        assert_eq!(paid.len(), expected.len(), "{name}: {paid:?}");
        for ((date, paid), ((month, day), expected)) in paid.iter().zip(expected) {
            assert_eq!((date.month(), date.day()), (*month, *day), "{name}");
            assert!((paid - expected).abs() < 0.15, "{name} {date}: {paid}");
        }
    }
    let function = Function::MonthlyAdjusted { symbol: symbol("AAPL") };
    let months = series(&simulator, &Request::new(function)).await.rows;
    let total: f64 = months.iter().map(|row| row.dividend.unwrap_or_default()).sum();
    assert!((total - 5.3).abs() < 0.2, "{total}");
}

#[tokio::test]
async fn what_a_free_key_does_not_get() {
    let simulator = simulator(12, 0, unhurried()).await;
    let bulk = Request::new(Function::BulkQuotes { symbols: BulkSymbols::new(vec![symbol("IBM")]).unwrap() });
    for request in [
        Request::new(Function::DailyAdjusted { symbol: symbol("IBM"), size: OutputSize::Compact }),
        daily(OutputSize::Full),
        bulk.clone(),
    ] {
        assert_eq!(ask(&simulator, &request).await, Err(Failure::PremiumOnly));
    }
    simulator.set(|settings| settings.artificial_bulk = true);
    assert_eq!(ask(&simulator, &bulk).await, Err(Failure::ArtificialSample));
    let entitled = quote("IBM").entitled(Entitlement::Delayed);
    assert_eq!(ask(&simulator, &entitled).await, Err(Failure::NotEntitled));
}

#[tokio::test]
async fn a_paying_key_has_a_minute_and_a_burst() {
    let settings = Settings { plan: Plan::Premium(3), premium_per_second: 2, ..Settings::default() };
    let simulator = simulator(12, 0, settings).await;
    for expected in [None, None, Some(Failure::PerSecondLimit), Some(Failure::PerMinuteLimit)] {
        assert_eq!(ask(&simulator, &quote("IBM")).await.err(), expected);
    }
    simulator.advance_ms(60_001);
    assert!(ask(&simulator, &quote("IBM")).await.is_ok());
}

#[tokio::test]
async fn unknown_symbols_per_function() {
    let simulator = simulator(12, 0, unhurried()).await;
    for (function, expected) in [
        (Function::GlobalQuote { symbol: symbol("GONE") }, Failure::UnknownSymbol),
        (Function::Overview { symbol: symbol("GONE") }, Failure::UnknownSymbol),
        (Function::Daily { symbol: symbol("GONE"), size: OutputSize::Compact }, Failure::InvalidCall),
        (Function::Weekly { symbol: symbol("GONE") }, Failure::InvalidCall),
        (
            Function::News(NewsQuery {
                tickers: vec![NewsTicker::Stock(symbol("GONE"))],
                ..NewsQuery::default()
            }),
            Failure::NothingFound,
        ),
    ] {
        assert_eq!(ask(&simulator, &Request::new(function)).await, Err(expected));
    }
    let search = Request::new(Function::SymbolSearch { keywords: "zzz".into() });
    assert_eq!(ask(&simulator, &search).await, Ok(Reply::Matches(vec![])));
}

#[tokio::test]
async fn every_fault_is_a_failure_of_its_class() {
    use FailureClass::*;
    let simulator = simulator(12, 0, unhurried()).await;
    simulator.set(|settings| settings.per_day = 1000);
    for (fault, class) in [
        (Fault::Html(503), Unavailable),
        (Fault::Html(200), Unavailable),
        (Fault::Empty, Unavailable),
        (Fault::EmptyObject, UnknownSymbol),
        (Fault::Truncated(500), Malformed),
        (Fault::Truncated(990), Malformed),
        (Fault::Garbage, Malformed),
        (Fault::Reset, Unavailable),
        (Fault::Information("Never heard of".into()), Refused),
        (Fault::Note("Never heard of".into()), Refused),
        (Fault::ErrorMessage("Never heard of".into()), Refused),
        (Fault::PerSecond, PerSecondLimit),
        (Fault::PerMinute, PerMinuteLimit),
        (Fault::PerDay, PerDayLimit),
        (Fault::InvalidCall, InvalidCall),
        (Fault::CsvLetters, UnspecifiedLimit),
        (Fault::Artificial, ArtificialSample),
        (Fault::WrongTypes, Malformed),
        (Fault::OtherSymbol, Malformed),
    ] {
        simulator.fail(fault.clone());
        let failure = ask(&simulator, &daily(OutputSize::Compact)).await.unwrap_err();
        assert_eq!(failure.class(), class, "{fault:?}");
        assert!(!format!("{failure:?} {failure}").contains(KEY), "{failure:?}");
        assert!(ask(&simulator, &daily(OutputSize::Compact)).await.is_ok(), "after {fault:?}");
    }
}

#[tokio::test]
async fn faulty_rows_harm_no_others() {
    let simulator = simulator(12, 0, unhurried()).await;
    let good = series(&simulator, &daily(OutputSize::Compact)).await.rows;
    for (fault, expected) in [
        (Fault::DuplicateRows, &good[..]),
        (Fault::MissingNewest, &good[..99]),
        (Fault::Contradiction, &good[..99]),
        (Fault::Drip(1), &good[..]),
    ] {
        for request in [daily(OutputSize::Compact), daily(OutputSize::Compact).csv()] {
            simulator.fail(fault.clone());
            assert_eq!(series(&simulator, &request).await.rows, expected, "{fault:?}");
        }
    }
    simulator.fail(Fault::StaleDay);
    let stale = series(&simulator, &daily(OutputSize::Compact)).await.rows;
    assert_eq!((stale[99].bar.close, stale[99].date()), (good[98].bar.close, good[99].date()));
    simulator.set(|settings| (settings.shuffle_seed, settings.oldest_first) = (Some(7), true));
    assert_eq!(series(&simulator, &daily(OutputSize::Compact)).await.rows, good);
}

#[tokio::test]
async fn a_hanging_answer_comes_late() {
    let simulator = simulator(12, 0, unhurried()).await;
    simulator.script(Scripted { fault: Fault::Hang(300), function: Some("GLOBAL_QUOTE".into()), times: 1 });
    assert!(ask(&simulator, &daily(OutputSize::Compact)).await.is_ok(), "the fault is another function's");
    let asked = Instant::now();
    assert!(ask(&simulator, &quote("IBM")).await.is_ok());
    assert!(asked.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn bars_may_be_labelled_by_their_end() {
    let simulator = simulator(20, 0, premium(Access::Realtime)).await;
    let starts = series(&simulator, &minutes("IBM", false)).await.rows;
    simulator.set(|settings| settings.end_labels = true);
    let ends = series(&simulator, &minutes("IBM", false)).await.rows;
    assert_eq!(starts.len(), ends.len());
    for (start, end) in starts.iter().zip(&ends) {
        assert_eq!((end.bar.time_ms - start.bar.time_ms, end.bar.close), (60_000, start.bar.close));
    }
}

#[tokio::test]
async fn one_quote_may_be_fresher_than_the_days() {
    let simulator = simulator(11, 0, Settings { fresh_global_quote: true, ..unhurried() }).await;
    assert_eq!(price(&simulator, &quote("IBM")).await.1, date(2012, 12, 4), "the forming day");
    let days = series(&simulator, &daily(OutputSize::Compact)).await.rows;
    assert_eq!(days.last().unwrap().date(), date(2012, 12, 3));
}

#[tokio::test]
async fn topics_are_the_same_however_they_are_spelt() {
    let simulator = simulator(11, 0, unhurried()).await;
    let request = Request::new(Function::News(NewsQuery::default()));
    let Ok(Reply::News(news)) = ask(&simulator, &request).await else { panic!("no news") };
    assert!(news.articles.len() > 2);
    assert!(news.articles.iter().all(|article| article.topics[0].0 == "life_sciences"));
}

#[tokio::test]
async fn a_provisional_bar_changes() {
    let simulator = simulator(11, 0, Settings { provisional_bar: true, ..unhurried() }).await;
    let early = series(&simulator, &daily(OutputSize::Compact)).await;
    simulator.advance_ms(3_600_000);
    let late = series(&simulator, &daily(OutputSize::Compact)).await;
    let (before, after) = (early.last().unwrap().0, late.last().unwrap().0);
    assert_eq!((before.date(), after.date()), (date(2012, 12, 4), date(2012, 12, 4)));
    assert!(before.bar.volume < after.bar.volume);
}

#[tokio::test]
async fn recorded_days_can_lie_in_the_present() {
    let weeks = 731;
    let now = date(2012, 12, 4).saturating_add(jiff::ToSpan::weeks(weeks)).at(12, 0, 0, 0);
    let settings = Settings { shift_weeks: weeks, ..premium(Access::Realtime) };
    let clock = SimClock::starting_at(now, 0.0);
    let shifted = Simulator::start(Options { settings, clock, ..Options::default() }).await.unwrap();
    let recorded = simulator(12, 0, premium(Access::Realtime)).await;
    let request = quote("IBM").entitled(Entitlement::Realtime);
    let (price_now, day) = price(&shifted, &request).await;
    assert_eq!((price_now, day), (price(&recorded, &request).await.0, now.date()));
}

#[tokio::test]
async fn keys_methods_and_accept_headers() {
    let simulator = simulator(12, 0, unhurried()).await;
    let get = async |query: &str| {
        reqwest::get(format!("{}/query?{query}", simulator.url())).await.unwrap().text().await.unwrap()
    };
    for query in [
        "function=MARKET_STATUS",
        "function=MARKET_STATUS&apiKey=x",
        "function=MARKET_STATUS&apikey=",
        "function=MARKET_STATUS&apikey=BADKEY",
    ] {
        assert!(get(query).await.contains("the parameter apikey is invalid or missing"), "{query}");
    }
    assert!(get("function=FOO&apikey=x").await.contains("This API function (FOO) does not exist."));
    assert!(get("apikey=x").await.contains("This API function () does not exist."));
    assert!(get("function=GLOBAL_QUOTE&symbol=MSFT&apikey=demo").await.contains("**demo** API key"));
    assert!(get("function=GLOBAL_QUOTE&symbol=IBM&apikey=demo").await.contains("01. symbol"));
    let client = reqwest::Client::new();
    let url = format!("{}/query?function=MARKET_STATUS&apikey=x", simulator.url());
    assert_eq!(client.post(&url).send().await.unwrap().status(), 405);
    assert_eq!(client.get(&url).header("accept", "text/csv").send().await.unwrap().status(), 406);
}

#[tokio::test]
async fn it_is_controlled_over_http() {
    let simulator = simulator(12, 0, unhurried()).await;
    let (client, url) = (reqwest::Client::new(), simulator.url());
    let patched =
        client.patch(format!("{url}/admin/settings")).json(&serde_json::json!({"per_day": 1})).send();
    assert_eq!(patched.await.unwrap().json::<Settings>().await.unwrap().per_day, 1);
    let wrong = client.patch(format!("{url}/admin/settings")).json(&serde_json::json!({"per_dya": 1})).send();
    assert_eq!(wrong.await.unwrap().status(), 400);
    let fault = serde_json::json!({"fault": {"html": 503}});
    client.post(format!("{url}/admin/faults")).json(&fault).send().await.unwrap();
    assert_eq!(ask(&simulator, &quote("IBM")).await, Err(Failure::Unavailable { status: 503 }));
    assert_eq!(ask(&simulator, &quote("IBM")).await, Err(Failure::PerDayLimit));
    let day = serde_json::json!({"advance_ms": 86_400_000});
    client.post(format!("{url}/admin/clock")).json(&day).send().await.unwrap();
    assert!(ask(&simulator, &quote("IBM")).await.is_ok());
    let log = reqwest::get(format!("{url}/admin/log")).await.unwrap().text().await.unwrap();
    assert!(log.contains("GLOBAL_QUOTE") && !log.contains(KEY), "{log}");
}
