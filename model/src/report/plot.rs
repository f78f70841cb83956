//! Small charts as SVG by plotters, in colours that follow the page's theme.

use anyhow::{Result, anyhow};
use maud::{Markup, PreEscaped};
use plotters::{coord::Shift, prelude::*};

/// A chart is this wide, in pixels: four fit beside each other, one fits a phone.
const WIDTH: u32 = 300;

pub const INK: RGBColor = RGBColor(0x1b, 0x24, 0x30);
pub const MUTED: RGBColor = RGBColor(0x5d, 0x69, 0x78);
pub const GRID: RGBColor = RGBColor(0xdc, 0xe1, 0xe8);
pub const MODEL: RGBColor = RGBColor(0x1f, 0x62, 0xd0);
pub const OUTCOME: RGBColor = RGBColor(0xc2, 0x51, 0x0c);

/// What each colour becomes where the reader prefers dark.
const DARK: [(RGBColor, &str); 5] =
    [(INK, "#e6eaf0"), (MUTED, "#9aa6b5"), (GRID, "#2c3541"), (MODEL, "#6ea8ff"), (OUTCOME, "#ff9d5c")];

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Rules that turn colours of charts dark. An attribute of SVG yields to any rule.
pub fn dark_rules() -> String {
    let rule = |(RGBColor(r, g, b), dark): (RGBColor, &str)| {
        let light = format!("#{r:02X}{g:02X}{b:02X}");
        format!("svg [fill=\"{light}\"]{{fill:{dark}}}svg [stroke=\"{light}\"]{{stroke:{dark}}}")
    };
    DARK.into_iter().map(rule).collect()
}

/// Draws a chart that a screen reader calls `label`.
///
/// # Errors
/// When plotters fails.
pub fn svg(label: &str, height: u32, draw: impl FnOnce(&Area) -> Result<()>) -> Result<Markup> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        draw(&area)?;
        area.present().map_err(|error| anyhow!("{error}"))?;
    }
    let label = label.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    Ok(PreEscaped(text.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1)))
}

/// Text of labels.
pub fn text(colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", 15).into_font().color(&colour)
}

/// A range that holds all finite values with some room, and is never empty.
pub fn range(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return -1.0..1.0;
    }
    let room = (0.06 * (high - low)).max(1e-6);
    low - room..high + room
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_is_finite_and_are_never_empty() {
        assert_eq!(range([f64::NAN].into_iter()), -1.0..1.0);
        let one = range([2.0].into_iter());
        assert!(one.start < 2.0 && 2.0 < one.end);
        assert!(range([0.0, 1.0, f64::INFINITY].into_iter()).contains(&1.0));
    }

    #[test]
    fn labels_are_escaped() {
        let svg = svg("a < \"b\"", 50, |_| Ok(())).unwrap().into_string();
        assert!(svg.starts_with("<svg role=\"img\" aria-label=\"a &lt; &quot;b&quot;\" width"), "{svg}");
    }
}
