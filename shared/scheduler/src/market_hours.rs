use jiff::civil::Date;
use tickwise_market::{Calendar, Session};

/// The exchange whose symbols are served.
pub const CALENDAR: Calendar = Calendar::Nyse;

/// The longest run of days without a session.
const LONGEST_PAUSE_DAYS: usize = 10;

/// The last session whose prices are out, if they come so long after its close.
pub fn last_closed(now_ms: i64, lag_ms: i64) -> Option<Session> {
    let today = CALENDAR.date_at(now_ms)?;
    let days = std::iter::successors(Some(today), |date| date.yesterday().ok()).take(LONGEST_PAUSE_DAYS);
    days.filter_map(|date| CALENDAR.session(date)).find(|session| session.close_ms + lag_ms <= now_ms)
}

/// The first session that opens after an instant.
pub fn next_session(now_ms: i64) -> Option<Session> {
    let today = CALENDAR.date_at(now_ms)?;
    let days = std::iter::successors(Some(today), |date| date.tomorrow().ok()).take(LONGEST_PAUSE_DAYS);
    days.filter_map(|date| CALENDAR.session(date)).find(|session| session.open_ms > now_ms)
}

/// The first session that has not closed by an instant.
pub fn next_close(now_ms: i64) -> Option<Session> {
    CALENDAR.session_at(now_ms).or_else(|| next_session(now_ms))
}

/// Whether a day's session is over.
pub fn is_closed(date: Date, now_ms: i64) -> bool {
    CALENDAR.session(date).is_none_or(|session| session.close_ms <= now_ms)
}
