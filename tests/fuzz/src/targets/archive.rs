//! Segments of the archive: messages of the Queue, and keys of objects.

use tickwise_protocol::archive::Segment;

use super::texts;

pub fn check(input: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(input) else { return false };
    let named = Segment::from_key(text);
    if let Some(segment) = &named {
        assert_eq!(Segment::from_key(&segment.key()).as_ref(), Some(segment));
    }
    let message = Segment::parse_message(text);
    if let Ok((segment, lines)) = &message {
        let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
        assert_eq!(lines.len() as u64, segment.last - segment.first + 1, "an event is missing");
        assert!(segment.message(&lines).is_ok_and(|again| Segment::parse_message(&again).is_ok()));
    }
    named.is_some() || message.is_ok()
}

pub fn seeds() -> Vec<Vec<u8>> {
    texts([
        "raw/date=2012-09-04/symbol=AAPL/000000000001-000000000300.ndjson.gz",
        "bucket/prefix/raw/date=2012-09-04/symbol=BRK.B/7-18446744073709551615.ndjson.gz",
        "{\"symbol\":\"AAPL\",\"first\":7,\"last\":8,\"date\":\"2012-09-04\"}\n{\"seq\":7,\"messages\":[]}\n{\"seq\":8,\"messages\":[{}]}",
    ])
}
