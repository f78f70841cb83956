//! Past bars of a symbol, up to and including the forming one.

use std::ops::RangeInclusive;

use tickwise_indicators::{AnyIndicator, Outputs, Spec};
use tickwise_market::{Bar, BarBuilder, Calendar, Interval};
use tickwise_protocol::rest::{Bars, IndicatorValues, Indicators, MAX_BARS, OutputValues};

use super::{rolling::Rolling, tape::Tape};
use crate::{
    api::{BarsQuery, Format, IndicatorsQuery},
    error::EdgeError,
};

/// Bars after which averages have settled.
const SETTLED: usize = 1_000;

/// Whether a query ends before the last quote: no quote that comes changes its answer,
/// unless a longer bar that began before is still forming.
pub fn is_past(tape: &dyn Tape, query: &BarsQuery) -> bool {
    tape.quote().is_some_and(|quote| query.to_ms <= quote.exchange_time_ms)
}

/// The bars that a query asks for, as of the tape's last quote, numbered in `epoch`.
/// What is past contains no quote with a number, and so stands still.
///
/// # Errors
/// When the symbol has no prices yet.
pub fn bars(tape: &dyn Tape, query: &BarsQuery, epoch: u64, now_ms: i64) -> Result<Bars, EdgeError> {
    let (_, origin) = tape.state(now_ms);
    let (bars, forming) = known(tape, query);
    let is_past = is_past(tape, query) && !forming;
    Ok(Bars {
        symbol: tape.symbol().clone(),
        interval: query.interval,
        forming,
        bars,
        epoch,
        seq: if is_past { 0 } else { tape.seq() },
        quote: tape.quote().filter(|_| !is_past).cloned(),
        split_adjusted: true,
        simulated: query.interval.is_intraday() && tape.quote().is_some_and(|quote| quote.simulated),
        origin,
    })
}

/// Indicators over the bars that a query asks for: the newest values from states,
/// others from a fold over the bars before.
///
/// # Errors
/// When the symbol has no prices yet.
pub fn indicators(
    tape: &dyn Tape,
    rolling: &mut Rolling,
    query: &IndicatorsQuery,
    epoch: u64,
    now_ms: i64,
) -> Result<Indicators, EdgeError> {
    let wanted = &query.bars;
    let asked = bars(tape, wanted, epoch, now_ms)?;
    let newest = if tape.quote().is_some() && !is_past(tape, wanted) {
        rolling.newest(tape, &query.specs, &asked)
    } else {
        None
    };
    let values = newest.unwrap_or_else(|| folded(tape, query, &asked.bars));
    Ok(Indicators {
        times_ms: asked.bars.iter().map(|bar| bar.time_ms).collect(),
        indicators: query.specs.iter().zip(values).map(|(spec, rows)| described(spec, &rows)).collect(),
        forming: asked.forming && !asked.bars.is_empty(),
        symbol: asked.symbol,
        interval: asked.interval,
        epoch: asked.epoch,
        seq: asked.seq,
        split_adjusted: asked.split_adjusted,
        simulated: asked.simulated,
        origin: asked.origin,
    })
}

/// Where an indicator begins of which a state is kept, so that a value depends on the
/// bars alone, and neither on who asks nor when: days with the first known, minutes
/// with the month before that of the last quote. `None` for intervals whose bars are
/// not announced as they close, and before the first quote.
pub fn start_ms(tape: &dyn Tape, interval: Interval) -> Option<i64> {
    let quote = tape.quote()?;
    match interval {
        Interval::Day => Some(i64::MIN),
        Interval::Minute | Interval::FiveMinutes => {
            let month = Calendar::Nyse.date_at(quote.exchange_time_ms)?.first_of_month();
            Calendar::Nyse.midnight_ms(month.yesterday().ok()?.first_of_month())
        }
        _ => None,
    }
}

/// The closed bars that begin in a range of times.
pub fn closed(tape: &dyn Tape, interval: Interval, times_ms: RangeInclusive<i64>) -> Vec<Bar> {
    let (from_ms, to_ms) = (*times_ms.start(), times_ms.end().saturating_add(1));
    let query = BarsQuery { interval, from_ms, to_ms, limit: usize::MAX, format: Format::Json };
    let (mut bars, forming) = known(tape, &query);
    bars.pop_if(|_| forming);
    bars
}

/// The outputs at the bars asked for, of each indicator, by a fold that begins where
/// states do, or earlier if averages had not settled by the first of them.
fn folded(tape: &dyn Tape, query: &IndicatorsQuery, asked: &[Bar]) -> Vec<Vec<Option<Outputs>>> {
    let wanted = &query.bars;
    let first_ms = asked.first().map_or(i64::MAX, |bar| bar.time_ms);
    let place = |bars: &[Bar]| bars.partition_point(|bar| bar.time_ms < first_ms);
    let from = |from_ms, limit| known(tape, &BarsQuery { from_ms, limit, ..wanted.clone() }).0;
    let begun = start_ms(tape, wanted.interval).map(|start_ms| (start_ms, from(start_ms, usize::MAX)));
    let bars = match begun {
        Some((start_ms, bars)) if start_ms == i64::MIN || place(&bars) >= SETTLED => bars,
        _ => from(i64::MIN, asked.len() + MAX_BARS),
    };
    let (before, asked) = bars.split_at_checked(place(&bars)).unwrap_or_default();
    let fold = |spec: &Spec| {
        let mut indicator = AnyIndicator::new(spec);
        for bar in before {
            indicator.update(bar);
        }
        asked.iter().map(|bar| indicator.update(bar)).collect()
    };
    query.specs.iter().map(fold).collect()
}

fn described(spec: &Spec, rows: &[Option<Outputs>]) -> IndicatorValues {
    let value = |row: &Option<Outputs>, place: usize| row.as_ref()?.as_slice().get(place).copied();
    let outputs = spec.definition().outputs.iter().enumerate().map(|(place, output)| OutputValues {
        name: output.name.into(),
        unit: output.unit,
        values: rows.iter().map(|row| value(row, place)).collect(),
    });
    IndicatorValues {
        name: spec.to_string(),
        title: spec.definition().title.into(),
        outputs: outputs.collect(),
    }
}

/// The bars that a query asks for, and whether the last of them is forming.
fn known(tape: &dyn Tape, query: &BarsQuery) -> (Vec<Bar>, bool) {
    let mut bars = match query.interval {
        interval if interval.is_intraday() => intraday(tape, query),
        Interval::Day => daily(tape, query.from_ms),
        longer => resampled(longer, &daily(tape, i64::MIN)),
    };
    let last_ms = bars.last().map(|bar| bar.time_ms);
    bars.retain(|bar| (query.from_ms..query.to_ms).contains(&bar.time_ms));
    bars.drain(..bars.len().saturating_sub(query.limit));
    let is_newest = bars.last().is_some_and(|bar| Some(bar.time_ms) == last_ms);
    (bars, is_newest && !is_closed(tape, query.interval))
}

/// Whether nothing more is to come of the newest bar of an interval: the day has
/// closed, and the next session belongs to another bar.
fn is_closed(tape: &dyn Tape, interval: Interval) -> bool {
    let next_session_ms = |time_ms| {
        let tomorrow = Calendar::Nyse.date_at(time_ms)?.tomorrow().ok()?;
        Some(Calendar::Nyse.first_session(tomorrow)?.open_ms)
    };
    let is_last_of_bar = || {
        let last_ms = daily(tape, i64::MAX).last().map(|day| day.time_ms).or(tape.last_day_before_ms())?;
        let start_ms = |time_ms| Calendar::Nyse.bucket_start_ms(interval, time_ms);
        Some(start_ms(next_session_ms(last_ms)?) != start_ms(last_ms))
    };
    tape.is_day_closed() && (interval <= Interval::Day || is_last_of_bar().unwrap_or(true))
}

/// Closed days from an instant on, or more, then the forming one.
fn daily(tape: &dyn Tape, from_ms: i64) -> Vec<Bar> {
    let is_before = tape.last_day_before_ms().is_some_and(|last_ms| last_ms >= from_ms);
    let mut bars = if is_before { tape.days_before() } else { Vec::new() };
    bars.extend(tape.today(Interval::Day));
    bars
}

fn intraday(tape: &dyn Tape, query: &BarsQuery) -> Vec<Bar> {
    let today = tape.today(query.interval);
    if today.first().is_some_and(|first| first.time_ms <= query.from_ms) {
        return today;
    }
    tape.intraday_before(query).into_iter().chain(today).collect()
}

fn resampled(interval: Interval, daily: &[Bar]) -> Vec<Bar> {
    let mut builder = BarBuilder::new(Calendar::Nyse, interval);
    let mut bars: Vec<Bar> = daily.iter().filter_map(|bar| builder.push_bar(bar)).collect();
    bars.extend(builder.finish());
    bars
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use jiff::civil::{Date, date};
    use tickwise_replay::{Recording, ReplayClock};

    use super::*;
    use crate::{live::ReplayTape, source::ReplaySource};

    /// Apple's replay after its last day has closed.
    fn closed_on(day: Date) -> ReplayTape {
        let recording = Recording::from_arrow(include_bytes!("../../../public/replay/AAPL.arrow")).unwrap();
        let clock = ReplayClock::new(Calendar::Nyse, day, day, 0, 600.0, false).unwrap();
        let mut tape = ReplayTape::new(ReplaySource::new("AAPL".parse().unwrap(), recording, clock), None, 0);
        for now_ms in (0..60_000).step_by(1_000) {
            tape.advance(now_ms);
        }
        tape
    }

    #[test]
    fn a_week_or_a_month_forms_until_its_last_session_has_closed() {
        for (day, week, month) in [
            (date(2012, 9, 27), true, true),
            // A Friday, and the last session of September.
            (date(2012, 9, 28), false, false),
            (date(2012, 10, 5), false, true),
            (date(2012, 10, 31), true, false),
        ] {
            let tape = closed_on(day);
            let forms = |interval| {
                let query = BarsQuery {
                    interval,
                    from_ms: i64::MIN,
                    to_ms: i64::MAX,
                    limit: 2,
                    format: Format::Json,
                };
                bars(&tape, &query, 1, 60_000).unwrap().forming
            };
            let intervals = [Interval::Minute, Interval::Day, Interval::Week, Interval::Month];
            assert_eq!(intervals.map(forms), [false, false, week, month], "{day}");
        }
    }
}
