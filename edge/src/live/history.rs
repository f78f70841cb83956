//! Past bars of a symbol, up to and including the forming one.

use tickwise_indicators::{AnyIndicator, Spec};
use tickwise_market::{Bar, BarBuilder, Calendar, Interval};
use tickwise_protocol::rest::{Bars, IndicatorValues, Indicators, MAX_BARS, OutputValues};

use super::tape::Tape;
use crate::{
    api::{BarsQuery, IndicatorsQuery},
    error::EdgeError,
};

/// The bars that a query asks for, as of the tape's last quote.
///
/// # Errors
/// When the symbol has no prices yet.
pub fn bars(tape: &dyn Tape, query: &BarsQuery, now_ms: i64) -> Result<Bars, EdgeError> {
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
        symbol: tape.symbol().clone(),
        interval: query.interval,
        forming: !tape.is_day_closed() && bars.last().is_some_and(|bar| Some(bar.time_ms) == last_ms),
        bars,
        seq: tape.seq(),
        quote: tape.quote().cloned(),
        split_adjusted: true,
        simulated: query.interval.is_intraday() && tape.quote().is_some_and(|quote| quote.simulated),
        origin,
    })
}

/// Indicators over the bars that a query asks for, and over up to [`MAX_BARS`]
/// before them, so that averages without end have had time to settle.
///
/// # Errors
/// When the symbol has no prices yet.
pub fn indicators(tape: &dyn Tape, query: &IndicatorsQuery, now_ms: i64) -> Result<Indicators, EdgeError> {
    let wanted = &query.bars;
    let known = bars(tape, &BarsQuery { from_ms: i64::MIN, limit: MAX_BARS, ..wanted.clone() }, now_ms)?;
    let first = known.bars.partition_point(|bar| bar.time_ms < wanted.from_ms);
    let first = first.max(known.bars.len().saturating_sub(wanted.limit));
    let asked = known.bars.get(first..).unwrap_or_default();
    Ok(Indicators {
        symbol: known.symbol,
        interval: known.interval,
        times_ms: asked.iter().map(|bar| bar.time_ms).collect(),
        indicators: query.specs.iter().map(|spec| values(spec, &known.bars, first)).collect(),
        forming: known.forming && !asked.is_empty(),
        seq: known.seq,
        split_adjusted: known.split_adjusted,
        simulated: known.simulated,
        origin: known.origin,
    })
}

/// The outputs from a bar on.
fn values(spec: &Spec, bars: &[Bar], first: usize) -> IndicatorValues {
    let mut indicator = AnyIndicator::new(spec);
    let definitions = spec.definition().outputs.iter();
    let mut outputs: Vec<OutputValues> = definitions
        .map(|definition| OutputValues {
            name: definition.name.into(),
            unit: definition.unit,
            values: Vec::new(),
        })
        .collect();
    for (index, bar) in bars.iter().enumerate() {
        let updated = indicator.update(bar);
        if index >= first {
            for (place, output) in outputs.iter_mut().enumerate() {
                output.values.push(updated.and_then(|updated| updated.as_slice().get(place).copied()));
            }
        }
    }
    IndicatorValues { name: spec.to_string(), title: spec.definition().title.into(), outputs }
}

/// All closed days, then the forming one.
fn daily(tape: &dyn Tape) -> Vec<Bar> {
    let mut bars = tape.days_before();
    bars.extend(tape.today(Interval::Day));
    bars
}

fn intraday(tape: &dyn Tape, query: &BarsQuery) -> Vec<Bar> {
    tape.intraday_before(query).into_iter().chain(tape.today(query.interval)).collect()
}

fn resampled(interval: Interval, daily: &[Bar]) -> Vec<Bar> {
    let mut builder = BarBuilder::new(Calendar::Nyse, interval);
    let mut bars: Vec<Bar> = daily.iter().filter_map(|bar| builder.push_bar(bar)).collect();
    bars.extend(builder.finish());
    bars
}
