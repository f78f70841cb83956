//! One module a command.

pub mod evaluate;
pub mod export;
pub mod indicators;
pub mod ingest;
pub mod predict;
pub mod train;
pub mod verify_record;

use std::io::{ErrorKind, Write};

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
