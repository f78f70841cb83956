//! Records of forecasts: stored entries, and what `tickwise verify-record` is given.

use tickwise_market::Symbol;
use tickwise_protocol::Origin;
use tickwise_record::{Anchor, DayReturn, Entry, Hash, Record, verify};

pub fn check(input: &[u8]) -> bool {
    let entry = Entry::from_bytes(input);
    if let Ok(entry) = &entry {
        assert_eq!(entry.to_bytes(), input, "one entry has one form, or its hash says nothing");
    }
    let record = serde_json::from_slice::<Record>(input);
    if let Ok(record) = &record {
        // Whatever it claims is checked, and nothing of it trusted.
        let _ = (verify(record), record.to_string());
    }
    entry.is_ok() || record.is_ok()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let Some(entry) = entry() else { return Vec::new() };
    let anchor = Anchor { number: 0, hash: Hash::ZERO };
    let record = Record::new(entry.symbol.clone(), anchor, vec![entry.clone()], 10);
    vec![entry.to_bytes(), serde_json::to_vec(&record).unwrap_or_default()]
}

fn entry() -> Option<Entry> {
    let symbol: Symbol = "IBM".parse().ok()?;
    Some(Entry {
        number: 1,
        previous: Hash::ZERO,
        symbol,
        issued_ms: 1_764_028_800_000,
        origin: Origin::EndOfDay { date: "2012-12-04".parse().ok()? },
        origin_date: "2012-12-04".parse().ok()?,
        origin_close: 189.36,
        model: "tickwise".into(),
        in_sample: false,
        levels: vec![0.1, 0.5, 0.9],
        quantiles: vec![vec![-0.01, 0.0, 0.01], vec![-0.02, 0.0, 0.02]],
        naive: vec![vec![-0.01, 0.0, 0.01], vec![-0.02, 0.0, 0.02]],
        closes: vec![DayReturn { date: "2012-12-03".parse().ok()?, log_return: -0.002 }],
    })
}
