//! The Tickwise edge: a Cloudflare Worker with two kinds of Durable Objects.
//!
//! - [`api`] answers `/api/v1/…` and hands WebSockets on.
//! - [`live`] holds the stateful parts: a [`live::Feed`] per symbol (sequence,
//!   bars, event log) and the [`live::Gateway`]s that hold clients' sockets.
//! - [`source`] is the only place that knows whether prices are live or recorded.
//! - [`lake`] writes what Feeds send to the Queue into object storage.
//! - [`inference`] computes forecasts with Candle from weights in static assets.

pub mod api;
mod assets;
mod config;
mod console;
mod error;
mod inference;
mod lake;
pub mod live;
pub mod source;

use worker::{Context, Env, MessageBatch, Request, Response, ScheduleContext, ScheduledEvent, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<Response> {
    api::handle(request, &env).await
}

/// Only pokes: the Scheduler's alarm works by itself, and Feeds score and
/// forecast by themselves while somebody listens.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if let Err(error) = live::scheduler::poke(&env).await {
        console::error(format_args!("cron: {error}"));
    }
    if let Err(error) = api::poke_feeds(&env).await {
        console::error(format_args!("cron: {error}"));
    }
}

/// Answers for every message by itself, so that the batch never fails.
#[event(queue)]
async fn queue(batch: MessageBatch<String>, env: Env, _context: Context) -> worker::Result<()> {
    lake::consume(&batch, &env).await;
    Ok(())
}
