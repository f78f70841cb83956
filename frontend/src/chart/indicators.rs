//! Lines, scales and labels of the indicators.

use tickwise_indicators::{OutputDefinition, Pane, Unit};
use tickwise_market::decimals;

use super::{
    items::{Drawing, Item},
    palette::Color,
    scale::{Scale, extent},
    state::{ChartState, Overlay},
};
use crate::format;

/// Width of a letter of a label, about, CSS pixels.
const LABEL_WIDTH: f64 = 6.2;

/// Height of a line of labels, CSS pixels.
const LABEL_HEIGHT: f64 = 15.0;

impl Drawing<'_> {
    /// Indicators over the prices, and their names from the top left down.
    pub fn price_overlays(&mut self, scale: &Scale) {
        let overlays: Vec<&Overlay> =
            self.state.overlays.iter().filter(|o| o.pane() == Pane::Price).collect();
        let (top, _) = self.layout.price;
        for (index, overlay) in overlays.iter().enumerate() {
            self.lines(overlay, scale, |_| index);
        }
        for (index, overlay) in overlays.into_iter().enumerate() {
            self.label(overlay, top + index as f64 * LABEL_HEIGHT * self.scale, self.line_color(index));
        }
    }

    /// Indicators with panes of their own, below the prices.
    pub fn own_panes(&mut self) {
        let overlays: Vec<&Overlay> = self.state.overlays.iter().filter(|o| o.pane() == Pane::Own).collect();
        for (overlay, (top, bottom)) in overlays.into_iter().zip(self.layout.panes.clone()) {
            let Some(axis) = OwnAxis::new(overlay, self.state, top, bottom) else { continue };
            let scale = axis.scale;
            self.items.push(Item::Line(
                vec![(0.0, top), (self.layout.right, top)],
                self.palette.grid,
                self.stroke(1.0),
            ));
            for (level, label) in axis.labels() {
                self.level(scale.y(level), label);
            }
            self.lines(overlay, &scale, |output| output);
            self.label(overlay, top, self.palette.text);
        }
    }

    /// One line an output; bands of one indicator share a colour, by `color_of` the output.
    fn lines(&mut self, overlay: &Overlay, scale: &Scale, color_of: impl Fn(usize) -> usize) {
        for output in overlay.drawn_outputs() {
            let mut points = Vec::new();
            for index in self.state.visible_range() {
                if let Some(value) = overlay.value(index, output) {
                    points.push((self.x(index as f64), scale.y(value)));
                }
            }
            if points.len() > 1 {
                self.items.push(Item::Line(points, self.line_color(color_of(output)), self.stroke(1.3)));
            }
        }
    }

    fn line_color(&self, index: usize) -> Color {
        let lines = self.palette.lines;
        lines.get(index % lines.len()).copied().unwrap_or(self.palette.text)
    }

    /// What it is, and its values under the cursor or at the last bar.
    fn label(&mut self, overlay: &Overlay, top: f64, color: Color) {
        let bar = self.state.pointed_at();
        let outputs = overlay.spec.definition().outputs;
        let mut text = overlay.spec.to_string();
        for (index, output) in outputs.iter().enumerate() {
            if let Some(value) = overlay.value(bar, index) {
                text.push_str("  ");
                text.push_str(&number(value, Some(output)));
            }
        }
        let at = (6.0 * self.scale, top + 10.0 * self.scale);
        // Lines that pass below do not hide it.
        let (width, half) = (text.chars().count() as f64 * LABEL_WIDTH, LABEL_HEIGHT / 2.0);
        let (right, half) = (at.0 + width * self.scale, half * self.scale);
        let behind = [0.0, at.1 - half, right, at.1 + half];
        self.items.push(Item::Rect(behind, self.palette.background.fade(0.8)));
        self.items.push(Item::Text { at, text, color, centred: false });
    }
}

/// The axis of an indicator with a pane of its own.
pub struct OwnAxis {
    scale: Scale,
    levels: Vec<f64>,
    unit: Unit,
}

impl OwnAxis {
    /// For what is in view; `None` where nothing is.
    pub fn new(overlay: &Overlay, state: &ChartState, top: f64, bottom: f64) -> Option<Self> {
        let outputs = overlay.spec.definition().outputs;
        let unit = outputs.first()?.unit;
        if outputs.iter().all(|output| output.unit == Unit::Percent) {
            let scale = Scale::new((0.0, 100.0), top, bottom);
            return Some(Self { scale, levels: vec![30.0, 70.0], unit });
        }
        let scale = Scale::new(extent(overlay.drawn_values(state.visible_range()))?, top, bottom);
        Some(Self { scale, levels: scale.ticks(2), unit })
    }

    /// The levels and what they are called: neighbours differ.
    pub fn labels(&self) -> impl Iterator<Item = (f64, String)> {
        let step =
            if let [first, second, ..] = self.levels[..] { second - first } else { self.scale.step(2) };
        let places = decimals::of_step(step * (1.0 + 1e-9));
        self.levels.iter().map(move |level| match self.unit {
            Unit::Volume => (*level, format::volume_by(*level, step * (1.0 + 1e-9))),
            _ => (*level, format!("{level:.places$}")),
        })
    }
}

fn number(value: f64, output: Option<&OutputDefinition>) -> String {
    match output.map(|output| output.unit) {
        Some(Unit::Volume) => format::volume(value),
        _ => format::price(value),
    }
}
