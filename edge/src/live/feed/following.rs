//! What events mean for indicators and alerts.

use serde_json::json;
use tickwise_protocol::stream::ServerMessage;

use super::Feed;
use crate::{
    error::EdgeError,
    live::{
        rolling::{Rolling, Tally},
        tape::{Event, Tape},
    },
};

impl Feed {
    /// Brings indicators up to new events and fires the alerts that these meet, all in
    /// their sequence. Without an `await`: stored together with the events.
    pub(super) fn follow(&self, events: &[Event], now_ms: i64) -> Result<(), EdgeError> {
        if events.is_empty() {
            return Ok(());
        }
        let alerts = self.alerts()?;
        self.with_rolling(|rolling, tape| {
            for (seq, message) in events.iter().flat_map(|e| e.messages.iter().map(move |m| (e.seq, m))) {
                match message {
                    ServerMessage::Quote(quote) => alerts.evaluate_quote(quote, now_ms)?,
                    ServerMessage::Snapshot(snapshot) => {
                        rolling.follow_all(tape);
                        snapshot.quote.iter().try_for_each(|quote| alerts.evaluate_quote(quote, now_ms))?;
                    }
                    ServerMessage::Bar(closed) => {
                        alerts.take_watched(closed.interval, rolling)?;
                        rolling.follow(tape, closed.interval, closed.bar.time_ms);
                        alerts.evaluate_bar(seq, closed, rolling, now_ms)?;
                    }
                    _ => {}
                }
            }
            Ok(())
        })
    }

    /// Does something with the indicators in use, and stores what that has changed.
    pub(super) fn with_rolling<T>(
        &self,
        run: impl FnOnce(&mut Rolling, &dyn Tape) -> Result<T, EdgeError>,
    ) -> Result<T, EdgeError> {
        let log = self.log()?;
        let mut rolling = self.rolling.borrow_mut();
        let rolling = match &mut *rolling {
            Some(rolling) => rolling,
            unread => unread.insert(Rolling::read(log.indicators()?)),
        };
        let (done, symbol) = self.with_tape(|tape| (run(rolling, tape), tape.symbol().clone()))?;
        log.keep_indicators(&rolling.changes())?;
        let tally = rolling.tally();
        if tally != Tally::default() {
            worker::console_log!(
                "{}",
                json!({ "level": "info", "symbol": symbol, "indicator_states": tally })
            );
        }
        done
    }
}
