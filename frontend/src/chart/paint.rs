//! Paints items on any plotters backend.

use plotters::style::{
    FontDesc, FontFamily, FontStyle, TextStyle,
    text_anchor::{HPos, Pos, VPos},
};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingBackend, DrawingErrorKind};

use super::{items::Item, palette::Color};

/// Size of labels, in CSS pixels.
const FONT_SIZE: f64 = 11.0;

/// Draws items in order. `scale` is device pixels per CSS pixel.
///
/// # Errors
/// When the backend fails.
pub fn paint<B: DrawingBackend>(
    backend: &mut B,
    items: &[Item],
    scale: f64,
) -> Result<(), DrawingErrorKind<B::ErrorType>> {
    backend.ensure_prepared()?;
    for item in items {
        match item {
            Item::Rect([left, top, right, bottom], color) => {
                backend.draw_rect(
                    pixel((*left, *top)),
                    pixel((*right, *bottom)),
                    &Stroke(*color, 1),
                    true,
                )?;
            }
            Item::Line(points, color, width) => {
                backend.draw_path(points.iter().copied().map(pixel), &Stroke(*color, *width))?;
            }
            Item::Area(points, color) => {
                backend.fill_polygon(points.iter().copied().map(pixel), &Stroke(*color, 1))?;
            }
            Item::Text { at, text, color, centred } => {
                let font = FontDesc::new(FontFamily::SansSerif, FONT_SIZE * scale, FontStyle::Normal);
                let anchor = Pos::new(if *centred { HPos::Center } else { HPos::Left }, VPos::Center);
                let style = TextStyle { font, color: backend_color(*color), pos: anchor };
                backend.draw_text(text, &style, pixel(*at))?;
            }
        }
    }
    backend.present()
}

struct Stroke(Color, u32);

impl BackendStyle for Stroke {
    fn color(&self) -> BackendColor {
        backend_color(self.0)
    }

    fn stroke_width(&self) -> u32 {
        self.1
    }
}

fn backend_color(Color(r, g, b, alpha): Color) -> BackendColor {
    BackendColor { rgb: (r, g, b), alpha }
}

fn pixel((x, y): (f64, f64)) -> BackendCoord {
    (x.round() as i32, y.round() as i32)
}
