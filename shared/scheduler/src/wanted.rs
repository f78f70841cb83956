//! Which request is worth most now.

use jiff::{ToSpan, civil::Date};
use tickwise_market::{Session, Symbol};

use crate::{
    Entitlement, Function, Holding, Purpose, Request, Series,
    market_hours::{CALENDAR, last_closed, next_close, next_session},
    request::BULK_SYMBOLS,
    scheduler::{HEARTBEAT_MS, SETTLE_MS, State},
};

/// What never was fetched counts as a week old.
const UNKNOWN_AGE_MS: i64 = 7 * 86_400_000;

/// What only lacks its bar, not its closing price, can wait.
const HISTORY_ONLY_WEIGHT: f64 = 0.001;

/// The shortest time between two quotes of a symbol: watched, and not.
const BULK_INTERVALS_MS: [i64; 2] = [5_000, 60_000];
const SINGLE_INTERVALS_MS: [i64; 2] = [15_000, 300_000];

/// A compact series reaches back a hundred sessions.
const COMPACT_DAYS: i64 = 130;

/// What to ask for.
pub(crate) struct Wanted {
    /// The request worth most now.
    pub request: Option<(Request, Purpose)>,
    /// When there may be another one (corrected time).
    pub later_ms: i64,
}

impl Wanted {
    fn now(request: Request, purpose: Purpose) -> Self {
        Self { request: Some((request, purpose)), later_ms: i64::MAX }
    }
}

impl State {
    /// The request worth most.
    pub(crate) fn wanted(&self, now_ms: i64) -> Wanted {
        match self.quote_function() {
            Some(function) => self.wanted_intraday(function, now_ms),
            None => self.wanted_closing(now_ms),
        }
    }

    /// How current prices are to be had; `None` when prices move once a day.
    pub(crate) fn quote_function(&self) -> Option<Function> {
        let wanted = match self.entitlement() {
            Entitlement::None => &[][..],
            Entitlement::Delayed | Entitlement::Realtime => &[Function::BulkQuotes, Function::Quote],
        };
        wanted.iter().copied().find(|function| !self.refusals.is_excluded(*function))
    }

    /// How the last session is to be had: daily bars, or where the plan has none the
    /// last price, which after the close is the close.
    fn close_function(&self) -> Option<Function> {
        let functions = match self.config.plan.per_day {
            Some(_) => &[Function::Daily, Function::Quote][..],
            None => &[Function::DailyAdjusted, Function::Daily, Function::Quote],
        };
        functions.iter().copied().find(|function| !self.refusals.is_excluded(*function))
    }

    /// Whether a symbol lacks what there is to have of a session.
    fn lacks(&self, holding: &Holding, session: &Session) -> bool {
        match self.close_function() {
            // Where prices move all day the last of them is the close.
            Some(Function::Quote) => self.quote_function().is_none() && holding.closed < Some(session.date),
            Some(_) => holding.history_to < Some(session.date),
            None => false,
        }
    }

    fn lacks_movers(&self, session: Option<Date>) -> bool {
        self.config.plan.per_day.is_some()
            && self.closing.movers < session
            && !self.refusals.is_excluded(Function::Movers)
    }

    /// Whether what is left of the day is kept for closing prices, which people who
    /// search could otherwise use up.
    pub(crate) fn is_kept(&self, now_ms: i64) -> bool {
        let kept = self.kept(now_ms);
        kept > 0 && self.ledger.left(&self.config.plan).is_some_and(|left| left <= kept)
    }

    /// The requests that closing prices still need before the day turns.
    fn kept(&self, now_ms: i64) -> u32 {
        let Some(most) = self.config.plan.planned_per_day() else { return 0 };
        let resets_ms = self.ledger.resets_ms(now_ms);
        let next = next_close(now_ms - SETTLE_MS);
        if next.is_some_and(|next| next.close_ms + SETTLE_MS < resets_ms) {
            return capped(self.holdings.len() + 1, most);
        }
        let Some(session) = last_closed(now_ms, SETTLE_MS) else { return 0 };
        let is_wanted =
            |holding: &&Holding| self.lacks(holding, &session) && holding.not_before_ms < resets_ms;
        let symbols = self.holdings.values().filter(is_wanted).count();
        capped(symbols + usize::from(self.lacks_movers(Some(session.date))), most)
    }

    fn wanted_intraday(&self, function: Function, now_ms: i64) -> Wanted {
        let days = self.lacking(now_ms);
        if let Some((symbol, holding)) = days.best
            && holding.history_to.is_none()
            && holding.viewers_at(now_ms) > 0
        {
            return Wanted::now(self.closing(symbol, holding, now_ms), Purpose::Planned);
        }
        let phase = Phase::at(now_ms, self.entitlement().delay_ms());
        let intervals_ms =
            if function == Function::BulkQuotes { BULK_INTERVALS_MS } else { SINGLE_INTERVALS_MS };
        let due = |holding: &Holding| phase.due_ms(holding, intervals_ms, now_ms);
        let first_ms = self.holdings.values().map(due).min().unwrap_or(i64::MAX);
        if first_ms <= now_ms {
            return Wanted::now(self.quotes(function, now_ms), Purpose::Planned);
        }
        let wanted = self.wanted_days(&days, now_ms);
        Wanted { later_ms: wanted.later_ms.min(first_ms), ..wanted }
    }

    fn quotes(&self, function: Function, now_ms: i64) -> Request {
        let mut ranked: Vec<(&Symbol, f64)> = self
            .holdings
            .iter()
            .filter(|(_, holding)| holding.quotable_ms() <= now_ms)
            .map(|(symbol, holding)| (symbol, holding.worth(now_ms, UNKNOWN_AGE_MS)))
            .collect();
        ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let mut symbols = ranked.into_iter().map(|(symbol, _)| symbol.clone());
        match symbols.next() {
            Some(symbol) if function == Function::Quote => Request::Quote { symbol },
            first => {
                Request::BulkQuotes { symbols: first.into_iter().chain(symbols).take(BULK_SYMBOLS).collect() }
            }
        }
    }

    /// Closing prices: movers first, since one answer has sixty, then day by day
    /// the symbols that lack the last session.
    fn wanted_closing(&self, now_ms: i64) -> Wanted {
        let session = last_closed(now_ms, SETTLE_MS).map(|session| session.date);
        if self.closing.session == session && self.closing.not_before_ms > now_ms {
            return Wanted { request: None, later_ms: self.closing.not_before_ms };
        }
        if self.lacks_movers(session) && self.closing.movers_not_before_ms <= now_ms {
            return Wanted::now(Request::Movers, Purpose::Planned);
        }
        self.wanted_days(&self.lacking(now_ms), now_ms)
    }

    fn wanted_days(&self, lacking: &Lacking<'_>, now_ms: i64) -> Wanted {
        let request = lacking
            .best
            .map(|(symbol, holding)| (self.closing(symbol, holding, now_ms), purpose(holding, now_ms)));
        Wanted { request, later_ms: lacking.later_ms }
    }

    /// The symbols that lack the last session.
    fn lacking(&self, now_ms: i64) -> Lacking<'_> {
        let Some(session) = last_closed(now_ms, SETTLE_MS) else {
            return Lacking { best: None, later_ms: now_ms + HEARTBEAT_MS };
        };
        let next_ms = next_close(now_ms - SETTLE_MS)
            .filter(|next| *next != session)
            .map_or(now_ms + HEARTBEAT_MS, |next| next.close_ms + SETTLE_MS);
        let lacking = || self.holdings.iter().filter(|(_, holding)| self.lacks(holding, &session));
        let (ready, blocked): (Vec<_>, Vec<_>) =
            lacking().partition(|(_, holding)| holding.not_before_ms <= now_ms);
        let rank = |holding: &Holding| {
            (purpose(holding, now_ms) == Purpose::Planned, day_worth(holding, &session, now_ms))
        };
        let best = ready.into_iter().max_by(|(_, a), (_, b)| {
            let ((a, a_worth), (b, b_worth)) = (rank(a), rank(b));
            a.cmp(&b).then(a_worth.total_cmp(&b_worth))
        });
        let later_ms = blocked.iter().map(|(_, holding)| holding.not_before_ms).min().unwrap_or(next_ms);
        Lacking { best, later_ms: later_ms.min(next_ms) }
    }

    /// The request for what a symbol lacks of the last session.
    fn closing(&self, symbol: &Symbol, holding: &Holding, now_ms: i64) -> Request {
        let reaches = CALENDAR.date_at(now_ms).and_then(|today| today.checked_sub(COMPACT_DAYS.days()).ok());
        let symbol = symbol.clone();
        let series = match self.close_function() {
            Some(Function::Quote) => return Request::Quote { symbol },
            Some(Function::DailyAdjusted) if holding.history_to < reaches => Series::AdjustedFull,
            Some(Function::DailyAdjusted) => Series::AdjustedCompact,
            _ => Series::Compact,
        };
        Request::Daily { symbol, series }
    }
}

/// Symbols that lack the last session.
struct Lacking<'a> {
    /// The one that is worth most.
    best: Option<(&'a Symbol, &'a Holding)>,
    /// When another one may be asked for.
    later_ms: i64,
}

/// A symbol that nobody watches, and of which there is a price, can wait.
fn purpose(holding: &Holding, now_ms: i64) -> Purpose {
    match holding.answered_ms {
        Some(_) if holding.viewers_at(now_ms) == 0 => Purpose::Spare,
        _ => Purpose::Planned,
    }
}

/// Where in the trading day a moment lies, as prices that come late show it.
struct Phase {
    is_open: bool,
    /// When the last closing prices were out.
    final_ms: Option<i64>,
    /// When there will be new prices, while there are none.
    next_ms: i64,
}

impl Phase {
    fn at(now_ms: i64, delay_ms: i64) -> Self {
        // A last look a minute after the close.
        let lag_ms = delay_ms + 60_000;
        let final_ms = last_closed(now_ms, lag_ms).map(|session| session.close_ms + lag_ms);
        let closing = CALENDAR.session_at(now_ms - lag_ms).map(|session| session.close_ms + lag_ms);
        let opening = next_session(now_ms - delay_ms).map(|session| session.open_ms + delay_ms);
        Self {
            is_open: CALENDAR.session_at(now_ms - delay_ms).is_some(),
            final_ms,
            next_ms: closing.or(opening).unwrap_or(now_ms + HEARTBEAT_MS),
        }
    }

    /// When a symbol wants a quote; the intervals are those of watched symbols and others.
    fn due_ms(&self, holding: &Holding, [watched_ms, background_ms]: [i64; 2], now_ms: i64) -> i64 {
        let interval_ms = if holding.viewers_at(now_ms) > 0 { watched_ms } else { background_ms };
        let due_ms = match (holding.answered_ms, self.final_ms) {
            (None, _) => 0,
            (Some(answered_ms), _) if self.is_open => answered_ms + interval_ms,
            // After the close once more, then not before the next opening.
            (Some(answered_ms), Some(final_ms)) if answered_ms < final_ms => final_ms,
            _ => self.next_ms,
        };
        due_ms.max(holding.quotable_ms())
    }
}

fn capped(count: usize, most: u32) -> u32 {
    u32::try_from(count).map_or(most, |count| count.min(most))
}

fn day_worth(holding: &Holding, session: &Session, now_ms: i64) -> f64 {
    let is_priced = holding.closed >= Some(session.date);
    holding.worth(now_ms, UNKNOWN_AGE_MS) * if is_priced { HISTORY_ONLY_WEIGHT } else { 1.0 }
}
