//! The events of a recording that is played again, as a pure state machine.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::{Bar, BarBuilder, Calendar, Interval, Symbol, Tick};
use tickwise_protocol::{
    Origin, Quote,
    stream::{ClosedBar, ServerMessage, Snapshot, SourceState},
};
use tickwise_replay::Position;

use super::tape::{Event, LIVE_INTERVALS, Tape};
use crate::{
    api::BarsQuery,
    source::{PlayedDay, ReplaySource},
};

/// The most quotes emitted to catch up after a pause; beyond that the tape
/// jumps, and says so with a snapshot.
pub const MAX_CATCH_UP_TICKS: usize = 2_000;

/// What has to survive a restart: everything else follows from it and the source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Sequence number of the last quote.
    pub seq: u64,
    /// Clients that have seen less than this cannot resume: the tape jumped here.
    pub resumable_from: u64,
    /// Lap of the day being played.
    pub lap: u64,
    /// The day being played.
    pub date: Date,
    /// Ticks of the day already emitted or skipped.
    pub ticks_done: usize,
    /// Units traded in the day so far.
    pub volume: f64,
    /// The last quote.
    pub quote: Quote,
}

/// The events of a recording in order.
#[derive(Debug)]
pub struct ReplayTape {
    source: ReplaySource,
    /// Sequence number of the last event before the first of this tape.
    after: u64,
    checkpoint: Option<Checkpoint>,
    day: Option<PlayedDay>,
    builders: [BarBuilder; 3],
}

impl ReplayTape {
    /// Goes on from a checkpoint, or starts anew: also where the last event, numbered
    /// `after`, is not that of the checkpoint. Live prices have been served since then.
    pub fn new(source: ReplaySource, checkpoint: Option<Checkpoint>, after: u64) -> Self {
        let builders = LIVE_INTERVALS.map(|interval| BarBuilder::new(Calendar::Nyse, interval));
        let mut tape = Self { source, after, checkpoint: None, day: None, builders };
        if let Some(checkpoint) = checkpoint.filter(|checkpoint| checkpoint.seq >= after) {
            tape.restore(checkpoint);
        }
        tape
    }

    /// Where the tape stands.
    pub fn position(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// The forming bar of a live interval.
    pub fn forming(&self, interval: Interval) -> Option<&Bar> {
        let index = LIVE_INTERVALS.iter().position(|live| *live == interval)?;
        self.builders.get(index)?.forming()
    }

    /// Ticks of the current day that have happened.
    pub fn ticks_so_far(&self) -> &[Tick] {
        self.day.as_ref().and_then(|day| day.ticks.get(..self.ticks_done(day))).unwrap_or_default()
    }

    fn ticks_done(&self, day: &PlayedDay) -> usize {
        let of_day = self.checkpoint.as_ref().filter(|c| (c.lap, c.date) == (day.lap, day.session.date));
        of_day.map_or(0, |checkpoint| checkpoint.ticks_done)
    }

    /// Emits the current day's ticks up to (excluding) index `due`.
    fn play(&mut self, due: usize, now_ms: i64) -> Vec<Event> {
        let done = self.ticks_so_far().len();
        let Some(day) = self.day.take() else { return Vec::new() };
        let ticks = day.ticks.get(done..due).unwrap_or_default();
        let events = ticks.iter().map(|tick| self.emit(&day, tick, now_ms)).collect();
        self.day = Some(day);
        events
    }

    fn emit(&mut self, day: &PlayedDay, tick: &Tick, now_ms: i64) -> Event {
        let checkpoint = self.next_checkpoint(day, tick, now_ms);
        let seq = checkpoint.seq;
        let mut messages = Vec::new();
        let is_last = checkpoint.ticks_done == day.ticks.len();
        for (builder, interval) in self.builders.iter_mut().zip(LIVE_INTERVALS) {
            let before = builder.push(tick);
            // Nothing follows in this session: what is forming is complete.
            let last = is_last.then(|| builder.finish()).flatten();
            let bars = before.into_iter().chain(last);
            messages.extend(bars.map(|bar| closed(seq, &self.source, interval, bar, day.origin())));
        }
        messages.push(ServerMessage::Quote(checkpoint.quote.clone()));
        self.checkpoint = Some(checkpoint);
        Event { seq, messages }
    }

    fn next_checkpoint(&self, day: &PlayedDay, tick: &Tick, now_ms: i64) -> Checkpoint {
        let seq = self.seq() + 1;
        let same_day = self.checkpoint.as_ref().filter(|c| (c.lap, c.date) == (day.lap, day.session.date));
        let volume = same_day.map_or(0.0, |c| c.volume) + tick.size;
        Checkpoint {
            seq,
            resumable_from: self.checkpoint.as_ref().map_or(seq, |c| c.resumable_from),
            lap: day.lap,
            date: day.session.date,
            ticks_done: same_day.map_or(0, |c| c.ticks_done) + 1,
            volume,
            quote: Quote {
                symbol: self.source.symbol().clone(),
                seq,
                from_seq: None,
                price: tick.price,
                size: tick.size,
                volume,
                previous_close: day.previous_close,
                exchange_time_ms: tick.time_ms,
                receive_time_ms: now_ms,
                simulated: true,
                origin: day.origin(),
            },
        }
    }

    /// Skips to a moment of another day, or far ahead in the same: the skipped
    /// ticks shape the forming bars, and a snapshot takes the place of quotes.
    fn jump(
        &mut self,
        lap: u64,
        session: tickwise_market::Session,
        due: impl Fn(&PlayedDay) -> usize,
        now_ms: i64,
    ) -> Vec<Event> {
        for builder in &mut self.builders {
            builder.finish();
        }
        self.day = self.source.day(lap, session);
        let Some(day) = self.day.take() else { return Vec::new() };
        // The opening tick is due at the opening itself.
        let due = due(&day).max(1);
        let (skipped, last) =
            day.ticks.get(..due).and_then(<[_]>::split_last).map_or((&[][..], None), |(l, s)| (s, Some(l)));
        self.shape_forming_bars(skipped);
        let mut events = Vec::new();
        if let Some(tick) = last {
            self.emit(&day, tick, now_ms);
            if let Some(checkpoint) = &mut self.checkpoint {
                checkpoint.resumable_from = checkpoint.seq;
                checkpoint.ticks_done = due;
                checkpoint.volume = day.ticks.iter().take(due).map(|tick| tick.size).sum();
                checkpoint.quote.volume = checkpoint.volume;
            }
            events.extend(self.snapshot().map(|snapshot| Event {
                seq: snapshot.seq,
                messages: vec![ServerMessage::Snapshot(snapshot)],
            }));
        }
        self.day = Some(day);
        events
    }

    fn restore(&mut self, checkpoint: Checkpoint) {
        let session = Calendar::Nyse.session(checkpoint.date);
        self.day = session.and_then(|session| self.source.day(checkpoint.lap, session));
        self.checkpoint = Some(checkpoint);
        // What a day leaves behind that is over was announced with its last tick.
        if !self.is_day_closed() {
            let ticks = self.ticks_so_far().to_vec();
            self.shape_forming_bars(&ticks);
        }
    }

    /// Adds ticks that were or will not be emitted: the bars they close are not announced.
    fn shape_forming_bars(&mut self, ticks: &[Tick]) {
        for builder in &mut self.builders {
            for tick in ticks {
                builder.push(tick);
            }
        }
    }
}

impl Tape for ReplayTape {
    fn symbol(&self) -> &Symbol {
        self.source.symbol()
    }

    fn seq(&self) -> u64 {
        self.checkpoint.as_ref().map_or(self.after, |checkpoint| checkpoint.seq)
    }

    fn resumable_from(&self) -> u64 {
        self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.resumable_from)
    }

    fn quote(&self) -> Option<&Quote> {
        self.checkpoint.as_ref().map(|checkpoint| &checkpoint.quote)
    }

    fn state(&self, now_ms: i64) -> (SourceState, Origin) {
        let (state, lap, date) = match self.source.position(now_ms) {
            Some(Position::Playing { session, moment }) => {
                let listed = self.day.as_ref().is_some_and(|day| day.session.date == session.date);
                let state = if listed { SourceState::Streaming } else { SourceState::NotListed };
                (state, moment.lap, session.date)
            }
            Some(Position::Ended { session }) => (SourceState::Ended, 0, session.date),
            None => (SourceState::NotListed, 0, Date::default()),
        };
        (state, Origin::Replay { date, lap })
    }

    fn snapshot(&self) -> Option<Snapshot> {
        let checkpoint = self.checkpoint.as_ref()?;
        let forming = |interval: Interval| Some((interval, *self.forming(interval)?));
        Some(Snapshot {
            symbol: self.source.symbol().clone(),
            epoch: 0,
            seq: checkpoint.seq,
            quote: Some(checkpoint.quote.clone()),
            forming: LIVE_INTERVALS.into_iter().filter_map(forming).collect::<BTreeMap<_, _>>(),
            simulated: checkpoint.quote.simulated,
            origin: checkpoint.quote.origin.clone(),
        })
    }

    fn is_day_closed(&self) -> bool {
        self.day.as_ref().is_some_and(|day| self.ticks_done(day) == day.ticks.len())
    }

    fn advance(&mut self, now_ms: i64) -> Vec<Event> {
        let (lap, session, until_ms) = match self.source.position(now_ms) {
            Some(Position::Playing { session, moment }) => (moment.lap, session, moment.source_ms),
            Some(Position::Ended { session }) => (0, session, session.close_ms),
            None => return Vec::new(),
        };
        let due = |day: &PlayedDay| day.ticks.partition_point(|tick| tick.time_ms <= until_ms);
        let Some(current) = &self.day else {
            return self.jump(lap, session, due, now_ms);
        };
        let done = self.ticks_so_far().len();
        if (current.lap, current.session.date) == (lap, session.date) {
            let due = due(current);
            if due.saturating_sub(done) > MAX_CATCH_UP_TICKS {
                return self.jump(lap, session, |_| due, now_ms);
            }
            return self.play(due, now_ms);
        }
        let next = self.source.clock().next_session(current.lap, current.session.date);
        let rest = current.ticks.len() - done;
        let day = self.source.day(lap, session);
        let follows = next.is_some_and(|(l, s)| (l, s.date) == (lap, session.date));
        match day {
            // The day first: what it means is told before the next rewrites what went before.
            Some(day) if follows && rest > 0 && rest + due(&day) <= MAX_CATCH_UP_TICKS => {
                self.play(current.ticks.len(), now_ms)
            }
            Some(day) if follows && due(&day) <= MAX_CATCH_UP_TICKS => {
                let due = due(&day);
                self.day = Some(day);
                self.play(due, now_ms)
            }
            _ => self.jump(lap, session, due, now_ms),
        }
    }

    fn next_event_wall_ms(&self) -> Option<i64> {
        let day = self.day.as_ref()?;
        let source_ms = match day.ticks.get(self.ticks_done(day)) {
            Some(tick) => tick.time_ms,
            None => {
                let (lap, session) = self.source.clock().next_session(day.lap, day.session.date)?;
                let moment = tickwise_replay::Moment { lap, source_ms: session.open_ms };
                return self.source.clock().wall_ms(moment);
            }
        };
        self.source.clock().wall_ms(tickwise_replay::Moment { lap: day.lap, source_ms })
    }

    fn checkpoint(&self) -> Result<Option<String>, serde_json::Error> {
        self.checkpoint.as_ref().map(serde_json::to_string).transpose()
    }

    fn days_before(&self) -> Vec<Bar> {
        self.day.as_ref().map_or_else(Vec::new, |day| self.source.daily_bars_before(day.session.date))
    }

    fn last_day_before_ms(&self) -> Option<i64> {
        self.source.last_day_before_ms(self.day.as_ref()?.session.date)
    }

    fn total_return_days_before(&self) -> Vec<Bar> {
        self.day.as_ref().map_or_else(Vec::new, |day| self.source.total_return_bars_before(day.session.date))
    }

    fn intraday_before(&self, query: &BarsQuery) -> Vec<Bar> {
        let Some(day) = &self.day else { return Vec::new() };
        let BarsQuery { interval, from_ms, to_ms, limit, .. } = *query;
        self.source.intraday_bars_before(day.session.date, interval, from_ms, to_ms, limit)
    }

    fn today(&self, interval: Interval) -> Vec<Bar> {
        let mut builder = BarBuilder::new(Calendar::Nyse, interval);
        let mut bars: Vec<Bar> = self.ticks_so_far().iter().filter_map(|tick| builder.push(tick)).collect();
        bars.extend(builder.finish());
        bars
    }

    fn day_origin(&self) -> Option<Origin> {
        self.day.as_ref().map(PlayedDay::origin)
    }

    fn revision(&self, _: Interval) -> u64 {
        let day = self.day.as_ref();
        day.map_or(0, |day| (day.lap << 16) + self.source.splits_until(day.session.date) as u64)
    }
}

fn closed(seq: u64, source: &ReplaySource, interval: Interval, bar: Bar, origin: Origin) -> ServerMessage {
    ServerMessage::Bar(ClosedBar {
        symbol: source.symbol().clone(),
        seq,
        interval,
        bar,
        simulated: origin.is_simulated() && interval.is_intraday(),
        origin,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]
mod tests {
    use jiff::civil::date;
    use tickwise_replay::{Recording, ReplayClock};

    use super::*;

    /// At this speed a session of 6.5 hours takes 390 s.
    const SPEED: f64 = 60.0;
    const SESSION_MS: i64 = 390_000;

    fn source(looping: bool) -> ReplaySource {
        let bytes = include_bytes!("../../../public/replay/AAPL.arrow");
        let clock =
            ReplayClock::new(Calendar::Nyse, date(2012, 9, 4), date(2012, 9, 6), 0, SPEED, looping).unwrap();
        ReplaySource::new("AAPL".parse().unwrap(), Recording::from_arrow(bytes).unwrap(), clock)
    }

    /// Advances every `step_ms` and returns all that was emitted.
    fn play(tape: &mut ReplayTape, from_ms: i64, to_ms: i64, step_ms: usize) -> Vec<Event> {
        (from_ms..=to_ms).step_by(step_ms).flat_map(|now_ms| tape.advance(now_ms)).collect()
    }

    fn quotes(events: &[Event]) -> Vec<&Quote> {
        let messages = events.iter().flat_map(|event| &event.messages);
        messages
            .filter_map(|m| if let ServerMessage::Quote(quote) = m { Some(quote) } else { None })
            .collect()
    }

    fn days(events: &[Event]) -> Vec<Bar> {
        let messages = events.iter().flat_map(|event| &event.messages);
        let bars = messages.filter_map(|m| if let ServerMessage::Bar(bar) = m { Some(bar) } else { None });
        bars.filter(|bar| bar.interval == Interval::Day).map(|bar| bar.bar).collect()
    }

    #[test]
    fn after_live_prices_it_starts_anew_behind_them() {
        let mut tape = ReplayTape::new(source(true), None, 0);
        tape.advance(0);
        let mut tape = ReplayTape::new(source(true), tape.position().cloned(), 700);
        let events = tape.advance(1_000);
        assert_eq!((events[0].seq, tape.resumable_from()), (701, 701));
        assert!(matches!(events[0].messages[..], [ServerMessage::Snapshot(_)]));
    }

    #[test]
    fn days_follow_each_other_without_a_gap_in_the_sequence() {
        let mut tape = ReplayTape::new(source(true), None, 0);
        let events = play(&mut tape, 0, 4 * SESSION_MS - 1, 5_000);
        let seqs: Vec<u64> = events.iter().map(|event| event.seq).collect();
        assert_eq!(seqs, (1..=tape.seq()).collect::<Vec<_>>());
        let dates: std::collections::BTreeSet<_> =
            quotes(&events).iter().map(|quote| format!("{:?}", quote.origin)).collect();
        assert_eq!(dates.len(), 4, "three days and the first again in lap 1: {dates:?}");
    }

    #[test]
    fn each_day_closes_with_its_recorded_bar() {
        let mut tape = ReplayTape::new(source(true), None, 0);
        let closed = days(&play(&mut tape, 0, 3 * SESSION_MS, 5_000));
        let recorded = source(true).daily_bars_before(date(2012, 9, 7));
        assert_eq!(closed.len(), 3);
        for (closed, recorded) in closed.iter().zip(&recorded[recorded.len() - 3..]) {
            assert_eq!((closed.open, closed.high, closed.low), (recorded.open, recorded.high, recorded.low));
            assert_eq!(closed.close, recorded.close);
            assert!((closed.volume - recorded.volume).abs() < 1e-6 * recorded.volume);
        }
    }

    #[test]
    fn the_last_day_of_a_replay_that_ends_is_closed() {
        let mut tape = ReplayTape::new(source(false), None, 0);
        let events = play(&mut tape, 0, 4 * SESSION_MS, 5_000);
        assert_eq!(days(&events).len(), 3);
        assert!(tape.is_day_closed());
        assert_eq!(tape.state(4 * SESSION_MS).0, SourceState::Ended);
        assert_eq!(tape.next_event_wall_ms(), None);
    }

    #[test]
    fn a_restart_changes_nothing() {
        let mut whole = ReplayTape::new(source(true), None, 0);
        let expected = play(&mut whole, 0, 2 * SESSION_MS, 5_000);
        let mut events = Vec::new();
        let mut tape = ReplayTape::new(source(true), None, 0);
        for now_ms in (0..=2 * SESSION_MS).step_by(5_000) {
            events.extend(tape.advance(now_ms));
            tape = ReplayTape::new(source(true), tape.position().cloned(), tape.seq());
        }
        assert_eq!(events, expected);
    }

    #[test]
    fn a_long_pause_is_a_jump_that_keeps_the_sequence() {
        let mut tape = ReplayTape::new(source(true), None, 0);
        let before = play(&mut tape, 0, 20_000, 1_000).last().unwrap().seq;
        let events = tape.advance(50 * SESSION_MS + 30_000);
        assert_eq!(events.len(), 1);
        let [ServerMessage::Snapshot(snapshot)] = &events[0].messages[..] else { panic!("{events:?}") };
        assert_eq!(snapshot.seq, before + 1);
        assert_eq!(tape.position().unwrap().resumable_from, before + 1);
        let next = play(&mut tape, 50 * SESSION_MS + 31_000, 50 * SESSION_MS + 60_000, 1_000);
        assert_eq!(next[0].seq, before + 2);
    }

    #[test]
    fn a_clock_that_goes_back_emits_nothing_twice() {
        let mut tape = ReplayTape::new(source(true), None, 0);
        let seq = play(&mut tape, 0, 60_000, 1_000).last().unwrap().seq;
        assert!(tape.advance(30_000).is_empty());
        assert_eq!(tape.advance(61_000)[0].seq, seq + 1);
    }
}
