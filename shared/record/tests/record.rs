//! A record made by another program is read, and every kind of tampering is found.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use jiff::civil::Date;
use proptest::prelude::*;
use tickwise_protocol::Origin;
use tickwise_record::{Anchor, DayReturn, Entry, Hash, Record, naive_quantiles, rounded, verify};

/// Written by `golden/record.py`.
fn golden() -> Record {
    serde_json::from_str(include_str!("golden/record.json")).unwrap()
}

/// What is found after a change, as `number: field`.
fn found(change: impl FnOnce(&mut Record)) -> Vec<String> {
    let mut record = golden();
    change(&mut record);
    let place = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    verify(&record).into_iter().map(|fault| format!("{}: {}", place(fault.number), fault.field)).collect()
}

#[test]
fn another_programs_record_holds() {
    let record = golden();
    assert_eq!(verify(&record), []);
    let entries = record.entries.iter().map(|scored| scored.entry.clone()).collect();
    let again = Record::new(record.symbol.clone(), Anchor::default(), entries, 100);
    assert_eq!((again.head, again.live.forecasts, again.replayed.forecasts), (record.head, 2, 2));
    assert_eq!(verify(&again), []);
}

#[test]
fn a_record_is_told_in_words() {
    let words = "Of 2 scored forecasts for the next day 100 % fell inside 80 %; their loss is ";
    assert!(golden().to_string().starts_with(words), "{}", golden());
    let empty = Record::new("IBM".parse().unwrap(), Anchor::default(), Vec::new(), 0);
    assert_eq!(empty.to_string(), "No forecast of this symbol has been scored here yet.");
}

#[test]
fn the_newest_entries_hold_by_themselves() {
    for limit in 0..8 {
        let entries = golden().entries.into_iter().map(|scored| scored.entry).collect();
        let record = Record::new("IBM".parse().unwrap(), Anchor::default(), entries, limit);
        assert_eq!(record.entries.len(), limit);
        assert_eq!(verify(&record), [], "{limit}");
    }
}

#[test]
fn a_pruned_chain_holds_from_its_anchor() {
    let mut entries: Vec<Entry> = golden().entries.into_iter().map(|scored| scored.entry).collect();
    let pruned = entries.remove(0);
    let anchor = Anchor { number: pruned.number, hash: pruned.hash() };
    let mut record = Record::new("IBM".parse().unwrap(), anchor, entries, 100);
    assert_eq!(verify(&record), []);
    record.anchor.hash = Hash::ZERO;
    assert_eq!(verify(&record)[0].field, "previous");
}

#[test]
fn a_changed_quantile_is_found() {
    let found = found(|record| record.entries[1].entry.quantiles[0][3] += 1e-9);
    assert_eq!(found, ["2: hash", "2: outcomes[0].pinball", ": replayed"]);
}

#[test]
fn a_changed_quantile_with_its_hash_made_again_is_found_by_the_next_entry() {
    let found = found(|record| {
        record.entries[3].entry.quantiles[1][0] -= 0.01;
        record.entries[3].hash = record.entries[3].entry.hash();
    });
    assert_eq!(found, ["5: previous"]);
}

#[test]
fn a_removed_entry_is_found() {
    let found = found(|record| {
        record.entries.remove(3);
    });
    assert_eq!(&found[..2], ["5: number", "5: previous"]);
    let found = self::found(|record| {
        record.entries.pop();
    });
    assert_eq!(found[0], ": head");
}

#[test]
fn reordered_entries_are_found() {
    let found = found(|record| record.entries.swap(5, 6));
    assert_eq!(&found[..4], ["7: number", "7: previous", "6: number", "6: previous"]);
}

#[test]
fn a_changed_outcome_is_found() {
    let found = found(|record| record.entries[1].outcomes[1].realised = 0.0);
    assert_eq!(found, ["2: outcomes[1].realised"]);
    let found = self::found(|record| record.entries[1].outcomes[0].inside_90 ^= true);
    assert_eq!(found, ["2: outcomes[0]"]);
    let found = self::found(|record| record.replayed.horizons[0].inside_80 = 1.0);
    assert_eq!(found, [": replayed"]);
}

#[test]
fn an_outcome_left_out_and_an_excuse_made_up_are_found() {
    let found = found(|record| {
        record.entries[2].outcomes.pop();
        record.entries[1].excluded = record.entries[0].excluded;
    });
    assert_eq!(found, ["2: excluded", "3: outcomes"]);
}

#[test]
fn a_changed_close_is_found() {
    let found = found(|record| record.entries[3].entry.closes[0].log_return = 0.0);
    assert_eq!(found[0], "4: hash");
}

#[test]
fn closes_are_those_since_the_last_entry_of_the_run() {
    let golden = golden();
    let chain: Vec<Entry> = golden.entries[..3].iter().map(|scored| scored.entry.clone()).collect();
    let day = |day| DayReturn { date: Date::new(2012, 9, day).unwrap(), log_return: f64::from(day) };
    let days = [day(5), day(6), day(7), day(10)];
    let next = Entry { origin_date: Date::new(2012, 9, 10).unwrap(), ..chain[2].clone() };
    let entry = next.clone().after(&chain, (3, Hash::ZERO), &days);
    assert_eq!((entry.number, &entry.closes[..]), (4, &days[2..]));
    let other_lap = Entry { origin: Origin::Replay { date: Date::default(), lap: 1 }, ..next };
    assert_eq!(other_lap.after(&chain, (3, Hash::ZERO), &days).closes, []);
}

#[test]
fn naive_quantiles_are_those_of_past_returns() {
    let bars: Vec<_> = (0..=100)
        .map(|day| {
            let close = (f64::from(day) * 0.01).exp();
            tickwise_market::Bar { time_ms: 0, open: close, high: close, low: close, close, volume: 0.0 }
        })
        .collect();
    let rows = naive_quantiles(&bars, &[0.1, 0.5], 3);
    for (row, days) in rows.iter().zip(1..) {
        assert_eq!(row[..], [0.01 * f64::from(days); 2].map(rounded));
    }
    assert!(naive_quantiles(&bars[..2], &[0.5], 2)[1].is_empty());
}

fn day() -> impl Strategy<Value = Date> {
    (1_i16..9999, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        Just(Origin::Live),
        any::<u32>().prop_map(|minutes| Origin::Delayed { minutes }),
        day().prop_map(|date| Origin::EndOfDay { date }),
        (day(), any::<u64>()).prop_map(|(date, lap)| Origin::Replay { date, lap }),
    ]
}

fn rows() -> impl Strategy<Value = Vec<Vec<f64>>> {
    prop::collection::vec(prop::collection::vec((-1e3..1e3).prop_map(rounded), 0..8), 0..21)
}

prop_compose! {
    fn entry()(
        number in 1_u64..1 << 53, previous in any::<[u8; 32]>(), issued_ms in 0_i64..1 << 53, origin in origin(),
        origin_date in day(), origin_close in (0.01..1e5).prop_map(rounded), model in "[a-z0-9é-]{0,40}", in_sample in any::<bool>(),
        quantiles in rows(), naive in rows(),
        closes in prop::collection::vec((day(), (-1.0..1.0).prop_map(rounded)), 0..20),
    ) -> Entry {
        let closes = closes.into_iter().map(|(date, log_return)| DayReturn { date, log_return }).collect();
        Entry {
            number, previous: previous.into(), symbol: "BRK.B".parse().unwrap(), issued_ms, origin, origin_date,
            origin_close, model, in_sample, levels: vec![0.05, 0.5, 0.95], quantiles, naive, closes,
        }
    }
}

proptest! {
    #[test]
    fn bytes_and_json_read_back(entry in entry()) {
        let bytes = entry.to_bytes();
        prop_assert_eq!(&Entry::from_bytes(&bytes).unwrap(), &entry);
        let json = serde_json::to_string(&entry).unwrap();
        prop_assert_eq!(serde_json::from_str::<Entry>(&json).unwrap().to_bytes(), bytes);
    }

    #[test]
    fn damaged_bytes_are_refused_or_another_entry(entry in entry(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let bytes = entry.to_bytes();
        prop_assert!(Entry::from_bytes(&bytes[..at.index(bytes.len())]).is_err());
        let mut changed = bytes.clone();
        changed[at.index(bytes.len())] ^= 1u8 << bit;
        if let Ok(other) = Entry::from_bytes(&changed) {
            prop_assert_ne!(other.hash(), entry.hash());
        }
    }
}
