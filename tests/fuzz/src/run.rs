//! Runs a target over many inputs and keeps what breaks it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{Mutator, Target};

/// An input that a target does not survive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The input.
    pub input: Vec<u8>,
    /// What the target said.
    pub panic: String,
}

/// Feeds a target with `inputs` inputs and calls `progress` with how many are done, now and then.
///
/// # Errors
/// The first input that it does not survive.
pub fn run(
    target: &Target,
    inputs: u64,
    seed: u64,
    mut progress: impl FnMut(u64),
) -> Result<(), Box<Finding>> {
    let seeds = (target.seeds)();
    let mut mutator = Mutator::new(seed);
    let mut input = Vec::new();
    for done in 0..inputs {
        mutator.next(&seeds, &mut input);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.check)(&input))) {
            let text = panic.downcast_ref::<String>().cloned();
            let panic = text
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_default();
            return Err(Box::new(Finding { input, panic }));
        }
        if done % 1024 == 0 {
            progress(done);
        }
    }
    Ok(())
}
