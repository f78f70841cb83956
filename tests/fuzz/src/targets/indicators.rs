//! Specifications as text, and stored states: JSON, then bars for whatever was read.

use tickwise_indicators::{AnyIndicator, REGISTRY, Saved, Spec};
use tickwise_market::Bar;

pub fn check(input: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(input) else { return false };
    let spec = text.parse::<Spec>();
    if let Ok(spec) = &spec {
        assert_eq!(spec.to_string().parse::<Spec>().as_ref(), Ok(spec), "{text:?}");
        feed(&mut AnyIndicator::new(spec));
    }
    let mut saved = serde_json::from_str::<Saved>(text);
    if let Ok(saved) = &mut saved {
        feed(saved.state_mut());
    }
    spec.is_ok() || saved.is_ok()
}

fn feed(indicator: &mut AnyIndicator) {
    for i in 0..40_u8 {
        let close = 100.0 + f64::from(i % 7);
        let bar = Bar {
            time_ms: 1_346_763_600_000 + i64::from(i) * 86_400_000,
            open: 100.0,
            high: close + 1.0,
            low: 99.0,
            close,
            volume: f64::from(i) * 10.0,
        };
        indicator.update(&bar);
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let named = REGISTRY.iter().filter_map(|entry| entry.name.parse::<Spec>().ok());
    named
        .flat_map(|spec| {
            let mut saved = Saved::new(spec.clone());
            feed(saved.state_mut());
            [spec.to_string().into_bytes(), serde_json::to_vec(&saved).unwrap_or_default()]
        })
        .collect()
}
