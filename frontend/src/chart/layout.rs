/// Least room for price labels, in CSS pixels.
const AXIS_WIDTH: f64 = 62.0;
/// Room for one of their letters, and beside them.
const LETTER_WIDTH: f64 = 6.6;
const AXIS_MARGIN: f64 = 10.0;
/// Room for time labels.
const AXIS_HEIGHT: f64 = 24.0;
const TOP: f64 = 8.0;
const PANE_GAP: f64 = 10.0;

/// Share of the height that each pane below the prices gets.
const PANE_SHARE: f64 = 0.17;

/// Where things are, in pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Right edge of the plot, where the axis begins.
    pub right: f64,
    /// Whole width.
    pub width: f64,
    /// Top and bottom of the price pane.
    pub price: (f64, f64),
    /// Top and bottom of each pane below it.
    pub panes: Vec<(f64, f64)>,
    /// Bottom of the last pane, where the time axis begins.
    pub bottom: f64,
}

impl Layout {
    /// Divides a canvas; `scale` is device pixels per CSS pixel, and the longest label of
    /// the axis has `letters`.
    pub fn new(width: f64, height: f64, panes: usize, scale: f64, letters: usize) -> Self {
        let axis_width = (letters as f64 * LETTER_WIDTH + AXIS_MARGIN).max(AXIS_WIDTH);
        let bottom = height - AXIS_HEIGHT * scale;
        let pane_height = (bottom * PANE_SHARE).max(40.0 * scale);
        let below = panes as f64 * (pane_height + PANE_GAP * scale);
        let price_bottom = (bottom - below).max(bottom * 0.4);
        let step = (bottom - price_bottom) / panes.max(1) as f64;
        let pane = |i: usize| {
            let top = price_bottom + step * i as f64;
            (top + PANE_GAP * scale, top + step)
        };
        Self {
            right: width - axis_width * scale,
            width,
            price: (TOP * scale, price_bottom),
            panes: (0..panes).map(pane).collect(),
            bottom,
        }
    }
}
