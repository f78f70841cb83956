//! Quotes published by a load generator: `/bench/publish` with `TICKWISE_BENCH=1`.

use std::rc::Rc;

use serde::Deserialize;
use tickwise_protocol::{Origin, Quote};

use super::{
    ingest::{Ingest, SourceQuote},
    publication::Frames,
};

/// What a load generator publishes, one in a text message. Whatever else the
/// message holds is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Published {
    /// When it was sent, in milliseconds since 1970 by the generator's clock.
    /// Clients get it in the quote.
    pub ts: f64,
    /// Price.
    #[serde(alias = "b")]
    pub price: f64,
}

impl Published {
    /// The quote after `last` as a live source would tell it.
    pub fn ingest(&self, last: Option<&Quote>, received_ms: i64) -> Ingest {
        let (last_ms, volume) = last.map_or((0, 0.0), |quote| (quote.exchange_time_ms, quote.volume));
        let quote = SourceQuote {
            price: self.price,
            volume: Some(volume + 1.0),
            previous_close: None,
            exchange_time_ms: (self.ts as i64).max(last_ms + 1),
            day: None,
        };
        Ingest {
            origin: Origin::Live,
            received_ms,
            clock_ahead_ms: 0,
            simulated: false,
            quote: Some(quote),
            daily: Vec::new(),
            minutes: Vec::new(),
        }
    }

    /// Adds `ts` to the quote, which is the last text of its event.
    pub fn stamp(&self, frames: &mut [Rc<Frames>]) {
        for frames in frames.iter_mut().filter_map(Rc::get_mut) {
            if let Some(text) = frames.texts.last_mut().filter(|text| text.ends_with('}')) {
                text.pop();
                text.push_str(&format!(",\"ts\":{}}}", self.ts));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn what_load_generators_send_becomes_the_next_quote() {
        let text = r#"{"t":"q","s":"AAPL","seq":7,"ts":1764028800000.125,"b":101.5,"a":101.6,"pad":"xx"}"#;
        let published: Published = serde_json::from_str(text).unwrap();
        let quote = published.ingest(None, 5).quote.unwrap();
        assert_eq!(
            (quote.price, quote.volume, quote.exchange_time_ms),
            (101.5, Some(1.0), 1_764_028_800_000)
        );
        let texts = vec!["bar".to_owned(), r#"{"type":"quote"}"#.to_owned()];
        let mut frames = [Rc::new(Frames { seq: 1, texts })];
        published.stamp(&mut frames);
        assert_eq!(frames[0].texts, ["bar", r#"{"type":"quote","ts":1764028800000.125}"#]);
        assert!(serde_json::from_str::<Published>(r#"{"b":1}"#).is_err());
    }
}
