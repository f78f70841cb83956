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
            Self::Streaming { origin: Origin::Replay { .. }, .. } => "replay",
            Self::Streaming { simulated: true, .. } => "simulated",
            Self::Streaming { origin: Origin::Live, .. } => "live",
            Self::Streaming { origin: Origin::Delayed { .. }, .. } => "delayed",
            Self::Streaming { origin: Origin::EndOfDay { .. }, .. } => "end-of-day",
            Self::Reconnecting { .. } => "reconnecting",
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Connecting => "Connecting…".into(),
            Self::Streaming { .. } if self.kind() == "simulated" => "Simulated vendor".into(),
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_badge_says_what_is_true() {
        let date = date(2012, 12, 4);
        let badge = |origin, simulated| {
            let connection = Connection::Streaming { origin, simulated, gaps: 0 };
            (connection.kind(), connection.words())
        };
        for (origin, simulated, kind, words) in [
            (Origin::Live, false, "live", "Live"),
            (Origin::Delayed { minutes: 15 }, false, "delayed", "Delayed by 15 minutes"),
            (Origin::EndOfDay { date }, false, "end-of-day", "Close of 2012-12-04"),
            (Origin::Live, true, "simulated", "Simulated vendor"),
            (Origin::Delayed { minutes: 15 }, true, "simulated", "Simulated vendor"),
            (Origin::EndOfDay { date }, true, "simulated", "Simulated vendor"),
            (Origin::Replay { date, lap: 0 }, true, "replay", "Replay of 2012-12-04"),
            (Origin::Replay { date, lap: 0 }, false, "replay", "Replay of 2012-12-04"),
        ] {
            assert_eq!(badge(origin, simulated), (kind, words.to_owned()));
        }
    }
}
