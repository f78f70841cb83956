//! The chart as a list of things to draw, in pixels.

use tickwise_indicators::Pane;
use tickwise_market::{Bar, Calendar, Interval, decimals};

use super::{
    indicators::OwnAxis,
    layout::Layout,
    palette::{Color, Palette},
    scale::{Scale, extent},
    state::{ChartState, Overlay},
};
use crate::format;

/// Something to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A filled box: left, top, right, bottom.
    Rect([f64; 4], Color),
    /// A line of a width through points.
    Line(Vec<(f64, f64)>, Color, u32),
    /// A filled polygon.
    Area(Vec<(f64, f64)>, Color),
    /// A text, vertically centred at its position.
    Text {
        /// Position.
        at: (f64, f64),
        /// Words.
        text: String,
        /// Colour.
        color: Color,
        /// The position is the text's centre, not its left edge.
        centred: bool,
    },
}

/// Share of the price pane's height that volume takes at its bottom.
const VOLUME_SHARE: f64 = 0.18;

/// Width of a candle's body as a share of its slot.
const BODY_SHARE: f64 = 0.72;

/// Lower and upper quantile index of each band of the fan, widest first, and its opacity.
const BANDS: [(usize, usize, f64); 3] = [(0, 6, 0.13), (1, 5, 0.18), (2, 4, 0.24)];
const MEDIAN: usize = 3;

/// Everything to draw on a canvas of `width` by `height` device pixels, of which
/// `scale` make a CSS pixel.
pub fn items(state: &ChartState, palette: &Palette, width: f64, height: f64, scale: f64) -> Vec<Item> {
    let layout = layout(state, width, height, scale);
    let mut drawing = Drawing { state, palette, layout, scale, items: Vec::new() };
    drawing.background(width, height);
    if !state.bars.is_empty() {
        drawing.price_pane();
        drawing.own_panes();
        drawing.time_axis();
    }
    drawing.items
}

fn layout(state: &ChartState, width: f64, height: f64, scale: f64) -> Layout {
    let own: Vec<&Overlay> = state.overlays.iter().filter(|overlay| overlay.pane() == Pane::Own).collect();
    let (top, bottom) = (0.0, 1.0);
    let prices = price_scale(state, top, bottom).map(|scale| {
        let places = price_places(&scale);
        let last = state.bars.last().map(|bar| format::price(bar.close));
        let ends = [top, bottom].map(|y| format!("{:.places$}", scale.value(y)));
        ends.into_iter().chain(last).collect::<Vec<_>>()
    });
    let of_panes = own.iter().filter_map(|overlay| OwnAxis::new(overlay, state, top, bottom));
    let labels = of_panes.flat_map(|axis| axis.labels().map(|(_, label)| label).collect::<Vec<_>>());
    let letters = prices.into_iter().flatten().chain(labels).map(|label| label.chars().count()).max();
    Layout::new(width, height, own.len(), scale, letters.unwrap_or_default())
}

/// Levels of the price pane, about.
const PRICE_LEVELS: usize = 6;

/// Decimals of the price axis: cents, or as many as its levels differ in.
fn price_places(scale: &Scale) -> usize {
    decimals::of_step(scale.step(PRICE_LEVELS)).max(2)
}

/// What is in view and some room around it.
fn price_scale(state: &ChartState, top: f64, bottom: f64) -> Option<Scale> {
    let (min, max) = price_extent(state)?;
    let padding = (max - min) * 0.04;
    Some(Scale::new((min - padding, max + padding), top, bottom))
}

fn price_extent(state: &ChartState) -> Option<(f64, f64)> {
    let range = state.visible_range();
    let bars = state.bars.get(range.clone()).unwrap_or_default();
    let prices = bars.iter().flat_map(|bar| [bar.low, bar.high]);
    let overlays = state.overlays.iter().filter(|overlay| overlay.pane() == Pane::Price);
    let lines = overlays.flat_map(|overlay| overlay.drawn_values(range.clone()));
    extent(prices.chain(lines).chain(fan_prices(state).into_iter().flat_map(|row| [row[0], row[6]])))
}

/// `[day][quantile]` of the forecast's prices, the origin first, if in view.
fn fan_prices(state: &ChartState) -> Vec<[f64; 7]> {
    let (Some(forecast), Some(origin)) = (&state.forecast, state.forecast_origin()) else {
        return Vec::new();
    };
    if state.view().0 < origin as f64 {
        return Vec::new();
    }
    let close = forecast.origin_close;
    let price = |row: &Vec<f64>| std::array::from_fn(|i| close * row.get(i).copied().unwrap_or(0.0).exp());
    std::iter::once([close; 7]).chain(forecast.quantiles.iter().map(price)).collect()
}

/// The bar index at a horizontal position, if there is one.
pub fn bar_at(state: &ChartState, x: f64, width: f64, height: f64, scale: f64) -> Option<usize> {
    let layout = layout(state, width, height, scale);
    let (right, visible) = state.view();
    let index = right - visible + x / layout.right * visible;
    let last = state.bars.len().checked_sub(1)?;
    (x <= layout.right).then(|| (index.floor().max(0.0) as usize).min(last))
}

/// A drawing in the making.
pub(super) struct Drawing<'a> {
    pub state: &'a ChartState,
    pub palette: &'a Palette,
    pub layout: Layout,
    /// Device pixels of a CSS pixel.
    pub scale: f64,
    pub items: Vec<Item>,
}

impl Drawing<'_> {
    fn background(&mut self, width: f64, height: f64) {
        self.items.push(Item::Rect([0.0, 0.0, width, height], self.palette.background));
    }

    /// Centre of a slot.
    pub fn x(&self, index: f64) -> f64 {
        let (right, visible) = self.state.view();
        (index + 0.5 - (right - visible)) / visible * self.layout.right
    }

    fn price_pane(&mut self) {
        let (top, bottom) = self.layout.price;
        // Prices stay above the volume.
        let floor = bottom - (bottom - top) * VOLUME_SHARE * 0.6;
        let Some(scale) = price_scale(self.state, top, floor) else { return };
        let places = price_places(&scale);
        for tick in scale.ticks(PRICE_LEVELS) {
            self.level(scale.y(tick), format!("{tick:.places$}"));
        }
        self.volume(bottom);
        self.fan(&scale);
        self.candles(&scale);
        self.price_overlays(&scale);
        self.last_price(&scale);
        self.crosshair(&scale);
    }

    fn fan(&mut self, scale: &Scale) {
        let rows = fan_prices(self.state);
        let Some(origin) = self.state.forecast_origin().filter(|_| !rows.is_empty()) else { return };
        let edge = |quantile: usize| -> Vec<(f64, f64)> {
            let at = |(day, row): (usize, &[f64; 7])| {
                let price = row.get(quantile).copied().unwrap_or(f64::NAN);
                (self.x((origin + day) as f64), scale.y(price))
            };
            rows.iter().enumerate().map(at).collect()
        };
        let color = self.palette.forecast;
        let mut drawn: Vec<Item> = Vec::new();
        for (low, high, opacity) in BANDS {
            let outline = edge(low).into_iter().chain(edge(high).into_iter().rev()).collect();
            drawn.push(Item::Area(outline, color.fade(opacity)));
        }
        drawn.push(Item::Line(edge(MEDIAN), color, self.stroke(1.5)));
        self.items.extend(drawn);
    }

    fn candles(&mut self, scale: &Scale) {
        let (_, visible) = self.state.view();
        let slot = self.layout.right / visible;
        let half = (slot * BODY_SHARE / 2.0).max(0.5);
        for index in self.state.visible_range() {
            let Some(bar) = self.state.bars.get(index) else { continue };
            let color = direction_color(bar, self.palette);
            let x = self.x(index as f64);
            self.items.push(Item::Line(
                vec![(x, scale.y(bar.high)), (x, scale.y(bar.low))],
                color,
                self.stroke(1.0),
            ));
            if slot > 2.0 {
                let (top, bottom) = (scale.y(bar.open.max(bar.close)), scale.y(bar.open.min(bar.close)));
                self.items.push(Item::Rect([x - half, top, x + half, bottom.max(top + self.scale)], color));
            }
        }
    }

    fn volume(&mut self, bottom: f64) {
        let bars = self.state.bars.get(self.state.visible_range()).unwrap_or_default();
        let Some((_, max)) = extent(bars.iter().map(|bar| bar.volume)).filter(|(_, max)| *max > 0.0) else {
            return;
        };
        let height = (bottom - self.layout.price.0) * VOLUME_SHARE;
        let half = (self.layout.right / self.state.view().1 * BODY_SHARE / 2.0).max(0.5);
        for index in self.state.visible_range() {
            let Some(bar) = self.state.bars.get(index) else { continue };
            let x = self.x(index as f64);
            let top = bottom - height * bar.volume / max;
            self.items.push(Item::Rect(
                [x - half, top, x + half, bottom],
                direction_color(bar, self.palette).fade(0.28),
            ));
        }
    }

    /// A line of the grid with its label on the axis.
    pub fn level(&mut self, y: f64, label: String) {
        self.items.push(Item::Line(
            vec![(0.0, y), (self.layout.right, y)],
            self.palette.grid,
            self.stroke(1.0),
        ));
        self.axis_label(y, label, self.palette.text);
    }

    fn axis_label(&mut self, y: f64, text: String, color: Color) {
        let at = (self.layout.right + 6.0 * self.scale, y);
        self.items.push(Item::Text { at, text, color, centred: false });
    }

    /// The newest price, marked on the axis.
    fn last_price(&mut self, scale: &Scale) {
        let Some(bar) = self.state.bars.last() else { return };
        let y = scale.y(bar.close);
        let (top, bottom) = self.layout.price;
        if y > top && y < bottom {
            let color = direction_color(bar, self.palette);
            let half = 9.0 * self.scale;
            self.items.push(Item::Line(
                vec![(0.0, y), (self.layout.right, y)],
                color.fade(0.5),
                self.stroke(1.0),
            ));
            self.items.push(Item::Rect([self.layout.right, y - half, self.layout.width, y + half], color));
            self.axis_label(y, format::price(bar.close), self.palette.background);
        }
    }

    fn crosshair(&mut self, scale: &Scale) {
        let Some(cursor) = self.state.cursor else { return };
        let (x, y) = (self.x(cursor as f64), self.state.cursor_y);
        let color = self.palette.crosshair;
        self.items.push(Item::Line(
            vec![(x, 0.0), (x, self.layout.bottom)],
            color.fade(0.7),
            self.stroke(1.0),
        ));
        let (top, bottom) = self.layout.price;
        if y > top && y < bottom {
            self.items.push(Item::Line(
                vec![(0.0, y), (self.layout.right, y)],
                color.fade(0.7),
                self.stroke(1.0),
            ));
            let half = 9.0 * self.scale;
            self.items.push(Item::Rect([self.layout.right, y - half, self.layout.width, y + half], color));
            let (price, places) = (scale.value(y), price_places(scale));
            self.axis_label(y, format!("{price:.places$}"), self.palette.background);
        }
    }

    /// A label where the day, month or year changes, as far as there is room.
    fn time_axis(&mut self) {
        let room = 76.0 * self.scale;
        let mut free_from = 0.0;
        let mut previous: Option<String> = None;
        for index in self.state.visible_range() {
            let Some(bar) = self.state.bars.get(index) else { continue };
            let group = time_label(bar, self.state.interval, self.state.view().1);
            let changed = previous.as_ref().is_some_and(|previous| *previous != group);
            previous = Some(group.clone());
            let x = self.x(index as f64);
            if changed && x >= free_from && x < self.layout.right - room / 3.0 {
                let at = (x, self.layout.bottom + 13.0 * self.scale);
                self.items.push(Item::Text { at, text: group, color: self.palette.text, centred: true });
                free_from = x + room;
            }
        }
    }

    pub fn stroke(&self, css_pixels: f64) -> u32 {
        (css_pixels * self.scale).round().max(1.0) as u32
    }
}

fn direction_color(bar: &Bar, palette: &Palette) -> Color {
    if bar.close >= bar.open { palette.rising } else { palette.falling }
}

/// What changes along the axis at this zoom.
fn time_label(bar: &Bar, interval: Interval, visible: f64) -> String {
    let Some(local) = Calendar::Nyse.local(bar.time_ms) else { return String::new() };
    let (year, day) = (local.year(), local.day());
    let month = usize::try_from(local.month() - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or_default();
    match interval {
        Interval::Second | Interval::Minute | Interval::FiveMinutes if visible < 300.0 => {
            format!("{day} {month} {:02}:{:02}", local.hour(), local.minute() / 15 * 15)
        }
        interval if interval.is_intraday() => format!("{day} {month} {year}"),
        Interval::Day if visible < 400.0 => format!("{month} {year}"),
        _ => year.to_string(),
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use tickwise_protocol::{
        Origin,
        rest::{Bars, Forecast},
    };

    use super::*;

    /// Tuesday 2012-09-04, 09:30 in New York.
    const OPEN_MS: i64 = 1_346_765_400_000;
    const DAY_MS: i64 = 86_400_000;

    fn chart() -> ChartState {
        let bar = |i: i64| Bar {
            time_ms: OPEN_MS + i * DAY_MS,
            open: 100.0,
            high: 110.0 + i as f64,
            low: 90.0,
            close: if i % 2 == 0 { 105.0 } else { 95.0 },
            volume: 1000.0,
        };
        let mut state = ChartState::new(Interval::Day, 120.0);
        state.set_overlays(["bollinger(5,2)".parse().unwrap(), "rsi(5)".parse().unwrap()]);
        state.load(Bars {
            symbol: "AAPL".parse().unwrap(),
            interval: Interval::Day,
            bars: (0..60).map(bar).collect(),
            forming: true,
            epoch: 0,
            seq: 1,
            quote: None,
            split_adjusted: true,
            simulated: false,
            origin: Origin::Live,
        });
        state
    }

    fn with_forecast() -> ChartState {
        let mut state = chart();
        state.forecast = Some(Forecast {
            symbol: "AAPL".parse().unwrap(),
            model: "m".into(),
            origin_date: Calendar::Nyse.date_at(OPEN_MS).unwrap(),
            origin_time_ms: OPEN_MS + 58 * DAY_MS,
            origin_close: 100.0,
            levels: vec![],
            quantiles: (1..=20).map(|h| (-3..=3).map(|q| 0.01 * f64::from(q * h)).collect()).collect(),
            bars: 59,
            has_short_history: false,
            in_sample: false,
            origin: Origin::Live,
            disclaimer: String::new(),
        });
        state.show_newest();
        state
    }

    fn draw(state: &ChartState) -> Vec<Item> {
        items(state, &Palette::LIGHT, 800.0, 500.0, 1.0)
    }

    fn areas(items: &[Item]) -> Vec<&Vec<(f64, f64)>> {
        items
            .iter()
            .filter_map(|item| if let Item::Area(points, _) = item { Some(points) } else { None })
            .collect()
    }

    #[test]
    fn everything_lies_on_the_canvas() {
        for item in draw(&with_forecast()) {
            let points = match item {
                Item::Rect([left, top, right, bottom], _) => vec![(left, top), (right, bottom)],
                Item::Line(points, ..) | Item::Area(points, _) => points,
                Item::Text { at, .. } => vec![at],
            };
            for (x, y) in points {
                assert!((-20.0..=820.0).contains(&x) && (-1.0..=501.0).contains(&y), "{x} {y}");
            }
        }
    }

    #[test]
    fn the_fan_has_three_nested_bands_from_the_origin_on() {
        let items = draw(&with_forecast());
        let bands = areas(&items);
        assert_eq!(bands.len(), 3);
        assert!(bands.iter().all(|band| band.len() == 42 && band[0] == bands[0][0]));
        let widths: Vec<f64> = bands.iter().map(|band| band[20].1 - band[21].1).collect();
        assert!(widths[0] > widths[1] && widths[1] > widths[2]);
    }

    #[test]
    fn without_a_forecast_or_off_the_daily_chart_there_is_no_fan() {
        assert!(areas(&draw(&chart())).is_empty());
        let mut state = with_forecast();
        state.interval = Interval::Week;
        assert!(areas(&draw(&state)).is_empty());
    }

    #[test]
    fn one_body_a_bar_and_the_crosshair_when_there_is_a_cursor() {
        let mut state = chart();
        let before = draw(&state).len();
        state.cursor = Some(30);
        state.cursor_y = 100.0;
        assert_eq!(draw(&state).len(), before + 4);
    }

    #[test]
    fn the_bar_under_a_pixel_is_found_again() {
        let state = chart();
        let drawing = Drawing {
            state: &state,
            palette: &Palette::LIGHT,
            layout: layout(&state, 800.0, 500.0, 1.0),
            scale: 1.0,
            items: vec![],
        };
        for index in state.visible_range() {
            assert_eq!(bar_at(&state, drawing.x(index as f64), 800.0, 500.0, 1.0), Some(index));
        }
        assert_eq!(bar_at(&state, 799.0, 800.0, 500.0, 1.0), None, "the axis");
    }

    /// What stands right of the plot.
    fn axis_labels(state: &ChartState) -> Vec<String> {
        let right = layout(state, 800.0, 500.0, 1.0).right;
        let text = |item| match item {
            Item::Text { at, text, centred: false, .. } if at.0 > right => Some(text),
            _ => None,
        };
        draw(state).into_iter().filter_map(text).collect()
    }

    #[test]
    fn neighbouring_labels_differ_whatever_the_level_and_none_is_clipped() {
        for level in [1e-7, 2.5e-4, 0.1, 1.0, 7_000.0] {
            for range in [1e-6, 1e-3, 1.0] {
                let mut state = chart();
                for bar in &mut state.bars {
                    let price = |price: f64| level * 100.0 * (1.0 + range * (price / 100.0 - 1.0));
                    let [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map(price);
                    *bar = Bar { open, high, low, close, ..*bar };
                }
                state.set_overlays(["atr(5)".parse().unwrap(), "obv".parse().unwrap()]);
                let labels = axis_labels(&state);
                assert!(labels.len() > 4, "{labels:?}");
                assert!(labels.array_windows().all(|[a, b]| a != b), "{labels:?}");
                let room = 800.0 - layout(&state, 800.0, 500.0, 1.0).right;
                assert!(
                    labels.iter().all(|label| 6.0 + 6.6 * label.chars().count() as f64 <= room),
                    "{labels:?}"
                );
            }
        }
    }

    #[test]
    fn an_empty_chart_is_a_background() {
        assert_eq!(draw(&ChartState::new(Interval::Day, 120.0)).len(), 1);
    }
}
