//! Who watches a live symbol, told to whoever fetches its prices; and what its
//! market does, told to those who watch.

use std::cell::{Cell, RefCell};

use tickwise_protocol::{
    Origin,
    stream::{ServerMessage, SourceState},
};

use super::Feed;
use crate::{
    error::EdgeError,
    live::{
        now_ms,
        publication::{Subscribers, call},
        scheduler,
    },
};

/// Viewers are counted again after so long: well within the time for which the
/// Scheduler counts them.
pub const RENEW_MS: i64 = 120_000;

/// What was told last.
#[derive(Debug, Default)]
pub struct Watching {
    reported_ms: Cell<i64>,
    viewers: Cell<u32>,
    /// How often somebody has joined.
    joins: Cell<u64>,
    state: RefCell<Option<(SourceState, Origin)>>,
}

impl Feed {
    /// Somebody has joined. The Scheduler hears of it, unless it has just heard of others.
    pub(super) async fn watched(&self) -> Result<(), EdgeError> {
        let Watching { reported_ms, viewers, joins, .. } = &self.watching;
        joins.set(joins.get() + 1);
        if self.is_live()? && (viewers.get() == 0 || reported_ms.get() + RENEW_MS < now_ms()) {
            self.report(viewers.get().max(1)).await;
        }
        Ok(())
    }

    /// Counts the viewers again when it is time, and tells them when the market has
    /// opened or closed.
    pub(super) async fn renew_watch(&self) -> Result<(), EdgeError> {
        if self.is_live()? {
            self.announce_state()?;
            if self.watching.reported_ms.get() + RENEW_MS / 2 < now_ms() {
                let viewers = self.count_viewers().await?;
                self.report(viewers).await;
            }
        }
        Ok(())
    }

    /// Tells of an opening or a closing that new prices show.
    pub(super) fn announce_state(&self) -> Result<(), EdgeError> {
        let status = self.status()?;
        let now = Some((status.state, status.origin.clone()));
        if *self.watching.state.borrow() == now {
            return Ok(());
        }
        self.watching.state.replace(now);
        let notice = serde_json::to_string(&ServerMessage::Status(status))?;
        self.publish(&[], &[notice.into()])
    }

    async fn count_viewers(&self) -> Result<u32, EdgeError> {
        let symbol = self.with_tape(|tape| tape.symbol().clone())?;
        let namespace = self.env.durable_object("GATEWAY")?;
        let mut viewers = 0;
        for gateway in self.log()?.gateways()? {
            let stub = namespace.id_from_name(&gateway)?.get_stub()?;
            let counted = async {
                let mut response = call(&stub, "/count", &symbol).await?;
                Ok::<Subscribers, EdgeError>(response.json().await?)
            };
            let joins = self.watching.joins.get();
            match counted.await {
                // Unless somebody has come meanwhile.
                Ok(Subscribers { subscribers: 0 }) if joins == self.watching.joins.get() => {
                    self.log()?.remove_gateway(&gateway)?;
                }
                Ok(Subscribers { subscribers }) => viewers += u32::try_from(subscribers).unwrap_or(u32::MAX),
                Err(error) => {
                    crate::console::warn(format_args!("counting the sockets of {gateway}: {error}"))
                }
            }
        }
        Ok(viewers)
    }

    /// A Scheduler that cannot be reached is told with the next count.
    async fn report(&self, viewers: u32) {
        let told = async {
            let symbol = self.with_tape(|tape| tape.symbol().clone())?;
            scheduler::watch(&self.env, &symbol, viewers).await
        };
        match told.await {
            Ok(()) => {
                self.watching.reported_ms.set(now_ms());
                self.watching.viewers.set(viewers);
            }
            Err(error) => {
                crate::console::warn(format_args!("the Scheduler does not hear of viewers: {error}"))
            }
        }
    }
}
