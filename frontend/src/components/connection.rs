use leptos::prelude::*;
use tickwise_protocol::Origin;

use crate::format;

/// State of the connection to the edge.
#[derive(Clone, Debug, PartialEq)]
pub enum Connection {
    /// No answer yet.
    Connecting,
    /// Prices arrive.
    Streaming {
        /// Where they come from.
        origin: Origin,
        /// No price of it is real.
        simulated: bool,
        /// How often something was missing and was asked for again.
        gaps: u64,
    },
    /// Lost; the next attempt follows.
    Reconnecting {
        /// In so many seconds; 0 while it is under way.
        secs: u32,
    },
}

impl Connection {
    fn kind(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Streaming { origin: Origin::Live, simulated: false, .. } => "live",
            Self::Streaming { .. } => "replay",
            Self::Reconnecting { .. } => "reconnecting",
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Connecting => "Connecting…".into(),
            Self::Streaming { origin: Origin::Live, simulated: true, .. } => "Simulated vendor".into(),
            Self::Streaming { origin, .. } => format::origin(origin),
            Self::Reconnecting { secs: 0 } => "Reconnecting…".into(),
            Self::Reconnecting { secs } => format!("Reconnecting in {secs} s"),
        }
    }
}

/// Says how prices reach the page.
#[component]
pub fn ConnectionBadge(connection: RwSignal<Connection>) -> impl IntoView {
    let kind = Memo::new(move |_| connection.read().kind());
    let words = Memo::new(move |_| connection.read().words());
    let gaps =
        Memo::new(
            move |_| if let Connection::Streaming { gaps, .. } = &*connection.read() { *gaps } else { 0 },
        );
    view! {
        <span class="badge" role="status" data-testid="connection" data-state=kind data-gaps=gaps>
            <span class="dot" aria-hidden="true"></span>
            {words}
        </span>
    }
}
