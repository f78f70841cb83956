//! What is said while a command works: all on the standard error.

use std::{fmt::Display, io::Write};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of so many steps, which it calls `what`. Silent where nobody watches.
pub fn bar(steps: usize, what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {prefix} {elapsed} {msg}");
    let bar = ProgressBar::new(steps as u64).with_prefix(what.to_owned());
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Says something, if anybody listens.
pub fn note(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
