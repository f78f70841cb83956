//! What a Feed is told: bodies of `POST /{symbol}/ingest`, a line each.

use tickwise_edge::live::{Ingest, LiveTape, Tape};
use tickwise_protocol::stream::ServerMessage;

use super::texts;

pub fn check(input: &[u8]) -> bool {
    let Ok(symbol) = "ACME".parse() else { return false };
    let mut tape = LiveTape::new(symbol, None, 0, Vec::new(), Vec::new());
    let told =
        input.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Ingest>(line).ok());
    for told in told.take(8) {
        let before = tape.seq();
        let done = tape.ingest(&told);
        for (expected, event) in (before + 1..).zip(&done.events) {
            assert_eq!(event.seq, expected, "a hole in the sequence");
            for message in &event.messages {
                if let ServerMessage::Quote(quote) = message {
                    assert!(quote.price.is_finite() && quote.price > 0.0, "{quote:?}");
                }
            }
        }
        let after = tape.seq();
        assert!(after >= before);
        assert!(tape.ingest(&told).events.is_empty(), "the same prices again are new events");
        assert_eq!(tape.seq(), after);
    }
    tape.seq() > 0
}

pub fn seeds() -> Vec<Vec<u8>> {
    texts([
        concat!(
            r#"{"origin":{"mode":"delayed","minutes":15},"received_ms":1893596400000,"quote":{"price":101.25,"volume":1234,"previous_close":100.5,"exchange_time_ms":1893596100000},"daily":[{"date":"2029-12-31","open":100,"high":102,"low":99,"close":100.5,"volume":1000},{"date":"2030-01-02","open":100,"high":102,"low":99,"close":101,"volume":1000,"adjusted_close":100.9}]}"#,
            "\n",
            r#"{"origin":{"mode":"live"},"received_ms":1893596460000,"quote":{"price":101.5,"volume":1300,"exchange_time_ms":1893596160000},"minutes":[{"time_ms":1893594600000,"open":101,"high":102,"low":100,"close":101,"volume":10}]}"#
        ),
        r#"{"origin":{"mode":"end_of_day","date":"2030-01-02"},"received_ms":1893628800000,"daily":[{"date":"2030-01-02","open":50,"high":51,"low":49,"close":50,"volume":2000,"split_ratio":2}]}"#,
    ])
}
