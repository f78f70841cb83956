//! One module a command.

pub mod completions;
pub mod evaluate;
pub mod export;
pub mod indicators;
pub mod ingest;
pub mod man;
pub mod predict;
pub mod train;
pub mod verify_record;

use std::io::{ErrorKind, Write};

use serde::Serialize;
use thiserror::Error;

pub use crate::progress::note;

/// A command line whose parts are right and do not go together.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Usage(pub &'static str);

/// Prints to the standard output, whose reader may have read enough.
///
/// # Errors
/// When it cannot be written, as to a full disk.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Prints one document for `--json`, on a line.
///
/// # Errors
/// As [`print`].
pub fn print_json(document: &impl Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string(document)? + "\n"))
}
