//! How long the answers that people wait for are as good as new ones.

use crate::{
    Request, Scheduler,
    market_hours::{last_closed, next_close},
    scheduler::SETTLE_MS,
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

impl Scheduler {
    /// Whether an answer is as good as a new one.
    pub fn is_fresh(&self, request: &Request, fetched_ms: i64, own_ms: i64) -> bool {
        let now_ms = self.now_ms(own_ms);
        let is_scarce = self.config().plan.per_day.is_some();
        now_ms - fetched_ms < lifetime_ms(request, is_scarce)
            || *request == Request::Movers && self.has_last_movers(fetched_ms, now_ms)
    }

    /// Whether movers are those of the last session, and none has been open since.
    fn has_last_movers(&self, fetched_ms: i64, now_ms: i64) -> bool {
        let last = last_closed(now_ms, SETTLE_MS).map(|session| session.date);
        // The first session that was open or settling when they were fetched, or later.
        let next = next_close(fetched_ms - SETTLE_MS);
        self.state().closing.movers >= last && next.is_some_and(|next| next.open_ms > now_ms)
    }
}

/// How long an answer is as good as a new one, whatever the market does.
fn lifetime_ms(request: &Request, is_scarce: bool) -> i64 {
    match request {
        Request::Search { .. } => 7 * DAY_MS,
        Request::Overview { .. } => DAY_MS,
        _ if is_scarce => DAY_MS / 2,
        Request::News { .. } => 15 * MINUTE_MS,
        _ => 5 * MINUTE_MS,
    }
}
