/// Colour as red, green, blue and opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Color(pub u8, pub u8, pub u8, pub f64);

impl Color {
    /// The same colour, more transparent.
    pub const fn fade(self, opacity: f64) -> Self {
        Self(self.0, self.1, self.2, opacity)
    }
}

/// The chart's colours in a theme. Rising and falling differ in lightness too,
/// for those who cannot tell the hues apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color,
    /// Grid lines.
    pub grid: Color,
    /// Axis labels.
    pub text: Color,
    /// Close at or above open.
    pub rising: Color,
    /// Close below open.
    pub falling: Color,
    /// Forecast bands and median.
    pub forecast: Color,
    /// Crosshair.
    pub crosshair: Color,
    /// Indicator lines, in order.
    pub lines: [Color; 6],
}

impl Palette {
    /// Dark text on light.
    pub const LIGHT: Self = Self {
        background: Color(255, 255, 255, 1.0),
        grid: Color(234, 238, 242, 1.0),
        text: Color(87, 96, 106, 1.0),
        rising: Color(22, 153, 118, 1.0),
        falling: Color(190, 40, 50, 1.0),
        forecast: Color(93, 84, 197, 1.0),
        crosshair: Color(110, 119, 129, 1.0),
        lines: [
            Color(9, 105, 218, 1.0),
            Color(191, 112, 0, 1.0),
            Color(120, 86, 160, 1.0),
            Color(17, 120, 140, 1.0),
            Color(176, 64, 122, 1.0),
            Color(96, 110, 40, 1.0),
        ],
    };

    /// Light text on dark.
    pub const DARK: Self = Self {
        background: Color(16, 21, 28, 1.0),
        grid: Color(31, 39, 49, 1.0),
        text: Color(145, 156, 168, 1.0),
        rising: Color(58, 193, 151, 1.0),
        falling: Color(224, 84, 88, 1.0),
        forecast: Color(150, 142, 245, 1.0),
        crosshair: Color(139, 148, 158, 1.0),
        lines: [
            Color(88, 166, 255, 1.0),
            Color(240, 173, 78, 1.0),
            Color(188, 140, 255, 1.0),
            Color(86, 196, 214, 1.0),
            Color(240, 130, 190, 1.0),
            Color(180, 200, 100, 1.0),
        ],
    };
}
