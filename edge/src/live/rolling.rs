//! The indicators in use of a symbol, each as a state after the last closed bar of its
//! interval: the next bar takes constant time, however long the history is.
//!
//! A state is what a fold over the closed bars from [`history::start_ms`] on leaves, to
//! the bit. It goes on from the bar that it has seen last, if the tape still has that bar
//! and has rewritten none before it; else it is built anew from the bars.

use std::{hash::Hasher, mem};

use serde::{Deserialize, Serialize};
use tickwise_indicators::{Outputs, Saved, Spec};
use tickwise_market::{Bar, Interval};
use tickwise_protocol::rest::Bars;

use super::{history, tape::Tape};

/// The most indicators kept: those of the most alerts, and some of clients. The least
/// recently used gives way.
pub const MAX_KEPT: usize = 128;

/// Closed bars of its interval after which an indicator that nobody has used gives way.
const MAX_IDLE_BARS: usize = 1_000;

/// To be raised when a state changes its layout or its meaning: those stored by another
/// version are built anew.
const VERSION: u8 = 3;

/// The indicators in use, the most recently used last.
#[derive(Debug, Default)]
pub struct Rolling {
    kept: Vec<Kept>,
    gone: Vec<Key>,
    tally: Tally,
}

/// Interval and specification, as they are stored.
type Key = (String, String);

/// How states came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Gone on with as they were stored.
    pub read: usize,
    /// Built for an indicator that was not in use.
    pub built: usize,
    /// Built anew: what was there could not be read, or did not belong to these bars.
    pub rebuilt: usize,
}

/// An indicator as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The name of the interval.
    pub interval: String,
    /// The indicator's specification.
    pub spec: String,
    /// The state, of this version or another.
    pub bytes: Vec<u8>,
}

/// What is to be stored after a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// States that are new or have gone on.
    pub stored: Vec<Stored>,
    /// Those that have given way.
    pub gone: Vec<Key>,
}

/// An indicator after the last closed bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    interval: Interval,
    indicator: Saved,
    basis: Basis,
    /// The last closed bar that it has seen.
    last: Option<Bar>,
    /// At the bar before and at the last.
    outputs: [Option<Outputs>; 2],
}

/// Bars that a state stands on: others make another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Basis {
    revision: u64,
    start_ms: i64,
}

#[derive(Debug)]
struct Kept {
    state: State,
    from: From,
    idle_bars: usize,
    is_stored: bool,
}

/// Where a state is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    /// The store, and no bar has confirmed it yet.
    Store,
    /// The store, where it could not be read.
    Damage,
    /// Not in use before.
    Nowhere,
    /// Bars of this tape.
    Bars,
}

impl Rolling {
    /// What is stored, the most recently used last; what cannot be read is built anew.
    pub fn read(stored: Vec<Stored>) -> Self {
        let mut rolling = Self::default();
        for stored in stored {
            match Kept::read(&stored) {
                Some(kept) if kept.key() == (stored.interval.clone(), stored.spec.clone()) => {
                    rolling.kept.push(kept);
                }
                // Of an indicator that there is no more, or that has another name now.
                _ => rolling.gone.push((stored.interval, stored.spec)),
            }
        }
        rolling
    }

    /// Takes an indicator into use, or notes that it is used. [`Self::follow`] gives it a state.
    pub fn take(&mut self, spec: &Spec, interval: Interval) {
        match self.kept.iter().position(|kept| kept.state.is_of(spec, interval)) {
            Some(place) => self.kept.get_mut(place..).unwrap_or_default().rotate_left(1),
            None => self.kept.push(Kept::new(spec.clone(), interval, From::Nowhere)),
        }
        if let Some(kept) = self.kept.last_mut() {
            kept.idle_bars = 0;
        }
        let surplus = self.kept.len().saturating_sub(MAX_KEPT);
        self.gone.extend(self.kept.drain(..surplus).map(|kept| kept.key()));
    }

    /// Brings the states of an interval to its last closed bar that begins by `until_ms`.
    pub fn follow(&mut self, tape: &dyn Tape, interval: Interval, until_ms: i64) {
        if self.kept.iter().all(|kept| kept.state.interval != interval) {
            return;
        }
        let Some(start_ms) = history::start_ms(tape, interval) else { return };
        let basis = Basis { revision: tape.revision(interval), start_ms };
        let of_interval = || self.kept.iter().filter(|kept| kept.state.interval == interval);
        let seen_ms = of_interval().filter_map(|kept| kept.state.seen_ms(basis)).min();
        let recent = seen_ms.map(|seen_ms| history::closed(tape, interval, seen_ms..=until_ms));
        let recent = recent.unwrap_or_default();
        let mut all = None;
        for kept in self.kept.iter_mut().filter(|kept| kept.state.interval == interval) {
            let unseen = kept.state.unseen(basis, &recent);
            kept.count(unseen.is_some(), &mut self.tally);
            if let Some(unseen) = unseen {
                kept.idle_bars += unseen.len();
                kept.update(unseen);
            } else {
                kept.state = State::new(kept.state.indicator.spec().clone(), interval, basis);
                kept.update(all.get_or_insert_with(|| history::closed(tape, interval, start_ms..=until_ms)));
            }
        }
        let idle = self.kept.extract_if(.., |kept| kept.idle_bars > MAX_IDLE_BARS);
        self.gone.extend(idle.map(|kept| kept.key()));
    }

    /// The same of all intervals, up to now: the tape has jumped, or its history was rewritten.
    pub fn follow_all(&mut self, tape: &dyn Tape) {
        for interval in Interval::ALL {
            self.follow(tape, interval, i64::MAX);
        }
    }

    /// The state of an indicator in use.
    pub fn state(&self, spec: &Spec, interval: Interval) -> Option<&State> {
        self.kept.iter().map(|kept| &kept.state).find(|state| state.is_of(spec, interval))
    }

    /// The outputs of indicators, which are in use from now on, at the newest bars of a
    /// tape: up to two closed ones and the forming one. `None` where there are others
    /// among them.
    pub fn newest(
        &mut self,
        tape: &dyn Tape,
        specs: &[Spec],
        bars: &Bars,
    ) -> Option<Vec<Vec<Option<Outputs>>>> {
        let (forming, closed) = match bars.bars.split_last() {
            Some((last, closed)) if bars.forming => (Some(last), closed),
            _ => (None, bars.bars.as_slice()),
        };
        history::start_ms(tape, bars.interval).filter(|_| closed.len() <= 2)?;
        specs.iter().for_each(|spec| self.take(spec, bars.interval));
        self.follow(tape, bars.interval, i64::MAX);
        let outputs = |spec| self.state(spec, bars.interval)?.at(closed, forming);
        specs.iter().map(outputs).collect()
    }

    /// What has changed since it was last asked.
    pub fn changes(&mut self) -> Changes {
        let stored = |kept: &mut Kept| (!mem::replace(&mut kept.is_stored, true)).then(|| kept.stored());
        Changes { stored: self.kept.iter_mut().filter_map(stored).collect(), gone: mem::take(&mut self.gone) }
    }

    /// How states came about since it was last asked.
    pub fn tally(&mut self) -> Tally {
        mem::take(&mut self.tally)
    }
}

impl Kept {
    fn new(spec: Spec, interval: Interval, from: From) -> Self {
        let state = State::new(spec, interval, Basis { revision: 0, start_ms: i64::MAX });
        Self { state, from, idle_bars: 0, is_stored: false }
    }

    /// `None` where nothing says what it is.
    fn read(stored: &Stored) -> Option<Self> {
        let (spec, interval) = (stored.spec.parse().ok()?, stored.interval.parse().ok()?);
        let state = State::from_bytes(&stored.bytes).filter(|state| state.is_of(&spec, interval));
        Some(match state {
            Some(state) => Self { state, from: From::Store, idle_bars: 0, is_stored: true },
            None => Self::new(spec, interval, From::Damage),
        })
    }

    fn key(&self) -> Key {
        (self.state.interval.to_string(), self.state.indicator.spec().to_string())
    }

    fn stored(&self) -> Stored {
        let (interval, spec) = self.key();
        Stored { interval, spec, bytes: self.state.to_bytes() }
    }

    fn count(&mut self, goes_on: bool, tally: &mut Tally) {
        match (mem::replace(&mut self.from, From::Bars), goes_on) {
            (From::Store, true) => tally.read += 1,
            (From::Bars, true) => {}
            (From::Nowhere, _) => tally.built += 1,
            (From::Store | From::Damage | From::Bars, _) => tally.rebuilt += 1,
        }
    }

    fn update(&mut self, bars: &[Bar]) {
        for bar in bars {
            self.state.update(bar);
        }
        self.is_stored &= bars.is_empty();
    }
}

impl State {
    fn new(spec: Spec, interval: Interval, basis: Basis) -> Self {
        Self { interval, indicator: Saved::new(spec), basis, last: None, outputs: [None; 2] }
    }

    fn is_of(&self, spec: &Spec, interval: Interval) -> bool {
        self.interval == interval && self.indicator.spec() == spec
    }

    fn seen_ms(&self, basis: Basis) -> Option<i64> {
        self.last.filter(|_| self.basis == basis).map(|last| last.time_ms)
    }

    /// Those of recent closed bars that come after the last one that it has seen; `None`
    /// where that one is not among them, or the state stands on other bars.
    fn unseen<'a>(&self, basis: Basis, recent: &'a [Bar]) -> Option<&'a [Bar]> {
        let seen_ms = self.seen_ms(basis)?;
        let place = recent.partition_point(|bar| bar.time_ms < seen_ms);
        let (first, unseen) = recent.get(place..)?.split_first()?;
        (Some(*first) == self.last).then_some(unseen)
    }

    fn update(&mut self, bar: &Bar) {
        let [_, before] = self.outputs;
        self.outputs = [before, self.indicator.state_mut().update(bar)];
        self.last = Some(*bar);
    }

    /// The outputs at the bar before the last closed one, and at it, if that one began at
    /// a certain time.
    pub fn outputs_at(&self, last_ms: i64) -> Option<[Option<Outputs>; 2]> {
        self.last.filter(|last| last.time_ms == last_ms).map(|_| self.outputs)
    }

    /// The outputs at the last closed bars, two at most, and at the forming one.
    fn at(&self, closed: &[Bar], forming: Option<&Bar>) -> Option<Vec<Option<Outputs>>> {
        let mut outputs = match closed.last() {
            Some(last) => self.outputs_at(last.time_ms)?.to_vec(),
            None => Vec::new(),
        };
        outputs.drain(..outputs.len().saturating_sub(closed.len()));
        outputs.extend(forming.map(|forming| self.indicator.state().peek(forming)));
        Some(outputs)
    }

    /// The version, a checksum, and the state by postcard, which keeps numbers to the bit.
    fn to_bytes(&self) -> Vec<u8> {
        // What could not be written would be built anew when it is read.
        let body = postcard::to_allocvec(self).unwrap_or_default();
        [&[VERSION][..], &checksum(&body), &body].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (sum, body) = rest.split_first_chunk()?;
        let state: Self = (*version == VERSION && *sum == checksum(body))
            .then(|| postcard::from_bytes(body).ok())
            .flatten()?;
        let outputs = state.indicator.spec().definition().outputs.len();
        state.outputs.iter().flatten().all(|known| known.as_slice().len() == outputs).then_some(state)
    }
}

/// For damage, not for malice. Should another release of the standard library sum
/// otherwise, states are built anew.
fn checksum(body: &[u8]) -> [u8; 8] {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(body);
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]
mod tests {
    use jiff::civil::{Date, date};
    use tickwise_indicators::REGISTRY;
    use tickwise_market::Calendar;
    use tickwise_protocol::{
        Origin,
        rest::{IndicatorValues, Indicators},
        stream::ServerMessage,
    };
    use tickwise_replay::{Recording, ReplayClock};

    use super::*;
    use crate::{
        api::{BarsQuery, Format, IndicatorsQuery},
        live::{Event, Ingest, LiveTape, ReplayTape, SourceDay, SourceQuote, tape::LIVE_INTERVALS},
        source::ReplaySource,
    };

    const SPECS: [&str; 6] = ["ema(12)", "obv", "rsi(14)", "bollinger(20,2)", "vwap", "drawdown"];

    fn specs() -> Vec<Spec> {
        SPECS.iter().filter_map(|spec| spec.parse().ok()).collect()
    }

    /// At this speed a session of 6.5 hours takes 39 s.
    const SPEED: f64 = 600.0;
    const SESSION_MS: i64 = 39_000;

    fn replay(symbol: &str, bytes: &[u8], from: Date, to: Date) -> ReplayTape {
        let clock = ReplayClock::new(Calendar::Nyse, from, to, 0, SPEED, true).unwrap();
        let recording = Recording::from_arrow(bytes).unwrap();
        ReplayTape::new(ReplaySource::new(symbol.parse().unwrap(), recording, clock), None, 0)
    }

    fn apple() -> ReplayTape {
        let bytes = include_bytes!("../../../public/replay/AAPL.arrow");
        replay("AAPL", bytes, date(2012, 9, 27), date(2012, 10, 2))
    }

    /// As a Feed does, with alerts on all of the specifications.
    fn follow(rolling: &mut Rolling, tape: &dyn Tape, events: &[Event], specs: &[Spec]) {
        for message in events.iter().flat_map(|event| &event.messages) {
            match message {
                ServerMessage::Snapshot(_) => rolling.follow_all(tape),
                ServerMessage::Bar(closed) => {
                    specs.iter().for_each(|spec| rolling.take(spec, closed.interval));
                    rolling.follow(tape, closed.interval, closed.bar.time_ms);
                }
                _ => {}
            }
        }
    }

    /// What a store would have after all changes.
    #[derive(Default)]
    struct Store(Vec<Stored>);

    impl Store {
        fn keep(&mut self, changes: Changes) {
            let is = |stored: &Stored, key: &Key| (&stored.interval, &stored.spec) == (&key.0, &key.1);
            self.0.retain(|stored| !changes.gone.iter().any(|key| is(stored, key)));
            for new in changes.stored {
                self.0.retain(|stored| !is(stored, &(new.interval.clone(), new.spec.clone())));
                self.0.push(new);
            }
        }
    }

    fn asked(tape: &dyn Tape, rolling: &mut Rolling, interval: Interval, limit: usize) -> Indicators {
        let bars = BarsQuery { interval, from_ms: i64::MIN, to_ms: i64::MAX, limit, format: Format::Json };
        history::indicators(tape, rolling, &IndicatorsQuery { specs: specs(), bars }, 1, 0).unwrap()
    }

    /// The newest values, from states, are those of a fold, to the bit.
    fn check(tape: &dyn Tape, rolling: &mut Rolling, interval: Interval) {
        let folded = asked(tape, &mut Rolling::default(), interval, 50);
        let newest = asked(tape, rolling, interval, 2);
        let kept = newest.indicators.iter().all(|of| rolling.kept.iter().any(|kept| kept.key().1 == of.name));
        assert!(kept && newest.forming == folded.forming, "{newest:?}");
        for (newest, folded) in newest.indicators.iter().zip(&folded.indicators) {
            let bits = |of: &IndicatorValues| -> Vec<Vec<Option<u64>>> {
                let last = |values: &[Option<f64>]| {
                    values[values.len().saturating_sub(2)..].iter().map(|v| v.map(f64::to_bits)).collect()
                };
                of.outputs.iter().map(|output| last(&output.values)).collect()
            };
            assert_eq!(bits(newest), bits(folded), "{}", newest.name);
        }
    }

    #[test]
    fn newest_values_are_those_of_a_fold_through_days_and_restarts_in_the_middle() {
        let mut tape = apple();
        let (mut rolling, mut store, mut tally) = (Rolling::default(), Store::default(), Vec::new());
        for now_ms in (0..3 * SESSION_MS).step_by(1_700) {
            let events = tape.advance(now_ms);
            follow(&mut rolling, &tape, &events, &specs());
            if now_ms % 13 == 0 {
                LIVE_INTERVALS.iter().for_each(|interval| check(&tape, &mut rolling, *interval));
            }
            store.keep(rolling.changes());
            tally.push(rolling.tally());
            if now_ms % 5 == 0 {
                rolling = Rolling::read(store.0.clone());
            }
        }
        let sum = |of: fn(&Tally) -> usize| tally.iter().map(of).sum::<usize>();
        assert_eq!(sum(|tally| tally.built), 3 * specs().len());
        // September is over: minutes begin with it, no longer with August.
        assert_eq!(sum(|tally| tally.rebuilt), 2 * specs().len());
        assert!(sum(|tally| tally.read) > 100);
    }

    fn split_of_microsoft() -> ReplayTape {
        let bytes = include_bytes!("../../../public/replay/MSFT.arrow");
        replay("MSFT", bytes, date(2003, 2, 14), date(2003, 2, 19))
    }

    /// Two for one on 2003-02-18, from 48.30 to 24.96.
    #[test]
    fn a_split_builds_states_anew_in_terms_of_its_day() {
        let mut tape = split_of_microsoft();
        let mut rolling = Rolling::default();
        let average: Spec = "sma(5)".parse().unwrap();
        let (mut closes, mut rebuilt) = (Vec::new(), Vec::new());
        for now_ms in (0..=2 * SESSION_MS + 2_000).step_by(1_000) {
            let events = tape.advance(now_ms);
            follow(&mut rolling, &tape, &events, std::slice::from_ref(&average));
            rebuilt.push(rolling.tally().rebuilt);
            for message in events.iter().flat_map(|event| &event.messages) {
                let ServerMessage::Bar(closed) = message else { continue };
                if closed.interval == Interval::Day {
                    let state = rolling.state(&average, Interval::Day).unwrap();
                    closes.push(
                        state.outputs_at(closed.bar.time_ms).unwrap().map(|o| o.unwrap().as_slice()[0]),
                    );
                }
            }
        }
        let [[_, before], [rebased, after]] = closes[..] else { panic!("{closes:?}") };
        assert!((46.0..50.0).contains(&before), "{before}");
        assert!((rebased - before / 2.0).abs() < 1e-9 && (23.0..25.5).contains(&after), "{rebased} {after}");
        assert_eq!(rebuilt.iter().sum::<usize>(), LIVE_INTERVALS.len());
        for interval in LIVE_INTERVALS {
            check(&tape, &mut rolling, interval);
        }
    }

    fn told() -> Ingest {
        Ingest {
            origin: Origin::Live,
            received_ms: 2_000_000_000_000,
            clock_ahead_ms: 0,
            simulated: false,
            quote: None,
            daily: vec![],
            minutes: vec![],
        }
    }

    fn day(date: Date, close: f64, split: Option<f64>) -> SourceDay {
        SourceDay {
            date,
            open: close,
            high: close + 1.0,
            low: close - 1.0,
            close,
            volume: 1e3,
            adjusted_close: None,
            split,
        }
    }

    fn minutes(of: Date, range: std::ops::Range<i64>) -> Vec<Bar> {
        let open_ms = Calendar::Nyse.session(of).unwrap().open_ms;
        let price = |minute: i64| 40.0 + (minute % 17) as f64 / 8.0;
        range.map(|minute| Bar::from_trade(open_ms + 60_000 * minute, price(minute), 100.0)).collect()
    }

    /// A live symbol with a price in the middle of Friday 2003-02-14.
    fn live() -> LiveTape {
        let friday = date(2003, 2, 14);
        let mut tape = LiveTape::new("MSFT".parse().unwrap(), None, 0, [], []);
        let daily = (1..14).map(|d| day(date(2003, 2, d), 40.0 + f64::from(d), None)).collect();
        tape.ingest(&Ingest { daily, minutes: minutes(date(2003, 2, 13), 0..390), ..told() });
        tape.ingest(&Ingest {
            quote: Some(quote(friday, 7_200, 48.0)),
            minutes: minutes(friday, 0..120),
            ..told()
        });
        tape
    }

    fn quote(of: Date, secs: i64, price: f64) -> SourceQuote {
        let exchange_time_ms = Calendar::Nyse.session(of).unwrap().open_ms + 1_000 * secs;
        SourceQuote { price, volume: Some(secs as f64), previous_close: None, exchange_time_ms, day: None }
    }

    /// What each step of a live source does to states that are in use.
    #[test]
    fn corrections_and_splits_of_a_live_source_build_states_anew() {
        let mut tape = live();
        let mut rolling = Rolling::default();
        let mut rebuilt = |tape: &LiveTape, events: &[Event]| {
            follow(&mut rolling, tape, events, &specs());
            for interval in LIVE_INTERVALS {
                check(tape, &mut rolling, interval);
            }
            (rolling.tally().rebuilt) / specs().len()
        };
        let friday = date(2003, 2, 14);
        assert_eq!(rebuilt(&tape, &[]), 0, "built");
        let done = tape.ingest(&Ingest { quote: Some(quote(friday, 7_500, 48.5)), ..told() });
        assert_eq!(rebuilt(&tape, &done.events), 0, "minutes have closed");
        let mut late = minutes(friday, 20..21);
        late[0].volume += 1.0;
        let done = tape.ingest(&Ingest { minutes: late, ..told() });
        assert_eq!(rebuilt(&tape, &done.events), 2, "a minute was corrected");
        let done = tape.ingest(&Ingest { daily: vec![day(date(2003, 2, 4), 44.5, None)], ..told() });
        assert_eq!(rebuilt(&tape, &done.events), 3, "a day was corrected");
        let done = tape.ingest(&Ingest { daily: vec![day(friday, 48.3, None)], ..told() });
        assert_eq!(rebuilt(&tape, &done.events), 0, "a day has closed");
        let done = tape.ingest(&Ingest { daily: vec![day(date(2003, 2, 18), 24.96, Some(2.0))], ..told() });
        assert_eq!(rebuilt(&tape, &done.events), 3, "a split");
        let average = asked(&tape, &mut rolling, Interval::Minute, 1).indicators[0].outputs[0].values[0];
        assert!((20.0..25.0).contains(&average.unwrap()), "in terms of after the split: {average:?}");
    }

    /// Damage anywhere, other versions and others' states: built anew, and right.
    #[test]
    fn what_is_stored_is_never_trusted_unchecked() {
        let tape = live();
        let mut rolling = Rolling::default();
        check(&tape, &mut rolling, Interval::Minute);
        let stored = rolling.changes().stored;
        let rebuilt = |stored: Vec<Stored>| {
            let mut rolling = Rolling::read(stored);
            check(&tape, &mut rolling, Interval::Minute);
            rolling.tally()
        };
        assert_eq!(rebuilt(stored.clone()), Tally { read: specs().len(), ..Tally::default() });
        type Damage = fn(&mut [Stored]);
        let damages: [Damage; 5] = [
            |stored| stored[0].bytes[0] = VERSION + 1,
            |stored| stored[0].bytes.truncate(40),
            |stored| stored[0].bytes.clear(),
            |stored| *stored[0].bytes.last_mut().unwrap() ^= 1,
            |stored| stored[0].bytes = stored[1].bytes.clone(),
        ];
        for damage in damages {
            let mut stored = stored.clone();
            damage(&mut stored);
            assert_eq!(rebuilt(stored), Tally { read: specs().len() - 1, built: 0, rebuilt: 1 });
        }
        let mut unknown = stored.clone();
        unknown[0].spec = "gone(3)".into();
        assert_eq!(Rolling::read(unknown).changes().gone, [("1m".into(), "gone(3)".into())]);

        // A true state, but of a bar that this tape does not have.
        let other = {
            let mut tape = live();
            tape.ingest(&Ingest { quote: Some(quote(date(2003, 2, 14), 7_500, 48.5)), ..told() });
            let mut rolling = Rolling::default();
            check(&tape, &mut rolling, Interval::Minute);
            rolling.changes().stored
        };
        assert_eq!(rebuilt(other), Tally { rebuilt: specs().len(), ..Tally::default() });
    }

    #[test]
    fn no_damaged_bit_is_overlooked() {
        let mut kept = Kept::new("bollinger(20,2)".parse().unwrap(), Interval::Day, From::Nowhere);
        kept.update(&minutes(date(2003, 2, 14), 0..30));
        let mut bytes = kept.state.to_bytes();
        assert_eq!(State::from_bytes(&bytes), Some(kept.state));
        for bit in 0..8 * bytes.len() {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(State::from_bytes(&bytes), None, "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn the_least_recently_used_gives_way() {
        let tape = live();
        let mut rolling = Rolling::default();
        let mut store = Store::default();
        let average = |period: usize| format!("sma({period})").parse::<Spec>().unwrap();
        for period in 1..=2 * MAX_KEPT {
            rolling.take(&average(7), Interval::Minute);
            rolling.take(&average(period), Interval::Minute);
            rolling.follow(&tape, Interval::Minute, i64::MAX);
            store.keep(rolling.changes());
            assert!(store.0.len() <= MAX_KEPT && rolling.kept.len() == store.0.len());
        }
        assert!(rolling.state(&average(7), Interval::Minute).is_some());
        assert!(rolling.state(&average(MAX_KEPT), Interval::Minute).is_none());
        assert!(rolling.state(&average(2 * MAX_KEPT), Interval::Minute).is_some());
        assert!(rolling.state(&average(7), Interval::Day).is_none());
    }

    #[test]
    fn what_nobody_uses_for_long_gives_way() {
        let (mut tape, mut rolling) = (live(), Rolling::default());
        rolling.take(&"sma(2)".parse().unwrap(), Interval::Minute);
        rolling.follow(&tape, Interval::Minute, i64::MAX);
        assert_eq!(rolling.changes().stored.len(), 1);
        rolling.kept[0].idle_bars = MAX_IDLE_BARS;
        tape.ingest(&Ingest { quote: Some(quote(date(2003, 2, 14), 7_500, 48.5)), ..told() });
        rolling.follow(&tape, Interval::Minute, i64::MAX);
        assert_eq!(rolling.changes(), Changes { stored: vec![], gone: vec![("1m".into(), "sma(2)".into())] });
    }

    /// A state that another release reads as something else would be worse than none.
    #[test]
    fn the_version_stands_for_one_layout_of_states() {
        let bars = minutes(date(2003, 2, 14), 0..300);
        let layout: Vec<u8> = REGISTRY
            .iter()
            .flat_map(|definition| {
                let mut kept = Kept::new(definition.name.parse().unwrap(), Interval::Day, From::Nowhere);
                let empty = kept.state.to_bytes();
                kept.update(&bars);
                [empty, kept.state.to_bytes().len().to_le_bytes().to_vec()].concat()
            })
            .collect();
        assert_eq!(
            (VERSION, u64::from_le_bytes(checksum(&layout))),
            (3, 17_929_607_803_632_514_016),
            "raise VERSION, and note the layout"
        );
    }
}
