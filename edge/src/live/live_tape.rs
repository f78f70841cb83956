//! The events of a live source, as a pure state machine: it is told prices, and
//! says what is new.
//!
//! Prices are told again and again, late and out of order. A quote counts when
//! the exchange made it after the last one; a day or a minute when it is not
//! known, or known otherwise. What is late for a forming bar follows the rule of
//! [`BarBuilder`].

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tickwise_market::{
    ActionKind, Bar, BarBuilder, Calendar, CorporateAction, Interval, Session, Symbol, adjusted,
};
use tickwise_protocol::{
    Origin, Quote,
    stream::{ClosedBar, ServerMessage, Snapshot, SourceState},
};

use super::{
    ingest::{Ingest, SourceDay, SourceQuote},
    tape::{Event, LIVE_INTERVALS, Tape},
};
use crate::api::BarsQuery;

const CALENDAR: Calendar = Calendar::Nyse;

/// How far a price may be ahead of the source's clock, as one in whole seconds is.
const MAX_AHEAD_MS: i64 = 60_000;

/// The most one-minute bars kept: some fifty sessions.
pub const MAX_MINUTES: usize = 20_000;

/// What has to survive a restart, besides days and minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveCheckpoint {
    /// Sequence number of the last event.
    pub seq: u64,
    /// Clients that have seen less than this cannot resume.
    pub resumable_from: u64,
    /// How often closed days were rewritten.
    pub revision: u64,
    /// How often closed minutes were rewritten.
    #[serde(default)]
    pub minutes_revision: u64,
    /// The last quote.
    pub quote: Option<Quote>,
    /// The bars that form, one of each of [`LIVE_INTERVALS`].
    pub builders: [BarBuilder; 3],
    /// How far the source's clock is ahead of ours.
    #[serde(default)]
    pub clock_ahead_ms: i64,
}

/// The events and bars of a live symbol.
#[derive(Debug)]
pub struct LiveTape {
    symbol: Symbol,
    state: LiveCheckpoint,
    days: BTreeMap<Date, SourceDay>,
    minutes: BTreeMap<i64, Bar>,
}

/// What an [`Ingest`] has changed, to be stored in one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ingestion {
    /// New events.
    pub events: Vec<Event>,
    /// New and corrected days.
    pub days: Vec<SourceDay>,
    /// New and corrected minutes.
    pub minutes: Vec<Bar>,
    /// How many of the quote, days and minutes counted.
    pub accepted: usize,
}

impl LiveTape {
    /// Goes on from what is stored, or starts anew, behind the last event of any tape,
    /// numbered `after`.
    pub fn new(
        symbol: Symbol,
        checkpoint: Option<LiveCheckpoint>,
        after: u64,
        days: impl IntoIterator<Item = SourceDay>,
        minutes: impl IntoIterator<Item = Bar>,
    ) -> Self {
        let fresh = || LiveCheckpoint {
            seq: after,
            resumable_from: after,
            revision: 0,
            minutes_revision: 0,
            quote: None,
            builders: LIVE_INTERVALS.map(|interval| BarBuilder::new(CALENDAR, interval)),
            clock_ahead_ms: 0,
        };
        let mut state = checkpoint.unwrap_or_else(fresh);
        let is_behind = state.seq < after;
        if is_behind {
            state.seq = after;
            state.quote.iter_mut().for_each(|quote| quote.seq = after);
        }
        let mut tape = Self {
            symbol,
            state,
            days: days.into_iter().map(|day| (day.date, day)).collect(),
            minutes: minutes.into_iter().map(|bar| (bar.time_ms, bar)).collect(),
        };
        if is_behind {
            tape.cut();
        }
        tape
    }

    /// Clients have followed something else up to here: they start again from a snapshot.
    pub fn cut(&mut self) {
        self.state.resumable_from = self.state.seq + 1;
    }

    /// Takes what a source has told. What is no price is passed over.
    pub fn ingest(&mut self, told: &Ingest) -> Ingestion {
        let mut done = Ingestion::default();
        self.state.clock_ahead_ms = told.clock_ahead_ms;
        let newest = self.days.keys().next_back().copied();
        let told_days: Vec<SourceDay> =
            last_of_each(&told.daily, |day| day.date, SourceDay::is_valid).collect();
        done.days = self.restate(&told_days);
        let mut rewritten = !done.days.is_empty();
        for day in told_days {
            let known = self.days.insert(day.date, day);
            if known != Some(day) {
                rewritten |= newest.is_some_and(|newest| day.date <= newest || day.splits());
                done.days.push(day);
            }
        }
        let newest_minute_ms = self.minutes.keys().next_back().copied();
        for bar in last_of_each(&told.minutes, |bar| bar.time_ms, is_minute) {
            if self.minutes.insert(bar.time_ms, bar) != Some(bar) {
                done.minutes.push(bar);
            }
        }
        if done.minutes.iter().any(|bar| newest_minute_ms.is_some_and(|newest_ms| bar.time_ms <= newest_ms)) {
            self.state.minutes_revision += 1;
        }
        done.accepted = done.days.len() + done.minutes.len();
        if rewritten {
            self.state.revision += 1;
        }
        self.close_day(newest, told, &mut done);
        if let Some(quote) = told.quote
            && self.is_news(&quote, told.received_ms)
        {
            done.accepted += 1;
            self.quote(&quote, told, &mut done);
        }
        if rewritten {
            self.announce_rewriting(&mut done);
        }
        while self.minutes.len() > MAX_MINUTES {
            self.minutes.pop_first();
        }
        done
    }

    /// Adjusted closes are as of the day they are told: after a dividend, those of the
    /// days before the first one told again are scaled as that one was. What has changed.
    fn restate(&mut self, told: &[SourceDay]) -> Vec<SourceDay> {
        let ratio = |told: &SourceDay| {
            let known = self.days.get(&told.date)?.adjusted_close?;
            Some((told.date, told.adjusted_close? / known))
        };
        let mut ratios = told.iter().filter_map(ratio);
        let Some((from, ratio)) = ratios.next() else { return Vec::new() };
        // A dividend moves the next day as well; a correction of one day says nothing of others.
        let is_alone = ratios.next().is_some_and(|(_, next)| (next / ratio - 1.0).abs() > 1e-4);
        // The vendor's last digits are not always the same.
        let is_same = (ratio - 1.0).abs() < 1e-6;
        if is_alone || is_same || !(ratio.is_finite() && ratio > 0.0) {
            return Vec::new();
        }
        let before = self.days.range_mut(..from).filter(|(_, day)| day.adjusted_close.is_some());
        let restated = |(_, day): (&Date, &mut SourceDay)| {
            day.adjusted_close = day.adjusted_close.map(|close| close * ratio);
            *day
        };
        before.map(restated).collect()
    }

    /// Made after the last quote and not in the future, which would stop all that follows.
    fn is_news(&self, quote: &SourceQuote, received_ms: i64) -> bool {
        let last_ms = self.state.quote.as_ref().map_or(i64::MIN, |last| last.exchange_time_ms);
        quote.price.is_finite()
            && quote.price > 0.0
            && quote.volume.is_none_or(|volume| volume >= 0.0)
            && quote.exchange_time_ms > last_ms
            && quote.exchange_time_ms <= received_ms.saturating_add(MAX_AHEAD_MS)
            && !self.is_repeated(quote)
    }

    /// The same price after the same volume: nothing has been traded. Where the source
    /// gives no time of a price, it only looks newer.
    fn is_repeated(&self, quote: &SourceQuote) -> bool {
        let session = session_of(quote.exchange_time_ms);
        let counted_of = |session| self.volume_of(&session);
        self.state.quote.as_ref().is_some_and(|last| last.price == quote.price)
            && quote.volume.is_some_and(|volume| volume > 0.0)
            && quote.volume == session.map(counted_of)
    }

    /// The newest day has closed: its bar, and its close as a quote, unless
    /// something later is known.
    fn close_day(&mut self, newest: Option<Date>, told: &Ingest, done: &mut Ingestion) {
        let Some((&date, &day)) = self.days.last_key_value() else { return };
        let Some(session) = CALENDAR.session(date) else { return };
        if newest.is_some_and(|newest| newest >= date) {
            return;
        }
        let last_ms = self.state.quote.as_ref().map_or(i64::MIN, |quote| quote.exchange_time_ms);
        if last_ms > session.close_ms {
            return;
        }
        let mut closed = Vec::new();
        for (builder, interval) in self.state.builders.iter_mut().zip(LIVE_INTERVALS) {
            let bar = builder.finish();
            closed.extend(bar.filter(|_| interval.is_intraday()).map(|bar| (interval, bar)));
        }
        self.keep_minutes(&closed, done);
        closed.push((Interval::Day, day.bar(&session)));
        let previous_close = self.days_before_date(date).last().map(|bar| bar.close);
        let price = SourceQuote {
            price: day.close,
            volume: Some(day.volume),
            previous_close,
            exchange_time_ms: session.close_ms,
            day: None,
        };
        let size = (day.volume - self.volume_of(&session)).max(0.0);
        self.emit(closed, &price, size, told, done);
    }

    fn quote(&mut self, quote: &SourceQuote, told: &Ingest, done: &mut Ingestion) {
        let session = session_of(quote.exchange_time_ms);
        let before = session.as_ref().map_or(0.0, |session| self.volume_of(session));
        // A source that leaves the volume out says nothing of trades.
        let quote = &SourceQuote { volume: Some(quote.volume.unwrap_or(before)), ..*quote };
        let size = quote.volume.map_or(0.0, |volume| (volume - before).max(0.0));
        // A closing price alone is no bar.
        let forms_bars = !matches!(told.origin, Origin::EndOfDay { .. });
        let closed = match session {
            Some(session) if forms_bars => self.form_bars(quote, size, &session),
            _ => Vec::new(),
        };
        self.keep_minutes(&closed, done);
        self.keep_day(&closed, done);
        let known = self
            .days
            .keys()
            .next_back()
            .copied()
            .filter(|date| session.is_some_and(|session| *date < session.date));
        let previous_close = quote.previous_close.or_else(|| self.days.get(&known?).map(|day| day.close));
        self.emit(closed, &SourceQuote { previous_close, ..*quote }, size, told, done);
    }

    /// Adds a price to the forming bars; returns those that it closes.
    fn form_bars(&mut self, quote: &SourceQuote, size: f64, session: &Session) -> Vec<(Interval, Bar)> {
        // The closing price belongs to the last bars of its session.
        let time_ms = quote.exchange_time_ms.min(session.close_ms - 1);
        let trade = Bar::from_trade(time_ms, quote.price, size);
        let [open, high, low] = quote.day.unwrap_or([quote.price; 3]);
        let day = Bar { open, high, low, ..trade }.validated().unwrap_or(trade);
        let is_first = self.volume_of(session) == 0.0;
        let bar = |interval: Interval| match interval.intraday_ms() {
            None => day,
            // What was traded before the first volume was not traded in its minute.
            Some(step_ms) if is_first && time_ms >= session.open_ms + step_ms => Bar { volume: 0.0, ..trade },
            Some(_) => trade,
        };
        let builders = self.state.builders.iter_mut().zip(LIVE_INTERVALS);
        builders
            .filter_map(|(builder, interval)| Some((interval, builder.push_bar(&bar(interval))?)))
            .collect()
    }

    /// The next event: bars that have closed, then the price; `size` was traded since the one before.
    fn emit(
        &mut self,
        closed: Vec<(Interval, Bar)>,
        last: &SourceQuote,
        size: f64,
        told: &Ingest,
        done: &mut Ingestion,
    ) {
        self.state.seq += 1;
        let seq = self.state.seq;
        let quote = Quote {
            symbol: self.symbol.clone(),
            seq,
            from_seq: None,
            price: last.price,
            size,
            volume: last.volume.unwrap_or(0.0),
            previous_close: last.previous_close,
            exchange_time_ms: last.exchange_time_ms,
            receive_time_ms: told.received_ms,
            simulated: told.simulated,
            origin: told.origin.clone(),
        };
        let bar = |(interval, bar)| {
            ServerMessage::Bar(ClosedBar {
                symbol: self.symbol.clone(),
                seq,
                interval,
                bar,
                simulated: quote.simulated,
                origin: quote.origin.clone(),
            })
        };
        let mut messages: Vec<ServerMessage> = closed.into_iter().map(bar).collect();
        messages.push(ServerMessage::Quote(quote.clone()));
        self.state.quote = Some(quote);
        done.events.push(Event { seq, messages });
    }

    /// Closed bars have changed: whoever has them starts again from a snapshot.
    fn announce_rewriting(&mut self, done: &mut Ingestion) {
        if self.state.quote.is_none() {
            return;
        }
        self.state.seq += 1;
        let seq = self.state.seq;
        self.state.resumable_from = seq;
        if let Some(quote) = &mut self.state.quote {
            quote.seq = seq;
            quote.size = 0.0;
        }
        let snapshot = self.snapshot().map(ServerMessage::Snapshot);
        done.events.push(Event { seq, messages: snapshot.into_iter().collect() });
    }

    /// Minutes built from quotes, where the source has told none.
    fn keep_minutes(&mut self, closed: &[(Interval, Bar)], done: &mut Ingestion) {
        for (_, bar) in closed.iter().filter(|(interval, _)| *interval == Interval::Minute) {
            if let Entry::Vacant(place) = self.minutes.entry(bar.time_ms) {
                place.insert(*bar);
                done.minutes.push(*bar);
            }
        }
    }

    /// A day built from quotes stands until the source tells the day itself.
    fn keep_day(&mut self, closed: &[(Interval, Bar)], done: &mut Ingestion) {
        for (_, bar) in closed.iter().filter(|(interval, _)| *interval == Interval::Day) {
            let Some(session) = CALENDAR.session_at(bar.time_ms) else { continue };
            if let Entry::Vacant(place) = self.days.entry(session.date) {
                let Bar { open, high, low, close, volume, .. } = *bar;
                let date = session.date;
                let day =
                    SourceDay { date, open, high, low, close, volume, adjusted_close: None, split: None };
                place.insert(day);
                done.days.push(day);
            }
        }
    }

    /// Units of a session that the last quote has counted.
    fn volume_of(&self, session: &Session) -> f64 {
        let counted = |quote: &&Quote| (session.open_ms..=session.close_ms).contains(&quote.exchange_time_ms);
        self.state.quote.as_ref().filter(counted).map_or(0.0, |quote| quote.volume)
    }

    /// The day that forms: none once the source has told it as closed.
    fn current_day(&self) -> Option<Session> {
        let quote = self.state.quote.as_ref()?;
        let session = session_of(quote.exchange_time_ms)?;
        (!self.days.contains_key(&session.date)).then_some(session)
    }

    /// The current day; where there is none, the one after the last that is known.
    fn day_after_closed(&self) -> Option<Date> {
        let after_all = || self.days.keys().next_back().and_then(|date| date.tomorrow().ok());
        self.current_day().map(|session| session.date).or_else(after_all)
    }

    fn days_before_date(&self, date: Date) -> Vec<Bar> {
        let days = || self.days.range(..date).map(|(_, day)| day);
        let bars: Vec<Bar> = days().filter_map(|day| Some(day.bar(&CALENDAR.session(day.date)?))).collect();
        adjusted(&bars, &self.splits_until(date))
    }

    /// The splits in force on a date: one is from its own day on.
    fn splits_until(&self, date: Date) -> Vec<CorporateAction> {
        let of_day = |(date, day): (&Date, &SourceDay)| {
            let ex_ms = CALENDAR.session(*date)?.open_ms;
            Some(CorporateAction { ex_ms, kind: ActionKind::Split(day.split?) })
        };
        self.days.range(..=date).filter_map(of_day).collect()
    }
}

impl Tape for LiveTape {
    fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    fn seq(&self) -> u64 {
        self.state.seq
    }

    fn resumable_from(&self) -> u64 {
        self.state.resumable_from
    }

    fn quote(&self) -> Option<&Quote> {
        self.state.quote.as_ref()
    }

    fn state(&self, now_ms: i64) -> (SourceState, Origin) {
        let Some(quote) = &self.state.quote else {
            return (SourceState::NotListed, Origin::Live);
        };
        let open = CALENDAR.session_at(now_ms.saturating_add(self.state.clock_ahead_ms)).is_some();
        (if open { SourceState::Streaming } else { SourceState::Closed }, quote.origin.clone())
    }

    fn snapshot(&self) -> Option<Snapshot> {
        let quote = self.state.quote.clone()?;
        let forming = LIVE_INTERVALS.into_iter().zip(&self.state.builders);
        Some(Snapshot {
            symbol: self.symbol.clone(),
            epoch: 0,
            seq: self.state.seq,
            forming: forming
                .filter_map(|(interval, builder)| Some((interval, *builder.forming()?)))
                .collect(),
            simulated: quote.simulated,
            origin: quote.origin.clone(),
            quote: Some(quote),
        })
    }

    fn is_day_closed(&self) -> bool {
        self.current_day().is_none()
    }

    fn advance(&mut self, _: i64) -> Vec<Event> {
        Vec::new()
    }

    fn next_event_wall_ms(&self) -> Option<i64> {
        None
    }

    fn checkpoint(&self) -> Result<Option<String>, serde_json::Error> {
        serde_json::to_string(&self.state).map(Some)
    }

    fn days_before(&self) -> Vec<Bar> {
        self.day_after_closed().map_or_else(Vec::new, |date| self.days_before_date(date))
    }

    fn last_day_before_ms(&self) -> Option<i64> {
        let mut days = self.days.range(..self.day_after_closed()?).rev();
        days.find_map(|(date, _)| Some(CALENDAR.session(*date)?.open_ms))
    }

    fn total_return_days_before(&self) -> Vec<Bar> {
        let split_adjusted = self.days_before();
        let mut factor = 1.0;
        let of =
            |bar: &Bar| CALENDAR.session_at(bar.time_ms).and_then(|session| self.days.get(&session.date));
        // Newest first: a day that has no adjusted close takes the factor of the next.
        let mut bars: Vec<Bar> = split_adjusted
            .iter()
            .rev()
            .map(|bar| {
                if let Some(adjusted) = of(bar).and_then(|day| day.adjusted_close) {
                    factor = adjusted / bar.close;
                }
                Bar { volume: bar.volume, ..bar.with_close(bar.close * factor) }
            })
            .collect();
        bars.reverse();
        bars
    }

    fn intraday_before(&self, query: &BarsQuery) -> Vec<Bar> {
        let until_ms = self.current_day().map_or(i64::MAX, |session| session.open_ms);
        let bars = resampled(query.interval, self.minutes.range(..until_ms).map(|(_, bar)| bar));
        let splits = self.day_after_closed().map_or_else(Vec::new, |date| self.splits_until(date));
        adjusted(&bars, &splits)
    }

    fn today(&self, interval: Interval) -> Vec<Bar> {
        let Some(session) = self.current_day() else { return Vec::new() };
        let forming = |interval: Interval| {
            let index = LIVE_INTERVALS.iter().position(|live| *live == interval)?;
            self.state.builders.get(index)?.forming()
        };
        if !interval.is_intraday() {
            return forming(Interval::Day).copied().into_iter().collect();
        }
        let minutes = self.minutes.range(session.open_ms..).map(|(_, bar)| bar);
        let last_ms = self.minutes.keys().next_back().copied().unwrap_or(i64::MIN);
        resampled(interval, minutes.chain(forming(Interval::Minute).filter(|bar| bar.time_ms > last_ms)))
    }

    fn day_origin(&self) -> Option<Origin> {
        self.state.quote.as_ref().map(|quote| quote.origin.clone())
    }

    fn revision(&self, interval: Interval) -> u64 {
        self.state.revision + if interval.is_intraday() { self.state.minutes_revision } else { 0 }
    }
}

impl SourceDay {
    fn bar(&self, session: &Session) -> Bar {
        let Self { open, high, low, close, volume, .. } = *self;
        Bar { time_ms: session.open_ms, open, high, low, close, volume }
    }

    fn is_valid(&self) -> bool {
        CALENDAR.session(self.date).is_some_and(|session| self.bar(&session).validated().is_ok())
    }

    fn splits(&self) -> bool {
        self.split.is_some_and(|ratio| ratio != 1.0)
    }
}

/// The session of a price: the close is the last price of its session.
fn session_of(time_ms: i64) -> Option<Session> {
    CALENDAR.session_at(time_ms).or_else(|| CALENDAR.session_at(time_ms - 1))
}

/// What counts, by key and in its order; what is told twice counts as told last,
/// so that telling all of it again is no news.
fn last_of_each<T: Copy, K: Ord>(
    told: &[T],
    key: impl Fn(&T) -> K,
    counts: impl Fn(&T) -> bool,
) -> impl Iterator<Item = T> {
    let by_key: BTreeMap<K, T> = told.iter().filter(|row| counts(row)).map(|row| (key(row), *row)).collect();
    by_key.into_values()
}

fn is_minute(bar: &Bar) -> bool {
    bar.validated().is_ok() && CALENDAR.bucket_start_ms(Interval::Minute, bar.time_ms) == Some(bar.time_ms)
}

fn resampled<'a>(interval: Interval, minutes: impl Iterator<Item = &'a Bar>) -> Vec<Bar> {
    let mut builder = BarBuilder::new(CALENDAR, interval);
    let mut bars: Vec<Bar> = minutes.filter_map(|bar| builder.push_bar(bar)).collect();
    bars.extend(builder.finish());
    bars
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]
mod tests {
    use jiff::civil::date;
    use tickwise_replay::Recording;

    use super::*;

    fn tape() -> LiveTape {
        LiveTape::new("MSFT".parse().unwrap(), None, 0, [], [])
    }

    fn told() -> Ingest {
        Ingest {
            origin: Origin::Live,
            // Later than all that is told.
            received_ms: 2_000_000_000_000,
            clock_ahead_ms: 0,
            simulated: false,
            quote: None,
            daily: vec![],
            minutes: vec![],
        }
    }

    /// Microsoft as traded; its shares were split two for one on 2003-02-18.
    fn microsoft(from: Date, to: Date) -> Vec<SourceDay> {
        let bytes = include_bytes!("../../../public/replay/MSFT.arrow");
        let recording = Recording::from_arrow(bytes).unwrap();
        let split =
            |date| recording.splits().iter().find(|split| split.date == date).map(|split| split.ratio);
        let days = recording.days().iter().filter(|day| (from..=to).contains(&day.date));
        let day = |day: &tickwise_replay::RecordedDay| SourceDay {
            date: day.date,
            open: day.open,
            high: day.high,
            low: day.low,
            close: day.close,
            volume: day.volume,
            adjusted_close: Some(day.adj_close),
            split: split(day.date),
        };
        days.map(day).collect()
    }

    /// A quote some seconds after the opening of Tuesday 2003-02-18.
    fn quote(secs: i64, price: f64, volume: f64) -> SourceQuote {
        let open_ms = CALENDAR.session(date(2003, 2, 18)).unwrap().open_ms;
        let exchange_time_ms = open_ms + 1_000 * secs;
        SourceQuote { price, volume: Some(volume), previous_close: None, exchange_time_ms, day: None }
    }

    fn quotes(ingestion: &Ingestion) -> Vec<&Quote> {
        let messages = ingestion.events.iter().flat_map(|event| &event.messages);
        messages.filter_map(|m| if let ServerMessage::Quote(q) = m { Some(q) } else { None }).collect()
    }

    #[test]
    fn quotes_count_once_and_in_the_order_of_the_exchange() {
        let mut tape = tape();
        let mut ingest = |secs, price, volume| {
            let done = tape.ingest(&Ingest { quote: Some(quote(secs, price, volume)), ..told() });
            (done.accepted, quotes(&done).first().map(|quote| (quote.seq, quote.price, quote.size)))
        };
        assert_eq!(ingest(1, 24.0, 100.0), (1, Some((1, 24.0, 100.0))));
        assert_eq!(ingest(1, 24.0, 100.0), (0, None), "told again");
        assert_eq!(ingest(5, 24.5, 160.0), (1, Some((2, 24.5, 60.0))));
        assert_eq!(ingest(3, 99.0, 120.0), (0, None), "late");
        assert_eq!(ingest(6, f64::NAN, 200.0), (0, None), "no price");
        assert_eq!(ingest(7, 24.2, 150.0), (1, Some((3, 24.2, 0.0))), "a volume that shrinks adds nothing");
    }

    #[test]
    fn what_looks_newer_and_is_not_a_trade_is_no_event() {
        let mut tape = tape();
        let mut accepted =
            |quote: SourceQuote| tape.ingest(&Ingest { quote: Some(quote), ..told() }).accepted;
        assert_eq!(accepted(quote(1, 24.0, 100.0)), 1);
        assert_eq!(accepted(quote(5, 24.0, 100.0)), 0, "nothing was traded");
        let future =
            SourceQuote { exchange_time_ms: told().received_ms + 3_600_000, ..quote(6, 25.0, 200.0) };
        assert_eq!(accepted(future), 0, "it would stop all that follows");
        assert_eq!(accepted(quote(7, 24.1, 200.0)), 1);
    }

    #[test]
    fn a_volume_left_out_is_not_zero() {
        let mut tape = tape();
        let mut size = |secs, price, volume| {
            let quote = SourceQuote { volume, ..quote(secs, price, 0.0) };
            let done = tape.ingest(&Ingest { quote: Some(quote), ..told() });
            quotes(&done).first().map(|quote| (quote.volume, quote.size))
        };
        assert_eq!(size(1, 24.0, Some(100.0)), Some((100.0, 100.0)));
        assert_eq!(size(5, 24.5, None), Some((100.0, 0.0)));
        assert_eq!(size(9, 24.6, Some(130.0)), Some((130.0, 30.0)));
    }

    #[test]
    fn what_was_traded_before_the_first_volume_is_not_traded_in_its_minute() {
        let mut tape = tape();
        let mut closed = Vec::new();
        for (secs, price, volume) in [(5, 24.0, None), (130, 24.5, Some(9_000.0)), (200, 24.6, Some(9_100.0))]
        {
            let quote = SourceQuote { volume, ..quote(secs, price, 0.0) };
            closed.extend(tape.ingest(&Ingest { quote: Some(quote), ..told() }).minutes);
        }
        assert_eq!(closed.iter().map(|bar| bar.volume).collect::<Vec<_>>(), [0.0, 0.0]);
    }

    #[test]
    fn after_a_replay_the_numbers_go_on_behind_it() {
        let mut tape = tape();
        tape.ingest(&Ingest { quote: Some(quote(1, 24.0, 100.0)), ..told() });
        let tape = LiveTape::new(tape.symbol, Some(tape.state), 500, [], []);
        assert_eq!((tape.seq(), tape.resumable_from(), tape.snapshot().unwrap().seq), (500, 501, 500));
    }

    /// As a release wrote it: the next one goes on from there.
    #[test]
    fn a_stored_checkpoint_is_read_by_later_releases() {
        let stored = r#"{"seq":1,"resumable_from":0,"revision":0,"minutes_revision":0,
            "quote":{"symbol":"MSFT","seq":1,"price":24.0,"size":100.0,"volume":100.0,"previous_close":null,"exchange_time_ms":1045578601000,"receive_time_ms":2000000000000,"simulated":false,"origin":{"mode":"live"}},
            "builders":[{"calendar":"nyse","interval":"1m","forming":{"time_ms":1045578600000,"open":24.0,"high":24.0,"low":24.0,"close":24.0,"volume":100.0},"latest_ms":1045578601000,"known_until_ms":1045578660000,"dropped":0},
            {"calendar":"nyse","interval":"5m","forming":{"time_ms":1045578600000,"open":24.0,"high":24.0,"low":24.0,"close":24.0,"volume":100.0},"latest_ms":1045578601000,"known_until_ms":1045578900000,"dropped":0},
            {"calendar":"nyse","interval":"1d","forming":{"time_ms":1045578600000,"open":24.0,"high":24.0,"low":24.0,"close":24.0,"volume":100.0},"latest_ms":1045578601000,"known_until_ms":1045578600000,"dropped":0}],"clock_ahead_ms":0}"#;
        let mut tape = tape();
        tape.ingest(&Ingest { quote: Some(quote(1, 24.0, 100.0)), ..told() });
        assert_eq!(serde_json::from_str::<LiveCheckpoint>(stored).unwrap(), tape.state);
    }

    #[test]
    fn a_minute_that_closes_is_announced_with_the_quote_that_closes_it_and_kept() {
        let mut tape = tape();
        for (secs, price) in [(1, 24.0), (30, 25.0), (59, 23.0)] {
            tape.ingest(&Ingest { quote: Some(quote(secs, price, secs as f64)), ..told() });
        }
        let done = tape.ingest(&Ingest { quote: Some(quote(60, 24.4, 60.0)), ..told() });
        let ServerMessage::Bar(bar) = &done.events[0].messages[0] else { panic!("{done:?}") };
        assert_eq!((bar.bar.open, bar.bar.high, bar.bar.close, bar.bar.volume), (24.0, 25.0, 23.0, 59.0));
        assert_eq!(done.minutes, [bar.bar]);
        assert_eq!(tape.today(Interval::Minute).len(), 2);
        assert_eq!(tape.today(Interval::Hour)[0].volume, 60.0);
        assert!(!tape.is_day_closed());
    }

    #[test]
    fn a_day_that_closes_gives_its_bar_and_its_close() {
        let mut tape = tape();
        tape.ingest(&Ingest { daily: microsoft(date(2003, 1, 2), date(2003, 2, 18)), ..told() });
        let next = microsoft(date(2003, 2, 19), date(2003, 2, 19));
        let done = tape.ingest(&Ingest { daily: next.clone(), ..told() });
        let [ServerMessage::Bar(bar), ServerMessage::Quote(quote)] = &done.events[0].messages[..] else {
            panic!("{done:?}")
        };
        assert_eq!((bar.interval, bar.bar.close, quote.price), (Interval::Day, next[0].close, next[0].close));
        assert_eq!(quote.seq, 2);
        assert_eq!(tape.ingest(&Ingest { daily: next, ..told() }), Ingestion::default(), "told again");
    }

    #[test]
    fn a_split_rebases_the_days_before_it() {
        let mut tape = tape();
        tape.ingest(&Ingest { daily: microsoft(date(2003, 1, 2), date(2003, 2, 14)), ..told() });
        let before = tape.days_before();
        let revision = tape.revision(Interval::Day);
        let done = tape.ingest(&Ingest { daily: microsoft(date(2003, 2, 18), date(2003, 2, 18)), ..told() });
        assert!(matches!(done.events.last().unwrap().messages[..], [ServerMessage::Snapshot(_)]));
        assert_eq!((tape.revision(Interval::Day), tape.resumable_from()), (revision + 1, tape.seq()));
        let after = tape.days_before();
        assert_eq!(after.len(), before.len() + 1);
        assert_eq!(tape.last_day_before_ms(), after.last().map(|bar| bar.time_ms));
        for (before, after) in before.iter().zip(&after) {
            assert_eq!((after.close, after.volume), (before.close / 2.0, before.volume * 2.0));
        }
        for pair in after.windows(2) {
            assert!((pair[1].close / pair[0].close - 1.0).abs() < 0.1, "{pair:?}");
        }
    }

    #[test]
    fn a_corrected_day_rewrites_history_and_says_so() {
        let mut tape = tape();
        let mut days = microsoft(date(2003, 1, 2), date(2003, 2, 14));
        tape.ingest(&Ingest { daily: days.clone(), ..told() });
        days[3].volume += 1.0;
        let done = tape.ingest(&Ingest { daily: days.clone(), ..told() });
        assert_eq!((done.accepted, &done.days[..]), (1, &days[3..4]));
        assert!(matches!(done.events[0].messages[..], [ServerMessage::Snapshot(_)]));
        days[3].high = 0.0;
        assert_eq!(tape.ingest(&Ingest { daily: days, ..told() }).accepted, 0, "no bar");
    }

    #[test]
    fn a_dividend_restates_the_days_before_those_told_again() {
        let days = microsoft(date(2002, 1, 2), date(2003, 2, 14));
        let (mut whole, mut tail) = (tape(), tape());
        tail.ingest(&Ingest { daily: days.clone(), ..told() });
        let restated =
            |day: &SourceDay| SourceDay { adjusted_close: day.adjusted_close.map(|c| c * 0.99), ..*day };
        let restated: Vec<SourceDay> = days.iter().map(restated).collect();
        whole.ingest(&Ingest { daily: restated.clone(), ..told() });
        let compact = Ingest { daily: restated[days.len() - 100..].to_vec(), ..told() };
        let done = tail.ingest(&compact);
        assert_eq!(done.days.len(), days.len(), "all of them are stored anew");
        assert!(matches!(done.events[0].messages[..], [ServerMessage::Snapshot(_)]));
        for (tail, whole) in tail.total_return_days_before().iter().zip(whole.total_return_days_before()) {
            assert!((tail.close / whole.close - 1.0).abs() < 1e-9, "{tail:?} {whole:?}");
        }
        assert_eq!(tail.ingest(&compact), Ingestion::default(), "told again");

        let mut corrected = compact.clone();
        corrected.daily[0].adjusted_close = Some(1.0);
        assert_eq!(tail.ingest(&corrected).days, corrected.daily[..1], "one day says nothing of others");
    }

    #[test]
    fn a_day_or_minute_told_twice_in_one_body_counts_as_told_last() {
        let mut tape = tape();
        let mut days = microsoft(date(2003, 1, 2), date(2003, 2, 14));
        let otherwise = SourceDay { volume: days[3].volume + 1.0, ..days[3] };
        days.push(otherwise);
        let minute = Bar::from_trade(quote(0, 24.0, 0.0).exchange_time_ms, 24.0, 10.0);
        let minutes = vec![minute, Bar { volume: 20.0, ..minute }];
        let told = Ingest { daily: days.clone(), minutes, ..told() };
        let done = tape.ingest(&told);
        assert_eq!((done.days.len(), done.days[3]), (days.len() - 1, otherwise));
        assert_eq!(done.minutes, told.minutes[1..]);
        assert_eq!(tape.ingest(&told), Ingestion::default(), "told again");
    }

    #[test]
    fn a_restart_changes_nothing() {
        let mut whole = tape();
        let mut stopped = tape();
        let (mut days, mut minutes) = (Vec::new(), Vec::new());
        for secs in 0..400 {
            let told =
                Ingest { quote: Some(quote(secs * 7, 24.0 + (secs % 11) as f64, secs as f64)), ..told() };
            let done = stopped.ingest(&told);
            assert_eq!(done, whole.ingest(&told));
            days.extend(done.days);
            minutes.extend(done.minutes);
            let checkpoint = serde_json::from_str(&stopped.checkpoint().unwrap().unwrap()).unwrap();
            stopped = LiveTape::new(stopped.symbol, checkpoint, 0, days.clone(), minutes.clone());
        }
        assert_eq!(stopped.today(Interval::FiveMinutes), whole.today(Interval::FiveMinutes));
    }
}
