//! Bodies of `POST /api/v1/alerts`: a condition that is accepted can be met.

use tickwise_protocol::{Origin, Quote, alerts::AlertRequest};

use super::texts;

pub fn check(input: &[u8]) -> bool {
    let Ok(request) = serde_json::from_slice::<AlertRequest>(input) else { return false };
    let Ok(watch) = request.condition.watch() else { return false };
    let quote = |price: f64| Quote {
        symbol: request.symbol.clone(),
        seq: 1,
        from_seq: None,
        price,
        size: 1.0,
        volume: 1.0,
        previous_close: Some(100.0),
        exchange_time_ms: 0,
        receive_time_ms: 0,
        simulated: true,
        origin: Origin::Live,
    };
    for price in [f64::MIN_POSITIVE, 100.0, f64::MAX] {
        assert!(watch.met_by(&quote(price)).is_none_or(f64::is_finite));
    }
    assert!(watch.crossed(None, None).is_none());
    true
}

pub fn seeds() -> Vec<Vec<u8>> {
    texts([
        r#"{"symbol":"IBM","condition":{"measure":"price","is":"above","value":200.5}}"#,
        r#"{"symbol":"AAPL","condition":{"measure":"day_change","is":"below","value":-3}}"#,
        r#"{"symbol":"BRK.B","condition":{"measure":"bollinger(20,2).upper","interval":"1d","is":"above","value":1e3}}"#,
        r#"{"symbol":"MSFT","condition":{"measure":"rsi(14)","interval":"5m","is":"below","value":30}}"#,
    ])
}
