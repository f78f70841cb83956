//! The dashboard: a Leptos application in WebAssembly.
//!
//! [`net`] talks to the edge, [`chart`] turns bars into pictures, `components`
//! and `pages` show them. `net::session` and all of [`chart`] but its painting
//! are plain Rust and tested natively.

mod app;
pub mod chart;
mod components;
mod format;
pub mod net;
mod pages;
mod route;
mod theme;

pub use app::App;
