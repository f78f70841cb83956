//! The short form of `cargo xtask soak`: every target survives some thousands of inputs.
#![allow(clippy::panic, reason = "tests may fail loudly")]

use tickwise_fuzz::{TARGETS, run};

const INPUTS: u64 = 20_000;

#[test]
fn every_target_survives() {
    for target in TARGETS {
        if let Err(finding) = run(&target, INPUTS, 1, |_| ()) {
            panic!("{}: {}\n{:?}", target.name, finding.panic, String::from_utf8_lossy(&finding.input));
        }
    }
}

#[test]
fn every_target_accepts_some_of_its_seeds() {
    for target in TARGETS {
        let accepted = (target.seeds)().iter().filter(|seed| (target.check)(seed)).count();
        assert!(accepted > 0, "{} refuses all of its seeds", target.name);
    }
}
