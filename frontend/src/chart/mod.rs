//! The price chart, in three steps that know nothing of each other's inside:
//! [`state`] (bars, view, cursor) → [`items`] (lines, boxes and texts in pixels)
//! → [`paint`] (a plotters backend).

mod indicators;
pub mod items;
mod layout;
pub mod paint;
mod palette;
pub mod scale;
pub mod state;

pub use palette::Palette;
