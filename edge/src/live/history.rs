//! Past bars of a symbol, up to and including the forming one.

use tickwise_market::{Bar, BarBuilder, Calendar, Interval, Tick};
use tickwise_protocol::rest::Bars;

use super::tape::Tape;
use crate::{api::BarsQuery, error::EdgeError};

/// The bars that a query asks for, as of the tape's last quote.
///
/// # Errors
/// When the symbol has no prices yet.
pub fn bars(tape: &Tape, query: &BarsQuery, now_ms: i64) -> Result<Bars, EdgeError> {
    let (_, origin) = tape.state(now_ms);
    let mut bars = match query.interval {
        interval if interval.is_intraday() => intraday(tape, query),
        Interval::Day => daily(tape),
        longer => resampled(longer, &daily(tape)),
    };
    let last_ms = bars.last().map(|bar| bar.time_ms);
    bars.retain(|bar| (query.from_ms..query.to_ms).contains(&bar.time_ms));
    bars.drain(..bars.len().saturating_sub(query.limit));
    Ok(Bars {
        symbol: tape.source().symbol().clone(),
        interval: query.interval,
        forming: !tape.is_day_closed() && bars.last().is_some_and(|bar| Some(bar.time_ms) == last_ms),
        bars,
        seq: tape.seq(),
        quote: tape.quote().cloned(),
        split_adjusted: true,
        simulated: origin.is_simulated() && query.interval.is_intraday(),
        origin,
    })
}

/// All closed days, then the forming one.
fn daily(tape: &Tape) -> Vec<Bar> {
    let Some(day) = tape.day() else { return Vec::new() };
    let mut bars = tape.source().daily_bars_before(day.session.date);
    bars.extend(resampled_ticks(Interval::Day, tape.ticks_so_far()));
    bars
}

fn intraday(tape: &Tape, query: &BarsQuery) -> Vec<Bar> {
    let Some(day) = tape.day() else { return Vec::new() };
    let before = tape.source().intraday_bars_before(
        day.session.date,
        query.interval,
        query.from_ms,
        query.to_ms,
        query.limit,
    );
    before.into_iter().chain(resampled_ticks(query.interval, tape.ticks_so_far())).collect()
}

fn resampled_ticks(interval: Interval, ticks: &[Tick]) -> Vec<Bar> {
    let mut builder = BarBuilder::new(Calendar::Nyse, interval);
    let mut bars: Vec<Bar> = ticks.iter().filter_map(|tick| builder.push(tick)).collect();
    bars.extend(builder.finish());
    bars
}

fn resampled(interval: Interval, daily: &[Bar]) -> Vec<Bar> {
    let mut builder = BarBuilder::new(Calendar::Nyse, interval);
    let mut bars: Vec<Bar> = daily.iter().filter_map(|bar| builder.push_bar(bar)).collect();
    bars.extend(builder.finish());
    bars
}
