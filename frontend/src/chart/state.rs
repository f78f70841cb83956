//! What the chart shows: bars, indicators, forecast, view and cursor.

use std::ops::Range;

use tickwise_indicators::{AnyIndicator, Outputs, Pane, Spec, Unit};
use tickwise_market::{Bar, BarBuilder, Calendar, Interval, Tick};
use tickwise_protocol::rest::{Bars, Forecast};

/// Fewest bars in view.
const MIN_VISIBLE: f64 = 10.0;

/// Most bars kept; the oldest go first.
const MAX_BARS: usize = 6_000;

/// Empty slots right of the last bar.
const MARGIN: f64 = 2.0;

/// An indicator over the closed bars, and what it would say of the forming one.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// What is computed.
    pub spec: Spec,
    /// One entry a bar.
    pub values: Vec<Option<Outputs>>,
    /// State after the closed bars: all but the last.
    closed: AnyIndicator,
}

/// The chart's state.
#[derive(Clone, Debug)]
pub struct ChartState {
    /// Interval of the bars.
    pub interval: Interval,
    /// Oldest first; the last may be forming.
    pub bars: Vec<Bar>,
    /// Indicators.
    pub overlays: Vec<Overlay>,
    /// Quantiles of the next days' closes.
    pub forecast: Option<Forecast>,
    /// Index of the bar under the cursor.
    pub cursor: Option<usize>,
    /// Height of the cursor in pixels.
    pub cursor_y: f64,
    /// Right edge of the view, in bars.
    right: f64,
    /// Number of bars in view.
    visible: f64,
    builder: BarBuilder,
}

impl ChartState {
    /// An empty chart that will show so many bars, if there are as many.
    pub fn new(interval: Interval, visible: f64) -> Self {
        let builder = BarBuilder::new(Calendar::Nyse, interval);
        Self {
            interval,
            bars: Vec::new(),
            overlays: Vec::new(),
            forecast: None,
            cursor: None,
            cursor_y: 0.0,
            right: 0.0,
            visible,
            builder,
        }
    }

    /// Replaces the bars by an answer of the server and shows the newest.
    pub fn load(&mut self, bars: Bars) {
        self.interval = bars.interval;
        self.builder = BarBuilder::new(Calendar::Nyse, bars.interval);
        if bars.forming
            && let Some(last) = bars.bars.last()
        {
            self.builder.push_bar(last);
        }
        self.bars = bars.bars;
        self.cursor = None;
        let specs: Vec<Spec> = self.overlays.iter().map(|overlay| overlay.spec.clone()).collect();
        self.set_overlays(specs);
        self.show_newest();
    }

    /// Chooses the indicators.
    pub fn set_overlays(&mut self, specs: impl IntoIterator<Item = Spec>) {
        self.overlays =
            specs.into_iter().map(|spec| Overlay::over(spec, self.interval, &self.bars)).collect();
    }

    /// Replaces the forecast; a view of the newest bars makes room for it.
    pub fn set_forecast(&mut self, forecast: Forecast) {
        let follows = self.is_at_newest();
        self.forecast = Some(forecast);
        if follows {
            self.show_newest();
        }
    }

    /// Adds a trade to the forming bar, or begins a new one.
    pub fn push(&mut self, tick: &Tick) {
        self.builder.push(tick);
        let Some(forming) = self.builder.forming().copied() else { return };
        match self.bars.last_mut() {
            Some(last) if last.time_ms == forming.time_ms => *last = forming,
            Some(last) if last.time_ms > forming.time_ms => return,
            _ => {
                let follows = self.is_at_newest();
                self.bars.push(forming);
                if follows {
                    self.right += 1.0;
                }
                self.overlays.iter_mut().for_each(|overlay| overlay.close_last(&self.bars));
                self.drop_oldest();
            }
        }
        self.overlays.iter_mut().for_each(|overlay| overlay.peek_last(&self.bars));
    }

    /// Index just past the right edge of the view, and number of bars in view.
    pub fn view(&self) -> (f64, f64) {
        (self.right, self.visible)
    }

    /// Index of the bar under the cursor, else of the newest.
    pub fn pointed_at(&self) -> usize {
        self.cursor.unwrap_or(self.bars.len().saturating_sub(1))
    }

    /// The indices of the bars in view.
    pub fn visible_range(&self) -> Range<usize> {
        let first = (self.right - self.visible).floor().max(0.0) as usize;
        let end = (self.right.ceil().max(0.0) as usize).min(self.bars.len());
        first.min(end)..end
    }

    /// Index of the forecast's origin, if it is among the bars of a daily chart.
    pub fn forecast_origin(&self) -> Option<usize> {
        let forecast = self.forecast.as_ref().filter(|_| self.interval == Interval::Day)?;
        self.bars.binary_search_by_key(&forecast.origin_time_ms, |bar| bar.time_ms).ok()
    }

    /// Moves the view by a number of bars; positive goes back in time.
    pub fn pan(&mut self, bars: f64) {
        let newest = self.newest_right();
        let oldest = (self.visible * 0.5).min(newest);
        self.right = (self.right - bars).clamp(oldest, newest);
    }

    /// Shows `factor` times as many bars, keeping the bar at `anchor` (0 left
    /// edge, 1 right edge) in place.
    pub fn zoom(&mut self, factor: f64, anchor: f64) {
        let most = (self.bars.len() as f64 + self.future_slots()).max(MIN_VISIBLE);
        let visible = (self.visible * factor).clamp(MIN_VISIBLE, most);
        self.right += (visible - self.visible) * (1.0 - anchor);
        self.visible = visible;
        self.pan(0.0);
    }

    /// Moves the view to the newest bars.
    pub fn show_newest(&mut self) {
        self.right = self.newest_right();
        if !self.bars.is_empty() {
            self.visible = self.visible.clamp(MIN_VISIBLE, self.right.max(MIN_VISIBLE));
        }
    }

    /// Moves the cursor by a number of bars, starting from the newest.
    pub fn move_cursor(&mut self, bars: isize) {
        let Some(last) = self.bars.len().checked_sub(1) else { return };
        let cursor = self.cursor.map_or(last, |cursor| cursor.saturating_add_signed(bars).min(last));
        self.cursor = Some(cursor);
        let (left, right) = (self.right - self.visible, self.right);
        let at = cursor as f64;
        self.pan(if at < left {
            left - at
        } else if at + 1.0 > right {
            right - at - 1.0
        } else {
            0.0
        });
    }

    fn is_at_newest(&self) -> bool {
        self.right >= self.newest_right() - 0.5
    }

    fn newest_right(&self) -> f64 {
        self.bars.len() as f64 + self.future_slots()
    }

    /// Room for the forecast, or a small margin.
    fn future_slots(&self) -> f64 {
        let Some(origin) = self.forecast_origin() else { return MARGIN };
        let horizon = self.forecast.as_ref().map_or(0, |forecast| forecast.quantiles.len());
        let beyond = (origin + 1 + horizon).saturating_sub(self.bars.len());
        beyond as f64 + MARGIN
    }

    fn drop_oldest(&mut self) {
        let surplus = self.bars.len().saturating_sub(MAX_BARS);
        if surplus > 0 {
            self.bars.drain(..surplus);
            self.overlays.iter_mut().for_each(|overlay| drop(overlay.values.drain(..surplus)));
            self.right -= surplus as f64;
            self.cursor = self.cursor.and_then(|cursor| cursor.checked_sub(surplus));
        }
    }
}

impl Overlay {
    fn over(spec: Spec, interval: Interval, bars: &[Bar]) -> Self {
        let mut closed = AnyIndicator::new(&spec.on(interval, Calendar::Nyse));
        let mut values = Vec::with_capacity(bars.len());
        if let Some((last, before)) = bars.split_last() {
            values.extend(before.iter().map(|bar| closed.update(bar)));
            values.push(closed.peek(last));
        }
        Self { spec, values, closed }
    }

    /// A bar has been added, so the one before it is closed.
    fn close_last(&mut self, bars: &[Bar]) {
        if let [.., closed, _] = bars {
            let value = self.closed.update(closed);
            if let Some(last) = self.values.last_mut() {
                *last = value;
            }
        }
        self.values.push(None);
    }

    fn peek_last(&mut self, bars: &[Bar]) {
        if let (Some(value), Some(bar)) = (self.values.last_mut(), bars.last()) {
            *value = self.closed.peek(bar);
        }
    }

    /// Where it is drawn.
    pub fn pane(&self) -> Pane {
        self.spec.definition().pane
    }

    /// The outputs that are lines on its pane's scale.
    pub fn drawn_outputs(&self) -> impl Iterator<Item = usize> + use<> {
        let definition = self.spec.definition();
        let is_drawn = |unit: Unit| definition.pane == Pane::Own || unit == Unit::Price;
        let outputs = definition.outputs.iter().enumerate();
        outputs.filter(move |(_, output)| is_drawn(output.unit)).map(|(index, _)| index)
    }

    /// What is drawn of a range of bars.
    pub fn drawn_values(&self, bars: Range<usize>) -> impl Iterator<Item = f64> {
        bars.flat_map(move |bar| self.drawn_outputs().filter_map(move |output| self.value(bar, output)))
    }

    /// One output at a bar.
    pub fn value(&self, bar: usize, output: usize) -> Option<f64> {
        self.values.get(bar)?.as_ref()?.as_slice().get(output).copied()
    }
}

#[cfg(test)]
mod tests {
    use tickwise_protocol::Origin;

    use super::*;

    /// Tuesday 2012-09-04, 09:30 in New York.
    const OPEN_MS: i64 = 1_346_765_400_000;

    fn minute_bars(count: usize) -> Bars {
        let bar = |i: usize| Bar::from_trade(OPEN_MS + 60_000 * i as i64, 100.0 + i as f64, 1.0);
        Bars {
            symbol: "AAPL".parse().unwrap(),
            interval: Interval::Minute,
            bars: (0..count).map(bar).collect(),
            forming: true,
            epoch: 0,
            seq: 1,
            quote: None,
            split_adjusted: true,
            simulated: true,
            origin: Origin::Live,
        }
    }

    fn loaded(count: usize) -> ChartState {
        let mut chart = ChartState::new(Interval::Minute, 120.0);
        chart.set_overlays(["sma(3)".parse().unwrap(), "rsi(5)".parse().unwrap()]);
        chart.load(minute_bars(count));
        chart
    }

    fn tick(minute: i64, offset_ms: i64, price: f64) -> Tick {
        Tick { time_ms: OPEN_MS + 60_000 * minute + offset_ms, price, size: 2.0 }
    }

    #[test]
    fn ticks_extend_the_forming_bar_and_begin_the_next() {
        let mut chart = loaded(50);
        chart.push(&tick(49, 30_000, 999.0));
        assert_eq!((chart.bars.len(), chart.bars[49].high, chart.bars[49].volume), (50, 999.0, 3.0));
        chart.push(&tick(50, 0, 120.0));
        assert_eq!((chart.bars.len(), chart.bars[50].open), (51, 120.0));
        chart.push(&tick(10, 0, 1.0));
        assert_eq!(chart.bars.len(), 51, "what is too late is dropped");
    }

    #[test]
    fn indicators_while_streaming_equal_those_computed_at_once() {
        let mut chart = loaded(50);
        for minute in 49..80 {
            for step in 0..5 {
                chart.push(&tick(minute, step * 10_000 + 1, 100.0 + (minute * 7 + step) as f64 % 13.0));
            }
        }
        for overlay in &chart.overlays {
            let fresh = Overlay::over(overlay.spec.clone(), chart.interval, &chart.bars);
            assert_eq!(overlay.values, fresh.values, "{}", overlay.spec);
        }
    }

    #[test]
    fn the_view_follows_new_bars_only_at_the_newest() {
        let mut chart = loaded(200);
        let right = chart.view().0;
        chart.push(&tick(200, 0, 1.0));
        assert_eq!(chart.view().0, right + 1.0);
        chart.pan(50.0);
        let right = chart.view().0;
        chart.push(&tick(201, 0, 1.0));
        assert_eq!(chart.view().0, right);
    }

    #[test]
    fn panning_and_zooming_stay_within_bounds() {
        let mut chart = loaded(200);
        for bars in [1e9, -1e9, 30.0] {
            chart.pan(bars);
            assert!(!chart.visible_range().is_empty());
        }
        for factor in [1e-9, 1e9, 0.5] {
            chart.zoom(factor, 0.3);
            let (_, visible) = chart.view();
            assert!((MIN_VISIBLE..=202.0).contains(&visible));
            assert!(!chart.visible_range().is_empty());
        }
    }

    #[test]
    fn zooming_keeps_the_anchor_in_place() {
        let mut chart = loaded(200);
        chart.pan(60.0);
        let at = |chart: &ChartState| chart.view().0 - chart.view().1 * (1.0 - 0.25);
        let before = at(&chart);
        chart.zoom(0.5, 0.25);
        assert!((at(&chart) - before).abs() < 1e-9);
    }

    #[test]
    fn the_keyboard_cursor_stays_on_bars_and_in_view() {
        let mut chart = loaded(200);
        chart.move_cursor(-1);
        assert_eq!(chart.cursor, Some(199));
        for _ in 0..150 {
            chart.move_cursor(-1);
        }
        let cursor = chart.cursor.unwrap();
        assert_eq!(cursor, 49);
        assert!(chart.visible_range().contains(&cursor));
        chart.move_cursor(10_000);
        assert_eq!(chart.cursor, Some(199));
    }

    #[test]
    fn what_arrives_before_the_bars_does_not_shrink_the_view() {
        let mut chart = ChartState::new(Interval::Minute, 120.0);
        chart.show_newest();
        chart.load(minute_bars(200));
        assert_eq!(chart.view().1, 120.0);
    }

    #[test]
    fn an_empty_chart_takes_everything() {
        let mut chart = ChartState::new(Interval::Minute, 120.0);
        chart.move_cursor(1);
        chart.pan(3.0);
        chart.zoom(2.0, 0.5);
        assert!(chart.visible_range().is_empty());
        chart.push(&tick(0, 0, 5.0));
        assert_eq!(chart.bars.len(), 1);
    }
}
