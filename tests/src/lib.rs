//! What the end-to-end tests stand on: the real Worker in workerd, a WebSocket
//! client, and real browsers.
//!
//! The tests need what `cargo xtask build` makes and run after it.

mod browser;
mod client;
mod http;
mod isolate;
mod lake;
mod process;
mod server;
pub mod sim;

pub use browser::{Browser, Engine, Viewport};
pub use client::Client;
pub use http::{get, http, send};
pub use isolate::isolate_start;
pub use lake::Stored;
pub use process::{Usage, root};
pub use server::Server;

use std::{future::Future, time::Duration};

use anyhow::{Result, bail};

/// How long anything may take before a test calls it missing.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often a test of random moments tries: `short`, or `long` times in `cargo xtask soak`.
pub fn rounds(short: usize, long: usize) -> usize {
    if std::env::var_os("TICKWISE_SOAK").is_some() { long } else { short }
}

/// Waits for something, but not for ever.
///
/// # Errors
/// After [`PATIENCE`], naming what was waited for.
pub async fn within<T>(what: &str, waiting: impl Future<Output = T>) -> Result<T> {
    within_for(PATIENCE, what, waiting).await
}

async fn within_for<T>(patience: Duration, what: &str, waiting: impl Future<Output = T>) -> Result<T> {
    match tokio::time::timeout(patience, waiting).await {
        Ok(answer) => Ok(answer),
        Err(_) => bail!("{what}: not within {} s", patience.as_secs()),
    }
}

/// Asks again and again until there is an answer.
///
/// # Errors
/// After [`PATIENCE`], naming what was waited for.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, ask: impl FnMut() -> F) -> Result<T> {
    until_for(PATIENCE, what, ask).await
}

/// The same with another patience, for what takes its time by design.
///
/// # Errors
/// After `patience`, naming what was waited for.
pub async fn until_for<T, F: Future<Output = Option<T>>>(
    patience: Duration,
    what: &str,
    mut ask: impl FnMut() -> F,
) -> Result<T> {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    within_for(patience, what, asking).await
}
