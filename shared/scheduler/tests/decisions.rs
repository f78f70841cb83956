//! What is asked for after what was answered, and what is kept of the budget.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

use jiff::{
    Timestamp,
    civil::{Date, date},
};
use tickwise_market::{Bar, Calendar, Symbol};
use tickwise_scheduler::{
    Answer, Config, Denied, Entitlement, Failure, FailureClass, Function, Holding, Limit, Plan, Priced,
    Reason, Request, Scheduler, Series, State, Step,
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// A Monday, and the session before.
const MONDAY: Date = date(2026, 3, 2);
const FRIDAY: Date = date(2026, 2, 27);

fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

fn config(plan: Plan, entitlement: Entitlement, symbols: &[&str]) -> Config {
    Config { plan, entitlement, symbols: symbols.iter().map(|text| symbol(text)).collect() }
}

fn priced(text: &str, date: Date) -> Priced {
    let close_ms = Calendar::Nyse.session(date).unwrap().close_ms;
    Priced { symbol: symbol(text), date, exchange_time_ms: close_ms }
}

fn quotes(prices: &[Priced], silent: &[&str]) -> Answer<'static> {
    let silent = silent.iter().map(|text| symbol(text)).collect();
    Answer::Quotes { prices: prices.to_vec(), silent }
}

fn bars(date: Date) -> [Bar; 1] {
    [Bar::from_trade(Calendar::Nyse.session(date).unwrap().open_ms, 100.0, 1_000.0)]
}

fn search(n: i64) -> Request {
    Request::Search { keywords: n.to_string() }
}

/// A scheduler, and a clock that is the vendor's too.
struct Desk {
    scheduler: Scheduler,
    now_ms: i64,
}

impl Desk {
    fn new(config: Config, now: &str) -> Self {
        Self::from(config, None, now)
    }

    fn from(config: Config, saved: Option<State>, now: &str) -> Self {
        let mut desk = Self { scheduler: Scheduler::new(config, saved), now_ms: ms(now) };
        desk.wait(0);
        desk
    }

    fn wait(&mut self, ms: i64) {
        self.now_ms += ms;
        self.scheduler.witness(self.now_ms, self.now_ms);
    }

    /// The next request, if one leaves within a few seconds.
    fn next(&mut self) -> Option<Request> {
        loop {
            match self.scheduler.next(self.now_ms) {
                Step::Send(request) => {
                    self.scheduler.begin(self.now_ms);
                    return Some(request);
                }
                Step::CheckClock => self.wait(0),
                Step::Wait { until_ms } if until_ms - self.now_ms < 5_000 => {
                    self.wait(until_ms - self.now_ms);
                }
                Step::Wait { .. } => return None,
            }
        }
    }

    fn fail(&mut self, request: &Request, failure: Failure) {
        self.scheduler.fail(request, &failure, self.now_ms, 0.5);
    }

    fn succeed(&mut self, request: &Request, answer: &Answer<'_>) {
        self.wait(0);
        self.scheduler.succeed(request, answer, self.now_ms);
    }

    /// Sends what leaves and answers it with a session's prices; how many symbols were asked for.
    fn close(&mut self, date: Date) -> usize {
        let mut asked = 0;
        while let Some(request) = self.next() {
            match &request {
                Request::Movers => {
                    self.succeed(&request, &Answer::Movers { date, prices: Vec::new() });
                }
                _ => {
                    asked += 1;
                    self.succeed(&request, &Answer::Days(&bars(date)));
                }
            }
        }
        asked
    }

    /// People search until they are refused: how often they are not, and why they are.
    fn search_all(&mut self) -> (u32, Denied) {
        let mut sent = 0;
        loop {
            match self.scheduler.admit(&search(sent), self.now_ms) {
                Ok(()) => {
                    self.scheduler.begin(self.now_ms);
                    self.succeed(&search(sent), &Answer::Other);
                    sent += 1;
                }
                Err(Denied::Later { at_ms, reason: Reason::Paced }) => self.wait(at_ms - self.now_ms),
                Err(denied) => return (u32::try_from(sent).unwrap(), denied),
            }
        }
    }

    fn left(&self) -> Option<u32> {
        self.scheduler.ledger().left(&self.scheduler.config().plan)
    }

    fn holding(&self, text: &str) -> &Holding {
        &self.scheduler.holdings()[&symbol(text)]
    }
}

#[test]
fn a_symbol_without_a_price_yet_is_asked_for_again_after_a_minute() {
    let realtime = config(Plan::premium(75), Entitlement::Realtime, &["GONE", "IBM"]);
    let mut desk = Desk::new(realtime, "2026-03-02T14:20:00Z");
    let both = Request::BulkQuotes { symbols: vec![symbol("GONE"), symbol("IBM")] };
    assert_eq!(desk.next().as_ref(), Some(&both));
    desk.succeed(&both, &quotes(&[], &["IBM"]));
    assert_eq!((desk.holding("IBM").failures, desk.holding("GONE").failures), (0, 1));
    let history = Request::Daily { symbol: symbol("IBM"), series: Series::AdjustedFull };
    assert_eq!(desk.next(), Some(history), "its history is there");
    desk.wait(MINUTE_MS);
    let silent = Request::BulkQuotes { symbols: vec![symbol("IBM")] };
    assert_eq!(desk.next(), Some(silent), "what was left out waits an hour");
    desk.wait(HOUR_MS);
    assert_eq!(desk.next(), Some(both));
}

#[test]
fn a_symbol_is_unknown_when_the_vendor_says_so_twice_in_a_row() {
    let closing = config(Plan::premium(75), Entitlement::None, &["IBM", "NEW"]);
    let mut desk = Desk::new(closing, "2026-03-02T22:30:00Z");
    let upstream = || Failure::Upstream { detail: "503".into() };
    for (name, is_known) in [("IBM", true), ("NEW", false)] {
        let quote = Request::Quote { symbol: symbol(name) };
        if is_known {
            desk.succeed(&quote, &quotes(&[priced(name, FRIDAY)], &[]));
        }
        desk.fail(&quote, upstream());
        desk.fail(&quote, Failure::Unknown);
        assert_eq!(desk.holding(name).not_before_ms, desk.now_ms + 15 * MINUTE_MS, "{name}");
        assert_eq!(desk.scheduler.admit(&quote, desk.now_ms), Ok(()), "{name}");
        let malformed = |(class, _)| class == FailureClass::Malformed;
        assert_eq!(desk.scheduler.circuits().iter().any(malformed), is_known, "{name}");
        desk.fail(&quote, upstream());
        desk.fail(&quote, Failure::Unknown);
        assert_eq!(desk.holding(name).not_before_ms, desk.now_ms + 24 * HOUR_MS, "{name}");
        assert_eq!(desk.scheduler.admit(&quote, desk.now_ms), Err(Denied::Unknown), "{name}");
        desk.succeed(&quote, &quotes(&[priced(name, FRIDAY)], &[]));
        desk.fail(&quote, Failure::Unknown);
        assert_eq!(desk.holding(name).not_before_ms, desk.now_ms + 15 * MINUTE_MS, "{name}");
        desk.succeed(&quote, &quotes(&[priced(name, FRIDAY)], &[]));
    }
}

#[test]
fn an_unknown_answer_about_many_symbols_bans_none() {
    let realtime = config(Plan::premium(75), Entitlement::Realtime, &["IBM", "MSFT"]);
    let mut desk = Desk::new(realtime, "2026-03-02T15:00:00Z");
    for _ in 0..3 {
        let both = Request::BulkQuotes { symbols: vec![symbol("IBM"), symbol("MSFT")] };
        desk.fail(&both, Failure::Unknown);
        assert!(desk.holding("IBM").not_before_ms <= desk.now_ms + 5 * MINUTE_MS);
    }
    assert_eq!(desk.holding("IBM").unknowns, 0);
}

#[test]
fn without_daily_bars_closing_prices_come_one_by_one() {
    for plan in [Plan::FREE, Plan::premium(75)] {
        let mut desk = Desk::new(config(plan, Entitlement::None, &["IBM", "MSFT"]), "2026-03-02T22:30:00Z");
        let mut refused = Vec::new();
        let first = loop {
            match desk.next().unwrap() {
                quote @ Request::Quote { .. } => break quote,
                request => {
                    refused.push(request.function());
                    desk.fail(&request, Failure::NotInPlan);
                }
            }
        };
        let expected = match plan.per_day {
            Some(_) => [Function::Movers, Function::Daily],
            None => [Function::DailyAdjusted, Function::Daily],
        };
        assert_eq!(refused, expected, "each once");
        let name = |request: &Request| request.symbols()[0].as_str().to_owned();
        // Friday's price on Monday evening: not out yet.
        desk.succeed(&first, &quotes(&[priced(&name(&first), FRIDAY)], &[]));
        assert_eq!(desk.next(), None);
        desk.wait(4 * HOUR_MS);
        for _ in 0..2 {
            let quote = desk.next().unwrap();
            assert_eq!(quote.function(), Function::Quote);
            desk.succeed(&quote, &quotes(&[priced(&name(&quote), MONDAY)], &[]));
        }
        assert_eq!(desk.next(), None);
        assert!(desk.scheduler.holdings().values().all(|holding| holding.closed == Some(MONDAY)));
        // The next evening the plan has no quotes either.
        desk.wait(24 * HOUR_MS);
        let quote = desk.next().unwrap();
        desk.fail(&quote, Failure::NotInPlan);
        assert_eq!(desk.next(), None);
    }
}

#[test]
fn current_prices_need_no_closing_prices_beside_them() {
    let realtime = config(Plan::premium(75), Entitlement::Realtime, &["IBM"]);
    let mut desk = Desk::new(realtime, "2026-03-02T22:30:00Z");
    desk.scheduler.watch(&symbol("IBM"), 1, desk.now_ms);
    for series in [Series::AdjustedFull, Series::Compact] {
        let daily = Request::Daily { symbol: symbol("IBM"), series };
        assert_eq!(desk.next().as_ref(), Some(&daily));
        desk.fail(&daily, Failure::NotInPlan);
    }
    let bulk = desk.next().unwrap();
    assert_eq!(bulk.function(), Function::BulkQuotes);
    desk.succeed(&bulk, &quotes(&[priced("IBM", FRIDAY)], &[]));
    assert_eq!(desk.next(), None);
}

#[test]
fn what_no_entitlement_covers_is_not_asked_for_at_once_again() {
    let mut desk = Desk::new(config(Plan::premium(75), Entitlement::None, &["SPX"]), "2026-03-02T22:30:00Z");
    let daily = desk.next().unwrap();
    desk.fail(&daily, Failure::NotEntitled);
    assert_eq!(desk.next(), None);
    assert_eq!(desk.holding("SPX").not_before_ms, desk.now_ms + 24 * HOUR_MS);
}

#[test]
fn a_success_ends_a_row_of_notices() {
    let mut desk = Desk::new(config(Plan::premium(75), Entitlement::None, &["IBM"]), "2026-03-02T22:30:00Z");
    let notice = |desk: &mut Desk| {
        desk.fail(&search(0), Failure::Limited { limit: Limit::Minute });
        let Err(Denied::Later { at_ms, .. }) = desk.scheduler.admit(&search(0), desk.now_ms) else {
            panic!()
        };
        desk.now_ms = at_ms;
        at_ms
    };
    let mut last_ms = desk.now_ms;
    let mut holds = Vec::new();
    for is_answered in [false, false, true, false] {
        if is_answered {
            desk.succeed(&search(0), &Answer::Other);
        }
        let until_ms = notice(&mut desk);
        holds.push((until_ms - last_ms) / 1_000);
        last_ms = until_ms;
    }
    assert_eq!(holds, [90, 180, 90, 180]);
}

#[test]
fn people_leave_what_the_closes_of_the_day_need() {
    let names: Vec<String> = (0..15).map(|n| format!("S{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Friday's closes are there; the market is open, and closes before the day turns.
    let mut desk = Desk::new(config(Plan::FREE, Entitlement::None, &names), "2026-02-27T23:05:00Z");
    assert_eq!(desk.close(FRIDAY), 15);
    desk.wait(ms("2026-03-02T15:00:00Z") - desk.now_ms);
    assert_eq!((desk.next(), desk.left()), (None, Some(23)));
    let (sent, denied) = desk.search_all();
    assert_eq!((sent, desk.left()), (7, Some(16)), "fifteen closes and the movers");
    assert!(matches!(denied, Denied::Later { reason: Reason::BudgetSpent, .. }), "{denied:?}");
    // After the close, and in the last hour of the UTC day.
    desk.wait(ms("2026-03-02T22:05:00Z") - desk.now_ms);
    let early = desk.close(MONDAY);
    desk.wait(ms("2026-03-02T23:05:00Z") - desk.now_ms);
    assert_eq!(early + desk.close(MONDAY), 15);
}

#[test]
fn people_have_all_that_is_left_when_the_closes_are_there() {
    let mut desk = Desk::new(config(Plan::FREE, Entitlement::None, &["IBM"]), "2026-03-02T22:30:00Z");
    assert_eq!(desk.scheduler.admit(&search(0), desk.now_ms), Ok(()));
    assert_eq!((desk.search_all().0, desk.left()), (21, Some(2)), "the close and the movers");
    let mut desk = Desk::new(config(Plan::FREE, Entitlement::None, &["IBM"]), "2026-03-02T22:30:00Z");
    assert_eq!(desk.close(MONDAY), 1);
    assert_eq!((desk.search_all().0, desk.left()), (21, Some(0)));
}

#[test]
fn four_requests_are_for_people_however_many_symbols_there_are() {
    let names: Vec<String> = (0..60).map(|n| format!("S{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut desk = Desk::new(config(Plan::FREE, Entitlement::None, &names), "2026-03-02T15:00:00Z");
    assert_eq!((desk.search_all().0, desk.left()), (4, Some(19)));
    // Nor are they for bars that nobody watches, of symbols with prices.
    let mut desk = Desk::new(config(Plan::FREE, Entitlement::None, &names), "2026-03-02T22:05:00Z");
    let movers = desk.next().unwrap();
    let prices = names.iter().map(|name| priced(name, MONDAY)).collect();
    desk.succeed(&movers, &Answer::Movers { date: MONDAY, prices });
    assert_eq!((desk.close(MONDAY), desk.left()), (18, Some(4)));
}

#[test]
fn a_lost_state_counts_as_a_day_spent() {
    let free = config(Plan::FREE, Entitlement::None, &["IBM"]);
    let mut desk = Desk::from(free.clone(), Some(State::lost(&free)), "2026-03-02T15:00:00Z");
    assert_eq!((desk.next(), desk.left(), desk.search_all().0), (None, Some(0), 0));
    desk.wait(ms("2026-03-03T05:01:00Z") - desk.now_ms);
    assert_eq!(desk.left(), Some(23));
    assert_eq!(desk.next(), Some(Request::Movers));
    let premium = config(Plan::premium(75), Entitlement::None, &["IBM"]);
    let mut desk = Desk::from(premium.clone(), Some(State::lost(&premium)), "2026-03-02T15:00:00Z");
    assert!(desk.next().is_some(), "no day, nothing to lose");
}

#[test]
fn a_better_plan_fetches_the_whole_history() {
    let mut desk = Desk::new(config(Plan::FREE, Entitlement::None, &["IBM"]), "2026-03-02T22:30:00Z");
    desk.close(MONDAY);
    let state = desk.scheduler.state().clone();
    let premium = config(Plan::premium(75), Entitlement::None, &["IBM"]);
    let mut desk = Desk::from(premium, Some(state), "2026-03-02T22:40:00Z");
    let whole = Request::Daily { symbol: symbol("IBM"), series: Series::AdjustedFull };
    assert_eq!(desk.next(), Some(whole));
}

#[test]
fn movers_are_as_good_as_new_until_the_market_opens() {
    for plan in [Plan::FREE, Plan::premium(75)] {
        let mut desk = Desk::new(config(plan, Entitlement::None, &["IBM"]), "2026-02-27T22:05:00Z");
        let fetched_ms = desk.now_ms;
        let is_fresh =
            |desk: &Desk, now: &str| desk.scheduler.is_fresh(&Request::Movers, fetched_ms, ms(now));
        // Thursday's, since Friday's are late.
        desk.succeed(&Request::Movers, &Answer::Movers { date: date(2026, 2, 26), prices: Vec::new() });
        assert!(is_fresh(&desk, "2026-02-27T22:09:00Z") && !is_fresh(&desk, "2026-02-28T11:00:00Z"));
        desk.succeed(&Request::Movers, &Answer::Movers { date: FRIDAY, prices: Vec::new() });
        assert!(is_fresh(&desk, "2026-02-28T11:00:00Z") && is_fresh(&desk, "2026-03-02T14:29:59Z"));
        assert!(!is_fresh(&desk, "2026-03-02T14:30:00Z") && !is_fresh(&desk, "2026-03-03T02:00:00Z"));
        let news = Request::News { symbol: None };
        assert!(!desk.scheduler.is_fresh(&news, fetched_ms, ms("2026-02-28T11:00:00Z")));
        // Before they had settled.
        let early_ms = ms("2026-02-27T21:30:00Z");
        assert!(!desk.scheduler.is_fresh(&Request::Movers, early_ms, ms("2026-02-28T11:00:00Z")));
    }
}

#[test]
fn a_state_of_the_last_release_parses() {
    let mut desk = Desk::new(config(Plan::FREE, Entitlement::None, &["IBM"]), "2026-03-02T22:30:00Z");
    desk.close(MONDAY);
    let mut stored = serde_json::to_value(desk.scheduler.state()).unwrap();
    let holding = stored["holdings"]["IBM"].as_object_mut().unwrap();
    assert!(holding.remove("silent_until_ms").is_some() && holding.remove("unknowns").is_some());
    assert!(stored["ledger"].as_object_mut().unwrap().remove("notices").is_some());
    let state: State = serde_json::from_value(stored).unwrap();
    assert_eq!(&state, desk.scheduler.state());
}
