//! Messages of the stream, both ways: what is read is written back as the same.

use tickwise_protocol::stream::{ClientMessage, ServerMessage};

use super::texts;

pub fn check(input: &[u8]) -> bool {
    let from_client = serde_json::from_slice::<ClientMessage>(input);
    if let Ok(message) = &from_client {
        let written = serde_json::to_vec(message).unwrap_or_default();
        assert_eq!(serde_json::from_slice::<ClientMessage>(&written).ok().as_ref(), Some(message));
    }
    let from_server = serde_json::from_slice::<ServerMessage>(input);
    if let Ok(message) = &from_server {
        let written = serde_json::to_vec(message).unwrap_or_default();
        let read = serde_json::from_slice::<ServerMessage>(&written).ok();
        // Twice, since a number may have had more digits than it can keep.
        let again = read.as_ref().and_then(|read| serde_json::to_vec(read).ok());
        assert_eq!(again.as_deref(), Some(&written[..]));
    }
    from_client.is_ok() || from_server.is_ok()
}

pub fn seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"type":"subscribe","symbols":["AAPL","BRK.B"],"since":{"AAPL":1042}}"#,
        r#"{"type":"unsubscribe","symbols":["AAPL"]}"#,
        r#"{"type":"ack","seqs":{"AAPL":1042,"IBM":18446744073709551615}}"#,
        r#"{"type":"quote","symbol":"AAPL","seq":1042,"price":575.04,"size":6982.0,"session_volume":1.0,"previous_close":1.0,"exchange_time_ms":1,"edge_time_ms":2,"simulated":true,"origin":{"mode":"replay","date":"2012-12-04","lap":0}}"#,
        r#"{"type":"bar","symbol":"AAPL","seq":1045,"interval":"1m","bar":{"time_ms":0,"open":1,"high":2,"low":1,"close":2,"volume":3},"simulated":true,"origin":{"mode":"live"}}"#,
        r#"{"type":"error","code":"unknown_symbol","detail":"no such symbol","symbol":"XX"}"#,
    ])
}
