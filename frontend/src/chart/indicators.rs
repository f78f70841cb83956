//! Lines, scales and labels of the indicators.

use tickwise_indicators::{OutputDefinition, Pane, Unit};

use super::{
    items::{Drawing, Item},
    palette::Color,
    scale::{Scale, extent},
    state::Overlay,
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
            let outputs = overlay.spec.definition().outputs;
            let is_percent = outputs.iter().all(|output| output.unit == Unit::Percent);
            let values = overlay.drawn_values(self.state.visible_range());
            let bounds = if is_percent { Some((0.0, 100.0)) } else { extent(values) };
            let Some(bounds) = bounds else { continue };
            let scale = Scale::new(bounds, top, bottom);
            self.items.push(Item::Line(
                vec![(0.0, top), (self.layout.right, top)],
                self.palette.grid,
                self.stroke(1.0),
            ));
            let levels = if is_percent { vec![30.0, 70.0] } else { scale.ticks(2) };
            for level in levels {
                self.level(scale.y(level), number(level, outputs.first()));
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

fn number(value: f64, output: Option<&OutputDefinition>) -> String {
    match output.map(|output| output.unit) {
        Some(Unit::Volume) => format::volume(value),
        _ => format::price(value),
    }
}
